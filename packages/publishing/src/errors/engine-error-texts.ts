const count = (lines: readonly string[], what: string): string => `${lines.length} ${what}${lines.length === 1 ? '' : 's'}`;

/** Plan, ledger and order of a publish, whatever the destinations are. */
export const engineErrorTexts = {
  PUBLISH_CONFLICT: (a: { version: string; conflicts: readonly { name: string; destination: string; expected: string; actual: string }[] }) => ({
    message: `Other bytes stand under ${count(
      a.conflicts.map(({ name }) => name),
      'name',
    )} of ${a.version}; nothing was sent anywhere`,
    details: a.conflicts.flatMap(({ name, destination, expected, actual }) => [
      `\`${name}\` at ${destination}`,
      `  expected sha256 ${expected}`,
      `  actual ${actual}`,
    ]),
    fix: 'release a new version; or leave that destination out with `--skip=<id> --skipReason=<why>`, if what stands there is right',
  }),
  PUBLISH_EXTRA: (a: { destination: string; version: string; names: readonly string[] }) => ({
    message: `Files that are not of this release stand under ${a.version} at ${a.destination}`,
    details: a.names.map((name) => `extra \`${name}\``),
    fix: 'remove them there, or release a new version; nothing was made visible',
  }),
  PUBLISH_PREFLIGHT: (a: { lines: readonly string[] }) => ({
    message: 'Not everything is ready; nothing was sent anywhere',
    details: a.lines,
    fix: 'mend what is listed and run it again',
  }),
  PUBLISH_LEDGER_OTHER: (a: { place: string; destination: string; expected: string; actual: string }) => ({
    message: `The ledger of ${a.destination} tells of other files than those that are published now`,
    details: [`expected plan ${a.expected}`, `actual plan ${a.actual}`, `ledger ${a.place}`],
    fix: 'release a new version; or, if nothing of the other files is public, begin a new ledger with `--resume=false`: the old one is kept beside it',
  }),
  PUBLISH_LEDGER_DAMAGED: (a: { place: string; line: number }) => ({
    message: `Line ${a.line} of the ledger \`${a.place}\` is no record`,
    fix: `move \`${a.place}\` away and run it again: what stands at the destination decides then`,
  }),
  PUBLISH_TAKEN_BACK: (a: { destination: string; version: string; shown: string }) => ({
    message: `${a.version} was taken back from ${a.destination} and is not published again`,
    details: [a.shown],
    fix: 'release a new version',
  }),
  PUBLISH_GONE: (a: { destination: string; place: string; late: readonly { name: string; at: string }[] }) => ({
    message: `${a.destination} confirmed files that it does not show any more; they are not sent again`,
    details: [...a.late.map(({ name, at }) => `\`${name}\`, taken at ${at}`), `ledger ${a.place}`],
    fix: 'if the destination is slow, run it again later; if they were removed there and shall stand there again, run it with `--resume=false`, which sends them',
  }),
  PUBLISH_UNANSWERED: (a: { id: string; action: string; said: string }) => ({
    message: `${a.id} was to ${a.action} and said neither yes nor no (${a.said})`,
    fix: 'run it again: what it did is found there and not done twice',
  }),
  PUBLISH_NOT_STORED: (a: { name: string; destination: string; attempts: number; reason: string; remedies: readonly string[] }) => ({
    message: `\`${a.name}\` could not be sent to ${a.destination}, tried ${a.attempts} times`,
    details: [a.reason, ...a.remedies],
    fix: 'run it again when the destination answers: what arrived is not sent twice',
  }),
  PUBLISH_VERIFY: (a: { name: string; destination: string; expected: string; actual: string }) => ({
    message: `\`${a.name}\` stands at ${a.destination} with other bytes than were sent; pointers and drafts were not touched`,
    details: [`expected sha256 ${a.expected}`, `actual ${a.actual}`],
    fix: 'find out who else writes there, then release a new version',
  }),
};

import { hasToSend, provesByUpload, type PlannedDestination, type PublishPlan } from './publish-plan';

const HEAD = ['file', 'bytes', 'sha256', 'destination', 'state'] as const;
const SHOWN_DIGITS = 12;

/** The plan as lines for people: a table, what does not go where, what is left out. */
export function planLines({ destinations, skipped }: PublishPlan): readonly string[] {
  const rows = destinations.flatMap(({ id, rows: files }) =>
    files.map(({ name, size, sha256, state }) =>
      state === 'unknown'
        ? [name, '?', '?', id, 'not made yet']
        : [name, String(size), sha256.slice(0, SHOWN_DIGITS), id, state === 'unasked' ? 'not asked' : state],
    ),
  );
  return [
    ...destinations.map(({ id, title, rows: files }) => `to ${id}: ${title}, ${files.length} ${files.length === 1 ? 'file' : 'files'}`),
    ...(rows.length === 0 ? [] : tableOf([[...HEAD], ...rows])),
    ...destinations.filter((plan) => plan.rights === 'hidden-write' && hasToSend(plan)).map(hiddenLine),
    ...(destinations.length < 2 ? [] : destinations.filter(provesByUpload).map(firstLine)),
    ...destinations.flatMap(reasonsOf),
    ...skipped.map(({ id, reason }) => `skipped ${id}: ${reason}`),
  ];
}

const hiddenLine = ({ id }: PlannedDestination): string =>
  `before ${id}: it is written to out of sight, which shows whether its credential may write`;

const firstLine = ({ id }: PlannedDestination): string =>
  `first ${id}: only an upload shows whether its credential may write, so nothing goes anywhere else before it took a file`;

const reasonsOf = ({ id, rows, left }: PlannedDestination): readonly string[] => [
  ...rows.flatMap(({ name, state, reason }) => (reason === undefined ? [] : [`${state} \`${name}\` at ${id}: ${reason}`])),
  ...left.map(({ name, reason }) => `not to ${id}: \`${name}\` (${reason})`),
];

function tableOf(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}

import { defineCatalog } from '@waybill/core';

export const releaseErrors = defineCatalog({
  CHECKSUM_NOTHING: (a: { target: string; records: readonly string[] }) => ({
    message: `\`${a.target}\` has nothing to sum: no target before it recorded a file that ships`,
    details: [a.records.length === 0 ? 'actual no records' : `actual the records of ${a.records.join(', ')}`],
    fix: 'let it depend on the targets that make what ships: `"dependsOn": ["sign-linux"]`',
  }),
  CHECKSUM_CHANGED: (a: { name: string; run: string; expected: string; actual: string }) => ({
    message: `\`${a.name}\` changed after \`${a.run}\` recorded it`,
    details: [`expected sha256 ${a.expected}`, `actual sha256 ${a.actual}`],
    fix: `run \`nx run ${a.run} --skipNxCache\` again, with nothing else writing to its folder`,
  }),
  CHECKSUM_NAME_TWICE: (a: { name: string; one: string; other: string }) => ({
    message: `Two files of the release would be called \`${a.name}\`, for systems that know no case at least`,
    details: [`one by ${a.one}`, `the other by ${a.other}`],
    fix: 'give one of them another name: the option `name` of its target, or `fileName` and `releaseFileName` of checksum',
  }),
  CHECKSUM_FILE_NAME: (a: { option: string; template: string; token: string; known: readonly string[] }) => ({
    message: `The option \`${a.option}\` holds the unknown token \`{${a.token}}\``,
    details: [`expected only ${a.known.map((token) => `\`{${token}}\``).join(', ')}`, `actual \`${a.template}\``],
    fix: `correct it, or leave \`${a.option}\` out`,
  }),
  CHECKSUM_ORDER: (a: { target: string; stage: string; before: string; problem: string }) => ({
    message: `\`${a.target}\` (${a.stage}) stands where the order of a release does not let it: ${a.problem}`,
    details: [`expected ${a.stage} before ${a.before}`, `actual ${a.stage} behind it`],
    fix: `correct \`dependsOn\` of the targets, so that ${a.stage} comes before ${a.before}`,
  }),
  CHECKSUM_SDIST: (a: { name: string; target: string; madeFrom: readonly string[]; sdists: readonly { name: string; sha256: string }[] }) => ({
    message: `\`${a.name}\` of \`${a.target}\` was made from another sdist than the one that ships`,
    details: [...a.sdists.map(({ name, sha256 }) => `expected sha256:${sha256} (\`${name}\`)`), `actual ${a.madeFrom.join(', ') || 'none'}`],
    fix: `run \`nx run ${a.target}\` again where the sdist that ships is: all machines take it from one, or build the same commit with \`reproducible: enforce\``,
  }),
  CHECKSUM_SIGNATURE_STALE: (a: { name: string; of: string; run: string }) => ({
    message: `The signature \`${a.name}\` is over other bytes than the \`${a.of}\` that ships`,
    fix: `run \`nx run ${a.run}\` again, behind everything that changes \`${a.of}\``,
  }),
  CHECKSUM_MANIFEST_STALE: (a: { name: string; of: string; run: string }) => ({
    message: `The manifest \`${a.name}\` is of other bytes than the \`${a.of}\` that ships`,
    fix: `let nothing change \`${a.of}\` behind \`${a.run}\`, or let what changes it write the manifest again`,
  }),
  CHECKSUM_PROOF_FAILED: (a: { run: string; verdict: string }) => ({
    message: `The proof \`${a.run}\` did not pass`,
    details: ['expected verdict `passed`', `actual verdict \`${a.verdict}\``],
    fix: `run \`nx run ${a.run}\` again and mend what it finds`,
  }),
  CHECKSUM_UNPROVED: (a: { name: string; proofs: readonly string[] }) => ({
    message: `\`${a.name}\` ships, but no proof tested these bytes`,
    details: [`the proofs before it tested others: ${a.proofs.join(', ')}`],
    fix: 'let the proof run behind the last target that changes the archive (`smoke-signed-…`), and let checksum depend on it',
  }),
  CHECKSUM_PROOF_WEAK: (a: { problems: readonly string[] }) => ({
    message: 'The proof of an application is weaker than this target asks',
    details: a.problems,
    fix: 'let `smoke-…` run all its checks with the isolation that is asked; ask for less with `proof` (for a platform that nothing here can start: `staticOnly`); or give a reason, `"allowUnproved": "<reason>"`',
  }),
  CHECKSUM_PLATFORM_MISSING: (a: { target: string; missing: readonly string[]; dependsOn: readonly string[] }) => ({
    message: `\`${a.target}\` would sum a release from which ${a.missing.join(', ')} ${a.missing.length === 1 ? 'is' : 'are'} missing`,
    details: a.missing.map((chain) => `expected a file that ships from the chain of \`${chain}\``),
    fix: `add the last target of each chain to \`dependsOn\` of \`${a.target}\`, or remove the chain from the project`,
  }),
  CHECKSUM_VERSION: (a: { target: string; expected: string; actual: string }) => ({
    message: `\`${a.target}\` recorded another version than the one that is released`,
    details: [`expected ${a.expected}`, `actual ${a.actual}`],
    fix: `run \`nx run ${a.target}\` again with the version that is released; records of several machines must be of one commit`,
  }),
});

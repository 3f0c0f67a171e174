import { defineCatalog } from '@waybill/core';

const list = (items: readonly string[]): string => items.map((item) => `\`${item}\``).join(', ');
const inputLines = (lines: readonly string[]): string => lines.map((line) => `\`${line}\``).join(' and ');

/** Codes of the kit: options, versions, the graph, records of other targets, the run itself. */
export const pluginKitErrors = defineCatalog({
  OPTION_INVALID: (a: { target: string; problems: readonly string[]; of: 'executor' | 'generator' }) => ({
    message: a.problems.length === 1 ? `An option of \`${a.target}\` is wrong` : `${a.problems.length} options of \`${a.target}\` are wrong`,
    details: a.problems,
    fix: `correct ${a.problems.length === 1 ? 'it' : 'them'} ${a.of === 'generator' ? '' : 'in project.json or '}on the command line; \`nx ${a.of === 'generator' ? 'g' : 'run'} ${a.target} --help\` lists all options`,
  }),
  OPTION_UNKNOWN: (a: { target: string; names: readonly string[]; problems: readonly string[]; of: 'executor' | 'generator' }) => ({
    message: `\`${a.target}\` has no option ${list(a.names)}`,
    details: a.problems,
    fix: `remove or correct ${list(a.names)}; \`nx ${a.of === 'generator' ? 'g' : 'run'} ${a.target} --help\` lists all options`,
  }),
  VERSION_MISSING: (a: { project: string; looked: readonly string[] }) => ({
    message: `Project \`${a.project}\` has no version`,
    details: [`expected a version in one of ${list(a.looked)}, or a git tag at HEAD`, 'actual none'],
    fix: 'add `version` to the project’s manifest, or give `--releaseVersion=1.4.0`',
  }),
  VERSION_DISAGREES: (a: { one: string; oneVersion: string; other: string; otherVersion: string }) => ({
    message: `\`${a.one}\` and \`${a.other}\` name different versions`,
    details: [`\`${a.one}\` says ${a.oneVersion}`, `\`${a.other}\` says ${a.otherVersion}`],
    fix: `set the same version in both, or give \`--releaseVersion=${a.oneVersion}\``,
  }),
  VERSION_DYNAMIC: (a: { path: string }) => ({
    message: `\`${a.path}\` leaves the version to its build backend, and nothing here says which one it is`,
    details: [
      'expected a version in a file that the backend reads, in PKG-INFO of an unpacked sdist, or a git tag at HEAD',
      'actual none: the backend would make one up (`0.1.dev1+g…`)',
    ],
    fix: 'tag the commit (`git tag v1.4.0`; in CI fetch tags), or give `--releaseVersion=1.4.0`, or name a variable that holds it: `--versionEnv=VERSION`',
  }),
  VERSION_FOREIGN: (a: { path: string; expected: string; actual: string }) => ({
    message: `\`${a.path}\` is that of another project`,
    details: [`expected \`${a.expected}\`, as the manifest names the project`, `actual \`${a.actual}\``],
    fix: `remove \`${a.path}\`, or correct the name in the manifest: build tools take the version from there`,
  }),
  GRAPH_GIT_OWNER: (a: { folder: string }) => ({
    message: 'git does not read this repository, because its folder belongs to another user',
    fix: `give the folder to the user who runs this, or in a container: \`git config --global --add safe.directory ${a.folder}\``,
  }),
  GRAPH_MANIFEST: (a: { path: string; reason: string }) => ({
    message: `\`${a.path}\` cannot be read, so nobody knows what the project needs: ${a.reason}`,
    fix: `correct \`${a.path}\``,
  }),
  VERSION_MANIFEST: (a: { path: string; reason: string }) => ({
    message: `\`${a.path}\` holds no version that can be read: ${a.reason}`,
    fix: `correct \`${a.path}\`, or give \`--releaseVersion=1.4.0\``,
  }),
  VERSION_TAGS: (a: { project: string; tags: readonly string[] }) => ({
    message: `Several git tags at HEAD name a version of \`${a.project}\``,
    details: ['expected one', `actual ${list(a.tags)}`],
    fix: 'give the one that is meant: `--releaseVersion=1.4.0`',
  }),
  OPTION_SOURCE_DATE: (a: { value: string; reason: string }) => ({
    message: `The variable SOURCE_DATE_EPOCH cannot date an artifact: ${a.reason}`,
    details: ['expected seconds since 1970, from 315532800 (1980-01-01) to 4294967295', `actual \`${a.value}\``],
    fix: 'set it to a whole number, such as `SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)`, or unset it',
  }),
  OPTION_SOURCE_COMMIT: (a: { project: string; reason: string; fix: string }) => ({
    message: `The newest commit of \`${a.project}\` cannot be told: ${a.reason}`,
    fix: a.fix,
  }),
  GRAPH_DEPENDENCY_UNKNOWN: (a: { owner: string; dependency: string; file: string; reason: string; near: readonly string[] }) => ({
    message: `\`${a.owner}\` depends on \`${a.dependency}\`, but ${a.reason}`,
    details: a.near.length > 0 ? [`there are ${list(a.near)}`] : [],
    fix: `correct \`dependsOn\` of that target in \`${a.file}\`: Nx ignores the line without a word`,
  }),
  GRAPH_INPUT_UNDECLARED: (a: { target: string; option: string; path: string; reason: string; fix: string }) => ({
    message: `\`${a.path}\` (option \`${a.option}\`) is no input of \`${a.target}\`: ${a.reason}`,
    details: ['expected that a change of the file runs the target again', 'actual the result would come from the cache'],
    fix: a.fix,
  }),
  GRAPH_DRY_RUN_INPUT: (a: { target: string; lines: readonly string[] }) => ({
    message: `\`${a.target}\` is cached, but a dry run and a real run of it have the same hash`,
    details: [`expected ${inputLines(a.lines)} among its inputs`, 'actual missing: a dry run would be replayed as if it were real'],
    fix: `add ${inputLines(a.lines)} to the \`inputs\` of the target, or of its executor in \`targetDefaults\` (nx.json)`,
  }),
  GRAPH_OUTPUTS: (a: { target: string; line: string }) => ({
    message: `\`${a.target}\` is cached, but its outputs do not hold the folder that it writes`,
    details: [`expected \`${a.line}\` among its outputs`, 'actual missing: a cache hit would restore nothing'],
    fix: `add \`"outputs": ["${a.line}"]\` to the target in project.json`,
  }),
  GRAPH_CACHED_EFFECT: (a: { target: string; stage: string }) => ({
    message: `\`${a.target}\` must not be cached: stage \`${a.stage}\` has to do its work in every run`,
    fix: 'set `"cache": false` on the target',
  }),
  GRAPH_TOOL_FINGERPRINT: (a: { target: string; problems: readonly string[]; fix: string }) => ({
    message: `The hash of \`${a.target}\` does not know the tools that it uses`,
    details: a.problems,
    fix: a.fix,
  }),
  GRAPH_DRY_RUN_UNHOOKED: (a: { target: string }) => ({
    message: `\`${a.target}\` is to run dry, but nothing made the whole run dry`,
    details: [
      'expected the plugin `@waybill/release` to have set WAYBILL_DRY_RUN for this run',
      'actual it did not: targets before this one may have run for real',
    ],
    fix: 'add `"@waybill/release"` to `plugins` in nx.json, and ask for the dry run with `--dry-run` (the daemon of Nx 22 does not pass NX_DRY_RUN on)',
  }),
  GRAPH_BATCH_ENV: (a: { target: string; files: readonly string[] }) => ({
    message: `\`${a.target}\` has variables in files that Nx does not load for a batch: ${list(a.files)}`,
    fix: 'run it without `--batch` (`--batch=false`; take `NX_BATCH_MODE` out of the environment), or put the variables into `.env` of the workspace',
  }),
  GRAPH_HOST: (a: { target: string; wanted: string; here: string; run: string; project: string }) => ({
    message: `\`${a.target}\` works for the machine that it runs on, and this one is another`,
    details: [`expected ${a.wanted}`, `actual ${a.here}`],
    fix: `run \`npx nx run ${a.run}\` on ${a.wanted}, bring the folders \`dist\` of all machines together, and there run \`npx nx run-many -t checksum,sign-checksums,publish -p ${a.project} --excludeTaskDependencies --skipNxCache\`; \`npx nx g @waybill/release:ci-workflow\` writes that for CI`,
  }),
  GRAPH_CONTEXT: (a: { missing: string }) => ({
    message: `Nx called the executor without \`${a.missing}\``,
    fix: 'run the target through Nx: `nx run <project>:<target>`',
  }),
  RECORD_MISSING: (a: { path: string; run: string; by: string; others: readonly string[] }) => ({
    message: `\`${a.by}\` needs the record of \`${a.run}\`, and \`${a.path}\` is not there`,
    details: a.others.length === 0 ? [] : [`missing too: ${a.others.map((other) => `\`${other}\``).join(', ')}`],
    fix: `run \`nx run ${a.run}\` first; if it says that it came from the cache, run it with \`--skipNxCache\``,
  }),
  RECORD_DIGEST: (a: { path: string; run: string; expected: string; actual: string }) => ({
    message: `\`${a.path}\` is not what \`${a.run}\` recorded`,
    details: [`expected ${a.expected}`, `actual ${a.actual}`],
    fix: `run \`nx run ${a.run} --skipNxCache\` again`,
  }),
  RECORD_OWNER: (a: { path: string; run: string; actual: string }) => ({
    message: `\`${a.path}\` is the record of another target`,
    details: [`expected the record of \`${a.run}\``, `actual that of \`${a.actual}\``],
    fix: `run \`nx run ${a.run} --skipNxCache\` again`,
  }),
  RECORD_CONFLICT: (a: { name: string; one: string; other: string }) => ({
    message: `\`${a.one}\` and \`${a.other}\` both recorded \`${a.name}\`, with different bytes`,
    fix: 'give one of them another `name`, or let the later target depend on the earlier one',
  }),
  RECORD_RESULT: (a: { target: string; reason: string }) => ({
    message: `\`${a.target}\` recorded an artifact that it did not write: ${a.reason}`,
    fix: 'this is a fault of the plugin that runs this stage: report it with `report.json`',
  }),
  FILE_SYSTEM: (a: { reason: string; path: string; call: string; fix: string }) => ({
    message: a.path === '' ? `The system refused \`${a.call}\`: ${a.reason}` : `The system refused \`${a.call}\` on \`${a.path}\`: ${a.reason}`,
    fix: a.fix,
  }),
  PROCESS_TIMEOUT_STAGE: (a: { target: string; timeoutMs: number; step: string }) => ({
    message: `\`${a.target}\` took longer than ${a.timeoutMs} ms and was stopped`,
    details: [`it was busy with: ${a.step}`, 'nothing was written; running again is safe'],
    fix: `give it more time: \`--timeoutMs=${a.timeoutMs * 2}\``,
  }),
  PROCESS_INTERNAL: (a: { target: string; reason: string }) => ({
    message: `\`${a.target}\` failed in a way that Waybill did not foresee: ${a.reason}`,
    fix: 'report it with `report.json` and the output of the run with `NX_VERBOSE_LOGGING=true`: this is a fault of Waybill',
  }),
});

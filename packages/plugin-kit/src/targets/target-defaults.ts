import { STAGES, type StageRow } from '@waybill/artifacts';
import { FINGERPRINT_COMMAND } from '../fingerprint/check-fingerprint';
import { DRY_RUN_VARIABLES } from '../inputs/check-cache-settings';
import type { NxInput } from '../nx-context';

/** Files in the root that say which interpreter and tools are meant: pyenv's and uv's, asdf's, mise's, rustup's. */
const PINS = ['.python-version', '.tool-versions', 'mise.toml', 'mise.lock', 'rust-toolchain', 'rust-toolchain.toml'] as const;

/**
 * What the inputs of a project in the workspace's root leave out: files of CI, and the lock files of npm, yarn and pnpm, which are the workspace's there. In
 * a folder of its own a project has a lock file because its build installs from it: another one makes other bytes. Nx knows no pattern that says
 * so: `{workspaceRoot}` takes nothing out of the files of a project.
 */
export const exclusionsIn = (projectRoot: string): readonly string[] =>
  projectRoot === '.' ? ['!{projectRoot}/{.github,.gitlab}/**/*', '!{projectRoot}/{.gitlab-ci.yml,package-lock.json,yarn.lock,pnpm-lock.yaml}'] : [];

/**
 * Named inputs of nx.json: what bundles are made from, what sdists and wheels are made from, and the tools of the workspace: one fingerprint of
 * those that are there, and the files that pin them, which alone can tell `affected` of a change between two commits.
 * An sdist may hold any file of its project, documents and tests too, and its README is its description: `waybillDistribution` leaves out
 * caches and environments alone. What a change of a file that is not packaged costs is one build, with the same record: nothing behind it runs.
 * A wheel alone holds neither documents nor tests, but still its README: `waybillWheel`.
 */
export const NAMED_INPUTS: Readonly<Record<string, readonly NxInput[]>> = {
  waybillSources: [
    '{projectRoot}/**/*',
    '!{projectRoot}/**/*.md',
    '!{projectRoot}/{tests,test,docs}/**/*',
    '!{projectRoot}/**/{test_*,*_test,conftest}.py',
    '!{projectRoot}/**/.venv/**/*',
    '!{projectRoot}/**/__pycache__/**/*',
  ],
  waybillDistribution: ['{projectRoot}/**/*', '!{projectRoot}/**/.venv/**/*', '!{projectRoot}/**/__pycache__/**/*'],
  waybillWheel: ['{projectRoot}/**/*', '!{projectRoot}/{tests,test,docs}/**/*', '!{projectRoot}/**/.venv/**/*', '!{projectRoot}/**/__pycache__/**/*'],
  waybillTools: [
    { runtime: FINGERPRINT_COMMAND },
    ...['SOURCE_DATE_EPOCH', 'PYO3_PYTHON', 'MACOSX_DEPLOYMENT_TARGET'].map((env) => ({ env })),
    ...PINS.map((file) => `{workspaceRoot}/${file}`),
  ],
};

/** The only files that later stages read of earlier ones: a rebuild that gives the same record runs nothing behind it. */
export const RECORDS: NxInput = { dependentTasksOutputFiles: '**/artifacts.json', transitive: true };

/** Without a word about packages of npm Nx hashes all of them, and an update of any selects the target. */
export const NO_PACKAGES: NxInput = { externalDependencies: [] };

/** `cache` and `inputs` of a target, as they stand in `targetDefaults` under its executor. `outputs` cannot: Nx has no token for the target's name. */
export interface TargetDefault {
  cache: boolean;
  inputs: readonly NxInput[];
  parallelism?: boolean;
}

/** `targetDefaults` of nx.json, by executor, as `init` writes them. Where two stages share an executor, the one that is cached counts. */
export function targetDefaults(): Readonly<Record<string, TargetDefault>> {
  const rows = STAGES.filter(({ executor }) => executor.startsWith('@waybill/'));
  const firsts = rows.filter((row, index) => rows.findIndex(({ executor }) => executor === row.executor) === index);
  return Object.fromEntries(firsts.map((row) => [row.executor, defaultsOf(row)]));
}

const OWN_SOURCES: Readonly<Record<string, string>> = { 'build-wheel': 'waybillDistribution' };

/**
 * Defaults of one stage: what other projects make comes by record, so that their sources are no inputs: a comment there, in a file that no wheel
 * holds, builds that wheel again and runs nothing behind it. A file of another project that a target reads itself (a binary that an option names, a
 * crate of the same Cargo workspace) must stand among its own inputs: `GRAPH_INPUT_UNDECLARED`. Also for a target that is not cached although its executor's default is (`smoke-signed`). */
export function defaultsOf(row: StageRow): TargetDefault {
  const sources: readonly NxInput[] = row.reads === 'sources' ? [OWN_SOURCES[row.stage] ?? 'waybillSources'] : [];
  const records: readonly NxInput[] = row.reads === 'nothing' ? [] : [RECORDS];
  const kept: readonly NxInput[] = row.cache ? ['waybillTools', ...DRY_RUN_VARIABLES.map((env) => ({ env }))] : [];
  const plugin: NxInput = { externalDependencies: [row.executor.split(':')[0]!] };
  return { cache: row.cache, inputs: [...sources, ...records, ...kept, plugin], ...(row.effect === 'remote' && { parallelism: false }) };
}

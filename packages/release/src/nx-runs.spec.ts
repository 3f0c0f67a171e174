import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { WORKSPACE } from './testing/small-plugin';
import { buildPackages, createNxWorkspace, type NxWorkspace } from './testing/nx-workspace';

const PKG = 'dist/apps/a/pkg/a-pkg.txt';
const CHK = 'dist/apps/a/chk/a-chk.txt';
const SMOKE = 'dist/apps/a/smoke/a-smoke.txt';
const STATIC = '--output-style=static';

type DryRun = readonly [args: readonly string[], variables: Readonly<Record<string, string>>];

/** Spellings on one command: the hook gets the words of the command line, whoever calls it, so one process is enough to show each of them. */
const SPELLINGS: readonly DryRun[] = [
  [['run', 'a:smoke', '--dry-run=true'], {}],
  [['run', 'a:smoke', '--', '--dry-run'], {}],
  [['smoke', 'a', '--dryRun=true'], {}],
];

/** Commands, each of which gives the words and variables to the hook in its own way, in its own process and through the daemon. */
const COMMANDS: readonly DryRun[] = [
  [['run', 'a:smoke', '-d'], {}],
  [['run-many', '-t', 'smoke', '-p', 'a', '--dry-run'], {}],
  [['affected', '-t', 'smoke', '--files=apps/a/source.txt', '--dry-run', 'true'], {}],
  [['affected', '-t', 'smoke', '--files=apps/a/source.txt'], { NX_DRY_RUN: '1' }],
  [['release', 'publish', '--dry-run'], {}],
];

const runFolders = (): string[] => readdirSync(tmpdir()).filter((name) => /^waybill-dry-run-\d{6,}-/.test(name));

/** The sequences that were once seen to go wrong, with the real Nx, in a workspace of its own. */
describe.each([
  ['without', false],
  ['with', true],
])('real runs of Nx %s the daemon', (_, daemon) => {
  let workspace: NxWorkspace;
  let version = 1;
  const edit = (): string => {
    version += 1;
    workspace.write({ 'apps/a/source.txt': `v${version}` });
    return `v${version}`;
  };
  const nx = async (args: readonly string[], variables: Readonly<Record<string, string>> = {}): ReturnType<NxWorkspace['nx']> => {
    const [first, ...rest] = args;
    return workspace.nx([first!, STATIC, ...rest], variables);
  };
  const real = async (...args: string[]): ReturnType<NxWorkspace['nx']> => {
    const run = await nx(args);
    expect(run).toMatchObject({ exitCode: 0, output: expect.not.stringContaining('dry run of') });
    return run;
  };

  beforeAll(async () => {
    if (!daemon) await buildPackages();
    workspace = createNxWorkspace(WORKSPACE, daemon);
  });
  afterAll(() => workspace.close());

  it('a dry run poisons nothing: the real run after it runs', async () => {
    const dry = daemon ? await nx(['run', 'a:pkg', '--dry-run']) : await nx(['run', 'a:pkg'], { NX_DRY_RUN: 'true' });
    expect(dry.output).toContain('dry run of a:pkg');
    expect(workspace.exists('dist')).toBe(false);
    expect((await real('run', 'a:pkg')).hits).toEqual([]);
    expect(workspace.read(PKG)).toBe('v1');
  });

  it('a dry run never puts an old result into dist, and what real runs made is kept', async () => {
    await nx(['run', 'a:pkg', '--dry-run']);
    const now = edit();
    await real('run', 'a:pkg');
    workspace.write({ 'apps/a/source.txt': 'v1' });
    const dry = await nx(['run', 'a:pkg', '--dry-run']);
    expect({ hits: dry.hits, dist: workspace.read(PKG) }).toEqual({ hits: [], dist: now });
    const again = await real('run', 'a:pkg');
    expect({ hits: again.hits, dist: workspace.read(PKG) }).toEqual({ hits: ['a:pkg'], dist: 'v1' });
  });

  it('a dry run of the last target makes the whole chain dry, with planned records between', async () => {
    edit();
    workspace.remove('dist');
    const before = runFolders();
    const { exitCode, output } = await nx(['run', 'a:chk', '--dryRun']);
    for (const target of ['a:pkg', 'a:smoke', 'a:chk']) expect(output).toContain(`dry run of ${target}`);
    expect(output).toContain('a-pkg.txt=00000000');
    expect({ exitCode, dist: workspace.exists('dist'), left: runFolders().filter((name) => !before.includes(name)) }).toEqual({
      exitCode: 0,
      dist: false,
      left: [],
    });
  });

  it('a manifest that was edited after a dry run by variable does not keep the next run dry', async () => {
    await nx(['run', 'a:pkg'], { NX_DRY_RUN: 'true' });
    // The daemon starts the plugin anew for it, with the variables of the command before.
    workspace.write({ 'apps/a/project.json': `${workspace.read('apps/a/project.json')} ` });
    await real('run', 'a:pkg');
    expect(workspace.read(PKG)).toBe(`v${version}`);
  });

  describe('every spelling and every command', () => {
    let now: string;
    beforeAll(() => {
      now = edit();
      workspace.remove('dist');
    });

    it.each(daemon ? COMMANDS : [...SPELLINGS, ...COMMANDS])('%j %j makes the chain dry', async (args, variables) => {
      const { exitCode, hits, output } = await nx(args, variables);
      const dry = ['a:pkg', 'a:smoke'].filter((target) => output.includes(`dry run of ${target}`));
      expect({ exitCode, dry, hits, dist: workspace.exists('dist') }).toEqual({ exitCode: 0, dry: ['a:pkg', 'a:smoke'], hits: [], dist: false });
    });

    it('leaves nothing that the real run after it hits', async () => {
      expect((await real('run', 'a:smoke')).hits).toEqual([]);
      expect(workspace.read(PKG)).toBe(now);
    });
  });

  if (daemon) return;

  it('a hit brings everything back after dist is gone, and what is unchanged runs nothing behind it', async () => {
    await real('run', 'a:chk');
    const [pkg, smoke, chk] = [PKG, SMOKE, CHK].map((path) => workspace.read(path));
    workspace.remove('dist');
    const { hits } = await real('run', 'a:chk');
    expect([...hits].sort()).toEqual(['a:pkg', 'a:smoke']);
    expect([PKG, SMOKE, CHK].map((path) => workspace.read(path))).toEqual([pkg, smoke, chk]);
    workspace.write({ 'apps/a/other.txt': 'no part of the result' });
    expect((await real('run', 'a:smoke')).hits).toEqual(['a:smoke']);
  });

  it('where whole projects are selected, a change of documents executes nothing that may be cached', async () => {
    await real('run', 'a:release');
    const run = await nx(['affected', '-t', 'release', '--files=apps/a/README.md'], { NX_LEGACY_AFFECTED: 'true' });
    expect({ exitCode: run.exitCode, hits: [...run.hits].sort() }).toEqual({ exitCode: 0, hits: ['a:pkg', 'a:smoke'] });
    const control = await nx(['affected', '-t', 'release', '--files=README.md'], { NX_LEGACY_AFFECTED: 'true' });
    expect(control).toMatchObject({ exitCode: 0, hits: [], output: expect.stringContaining('No tasks were run') });
  });

  it('a change of another project that its wheel does not hold builds that wheel again, and nothing behind it', async () => {
    await real('run', 'app:pkg');
    workspace.write({ 'apps/d/notes.txt': 'in no wheel' });
    expect([...(await real('run', 'app:pkg')).hits].sort()).toEqual(['app:pkg', 'c:wheel']);
    workspace.write({ 'apps/c/source.txt': 'v2' });
    expect((await real('run', 'app:pkg')).hits).toEqual(['d:wheel']);
  });

  it('a target that is not cached sees changed records even without its dependencies', async () => {
    await real('run', 'a:chk');
    const before = workspace.read(CHK);
    edit();
    await real('run', 'a:pkg');
    await real('run', 'a:smoke', '--excludeTaskDependencies', '--skipNxCache');
    await real('run', 'a:chk', '--excludeTaskDependencies');
    expect(workspace.read(CHK)).not.toBe(before);
  });

  it('finds bytes that are not the recorded ones, and a record that is gone', async () => {
    await real('run', 'a:chk');
    workspace.write({ [PKG]: 'xx' });
    const changed = await nx(['run', 'a:chk', '--excludeTaskDependencies']);
    expect(changed).toMatchObject({
      exitCode: 1,
      output: expect.stringMatching(/RECORD_DIGEST `dist\/apps\/a\/pkg\/a-pkg\.txt`[\s\S]*fix: run `nx run a:pkg --skipNxCache` again/),
    });
    workspace.remove('dist/apps/a/pkg');
    const gone = await nx(['run', 'a:chk', '--excludeTaskDependencies']);
    expect(gone.output).toMatch(/RECORD_MISSING[\s\S]*`nx run a:pkg`/);
  });

  it('a spelling that says no is real', async () => {
    expect((await nx(['run', 'a:pkg', '--dry-run=false'], { NX_DRY_RUN: 'true' })).output).not.toContain('dry run of');
  });

  it('hits are found whether a stale value is inherited or not', async () => {
    await real('run', 'a:pkg');
    const { hits, output } = await nx(['run', 'a:pkg'], { WAYBILL_DRY_RUN: '/tmp/waybill-dry-run-of-yesterday' });
    expect({ hits, dry: output.includes('dry run of') }).toEqual({ hits: ['a:pkg'], dry: false });
  });

  it('without the plugin a dry run fails, and is not kept', async () => {
    const config = JSON.parse(workspace.read('nx.json')) as object;
    workspace.write({ 'nx.json': { ...config, plugins: [] } });
    edit();
    const unhooked = await nx(['run', 'a:pkg'], { NX_DRY_RUN: 'true' });
    expect(unhooked).toMatchObject({ exitCode: 1, output: expect.stringContaining('GRAPH_DRY_RUN_UNHOOKED') });
    workspace.write({ 'nx.json': config });
  });

  it('a misspelt dependsOn fails; Nx would have ignored it', async () => {
    expect((await nx(['run', 'a:misspelt'])).output).toMatch(/GRAPH_DEPENDENCY_UNKNOWN `a:misspelt` depends on `pgk`[\s\S]*there are `pkg`/);
  });

  it('`^wheel` reaches through a project without it, and past the first that has it', async () => {
    const { output } = await real('run', 'app:chk');
    expect(output).toContain('wrote app-chk.txt: d-wheel.txt=');
    expect(output).toContain('c-wheel.txt=');
  });

  it('an unknown option is refused', async () => {
    expect((await nx(['run', 'a:pkg', '--colour=red'])).exitCode).toBe(1);
  });
});

import { stageRow } from '@waybill/artifacts';
import { FINGERPRINT_COMMAND } from '../fingerprint/check-fingerprint';
import type { NxContext, NxInput, NxNode, NxTarget } from '../nx-context';
import { NAMED_INPUTS } from '../targets/target-defaults';
import { checkCacheSettings } from './check-cache-settings';
import { checkHashedVariables } from './check-hashed-variables';
import { commitDateInput, commitPathspecs } from './commit-pathspecs';
import { checkOptionFiles } from './check-option-files';
import { expandInputs, ownerOf } from './expand-inputs';
import { matchFilesets } from './match-filesets';
import { insideInputs, projectsInside } from './projects-inside';

const id = { project: 'app', target: 'package-linux' };
const DRY: readonly NxInput[] = [{ env: 'NX_DRY_RUN' }, { env: 'WAYBILL_DRY_RUN' }];

/** app (apps/app) with a nested project (apps/app/plugin), depending on lib (libs/lib) and, through it, base. */
function contextOf(target: Partial<NxTarget>, named: Readonly<Record<string, readonly NxInput[]>> = NAMED_INPUTS, native: NxTarget = {}): NxContext {
  const node = (name: string, root: string, targets: Readonly<Record<string, NxTarget>> = {}): NxNode => ({ name, data: { root, targets } });
  const own: NxTarget = {
    executor: '@waybill/bundle:package-dist',
    cache: true,
    outputs: ['{workspaceRoot}/dist/{projectRoot}/package-linux'],
    ...target,
  };
  return {
    root: '/workspace',
    ...{ projectName: id.project, targetName: id.target },
    nxJsonConfiguration: { namedInputs: named },
    projectGraph: {
      nodes: {
        app: node('app', 'apps/app', { 'package-linux': own, native, fetch: { outputs: ['{projectRoot}/fetched'] } }),
        plugin: node('plugin', 'apps/app/plugin'),
        lib: node('lib', 'libs/lib'),
        base: node('base', 'libs/base'),
        other: node('other', 'libs/other'),
      },
      dependencies: { app: [{ target: 'lib' }], lib: [{ target: 'base' }] },
    },
  };
}

describe('expandInputs', () => {
  it('writes named inputs out as Nx does', () => {
    const named = { default: ['{projectRoot}/**/*'], production: ['default', '!{projectRoot}/x', { env: 'A' }], round: ['round', 'y'] };
    const inputs = [
      'production',
      '^production',
      '^{projectRoot}/z',
      { input: 'production', dependencies: true },
      { input: 'default', projects: 'lib' },
      { fileset: 'f', dependencies: true },
      { fileset: 'g' },
      { runtime: 'node -v' },
      { dependentTasksOutputFiles: '**/a', transitive: true },
      'round',
    ];
    expect(expandInputs(inputs, named)).toEqual({
      own: ['{projectRoot}/**/*', '!{projectRoot}/x', 'g', 'round', 'y'],
      ofDependencies: [{ named: 'production' }, { fileset: '{projectRoot}/z' }, { named: 'production' }, { fileset: 'f' }],
      ofProjects: [{ projects: ['lib'], named: 'default' }],
      outputsOfDependencies: [{ glob: '**/a', transitive: true }],
      env: ['A'],
      runtime: ['node -v'],
    });
  });

  it('takes what Nx takes when a target has none', () => {
    expect(expandInputs(undefined, { default: ['{projectRoot}/**/*'] })).toMatchObject({
      own: ['{projectRoot}/**/*'],
      ofDependencies: [{ named: 'default' }],
    });
  });

  it('gives a file to the project with the longest root', () => {
    const { projectGraph } = contextOf({});
    expect(['apps/app/x', 'apps/app/plugin/x', 'apps/application/x', 'x'].map((path) => ownerOf(projectGraph, path))).toEqual([
      'app',
      'plugin',
      undefined,
      undefined,
    ]);
    const withRoot = { ...projectGraph, nodes: { ...projectGraph.nodes, root: { name: 'root', data: { root: '.' } } } };
    expect(ownerOf(withRoot, 'x')).toBe('root');
  });
});

describe('matchFilesets', () => {
  it.each<[string[], string, boolean, boolean]>([
    [['{projectRoot}/**/*'], 'apps/app/a/b.txt', true, true],
    [['{projectRoot}/**/*'], 'apps/app/a/b.txt', false, false],
    [['{projectRoot}/**/*', '!{projectRoot}/a/**'], 'apps/app/a/b.txt', true, false],
    [['!{projectRoot}/a/**', '{projectRoot}/**/*'], 'apps/app/a/b.txt', true, false],
    [['{projectRoot}/a'], 'apps/app/a/b.txt', true, true],
    [['{projectRoot}/*.txt'], 'apps/app/a/b.txt', true, false],
    [['{projectRoot}/.config'], 'apps/app/.config', true, true],
    [['{workspaceRoot}/apps/app/a/b.txt'], 'apps/app/a/b.txt', false, true],
    [['{workspaceRoot}/**/*.txt'], 'apps/app/a/b.txt', false, true],
    [['{projectRoot}'], 'apps/app/a/b.txt', true, true],
    [[], 'apps/app/a/b.txt', true, false],
  ])('%p hold %s (own file: %p): %p', (filesets, path, belongs, expected) => {
    expect(matchFilesets(filesets, path, 'apps/app', belongs)).toBe(expected);
  });

  it('reads {projectRoot} of a root project', () => {
    expect(matchFilesets(['{projectRoot}/src/**'], 'src/x', '.', true)).toBe(true);
  });
});

describe('checkOptionFiles', () => {
  const check = (context: NxContext, path: string, ignored = false): void => checkOptionFiles(context, id, [{ option: 'binary', path, ignored }]);
  const native: NxTarget = {
    executor: 'nx:run-commands',
    outputs: ['{workspaceRoot}/target/release', '{options.report}', '!{workspaceRoot}/target/release/deps'],
    options: { report: 'reports/r.txt' },
    dependsOn: ['fetch'],
  };
  const built = { dependsOn: ['native'], inputs: [{ dependentTasksOutputFiles: '**/release/*' }, { dependentTasksOutputFiles: 'reports/**' }] };

  it.each<[string, Partial<NxTarget>, string]>([
    ['a source of the project', { inputs: ['waybillSources'] }, 'apps/app/requirements.txt'],
    ['a source, with Nx’s own default', {}, 'apps/app/requirements.txt'],
    ['a file of the workspace', { inputs: ['{workspaceRoot}/requirements.txt'] }, 'requirements.txt'],
    ['a file of a project that it depends on', { inputs: ['^waybillSources'] }, 'libs/lib/x.py'],
    ['a file of a project farther down', { inputs: [{ fileset: '{projectRoot}/**/*', dependencies: true }] }, 'libs/base/x.py'],
    ['a file of a project that an input names', { inputs: [{ input: 'waybillSources', projects: ['other'] }] }, 'libs/other/x.py'],
    ['a folder', { inputs: ['{projectRoot}/assets/**/*'] }, 'apps/app/assets/any/file'],
  ])('is content with %s', (_, target, path) => {
    expect(() => check(contextOf(target), path)).not.toThrow();
  });

  it.each([['target/release/pychat'], ['reports/r.txt']])('is content with the ignored output %s of a target before', (path) => {
    expect(() => check(contextOf(built, NAMED_INPUTS, native), path, true)).not.toThrow();
  });

  it.each<[string, Partial<NxTarget>, string, boolean, string]>([
    ['what named inputs leave out', { inputs: ['waybillSources'] }, 'apps/app/README.md', false, '`"{projectRoot}/README.md"`'],
    ['a file of a nested project', { inputs: ['waybillSources'] }, 'apps/app/plugin/x.py', false, '`"{workspaceRoot}/apps/app/plugin/x.py"`'],
    ['a file of the workspace', { inputs: ['waybillSources'] }, 'requirements.txt', false, '`"{workspaceRoot}/requirements.txt"`'],
    ['a file of a project that is no dependency', { inputs: ['^waybillSources'] }, 'libs/other/x.py', false, '`"{workspaceRoot}/libs/other/x.py"`'],
    ['part of a folder', { inputs: ['{projectRoot}/assets/*.png'] }, 'apps/app/assets/any/file', false, '{projectRoot}/assets/any/file'],
    [
      'an ignored file that nobody makes',
      { inputs: ['{workspaceRoot}/**/*'] },
      'target/release/pychat',
      true,
      'let the target depend on the one that makes the file',
    ],
    [
      'an output that the inputs leave out',
      { dependsOn: ['native'], inputs: ['{workspaceRoot}/**/*'] },
      'target/release/pychat',
      true,
      '{"dependentTasksOutputFiles":"target/release/pychat","transitive":true}',
    ],
    ['an output that is excluded', built, 'target/release/deps/x', true, 'let the target depend'],
    [
      'an output of a target farther away',
      { ...built, inputs: [{ dependentTasksOutputFiles: '**/*' }] },
      'apps/app/fetched/x',
      true,
      '"transitive":true',
    ],
    ['a path out of the workspace', { inputs: ['{workspaceRoot}/**/*'] }, '/tmp/x.tgz', false, '"cache": false'],
    ['a path upwards', { inputs: ['{workspaceRoot}/**/*'] }, '../x.tgz', false, '"cache": false'],
  ])('refuses %s, with what to do', (_, target, path, ignored, fix) => {
    expect(() => check(contextOf(target, NAMED_INPUTS, native), path, ignored)).toThrow(
      expect.objectContaining({
        code: 'GRAPH_INPUT_UNDECLARED',
        message: expect.stringContaining(`\`${path}\` (option \`binary\`)`),
        fix: expect.stringContaining(fix),
      }),
    );
  });

  it('finds an output farther away when the input says so', () => {
    const far = { ...built, inputs: [{ dependentTasksOutputFiles: '**/*', transitive: true }] };
    expect(() => check(contextOf(far, NAMED_INPUTS, native), 'apps/app/fetched/x', true)).not.toThrow();
  });

  it('lets a command tell of a file outside of the workspace', () => {
    const runtime = (path: string): Partial<NxTarget> => ({ inputs: [{ runtime: `${FINGERPRINT_COMMAND} ${path}` }] });
    const checkRuntime = (target: Partial<NxTarget>): void =>
      checkOptionFiles(contextOf(target), id, [{ option: 'runtime.path', path: '/opt/python', ignored: false }]);
    expect(() => checkRuntime(runtime('/opt/python'))).not.toThrow();
    expect(() => checkRuntime(runtime('/opt/python3'))).toThrow(
      expect.objectContaining({ code: 'GRAPH_INPUT_UNDECLARED', fix: expect.stringContaining(`{"runtime":"${FINGERPRINT_COMMAND} /opt/python"}`) }),
    );
  });

  it('tells of a folder by its own name, and of all that may be in it', () => {
    const checkFolder = (inputs: readonly NxInput[], folder: string): void =>
      checkOptionFiles(contextOf({ inputs }), id, [{ option: 'runtime.path', path: `${folder}/any/file`, ignored: false, folder }]);
    expect(() => checkFolder([], 'vendor/wheels')).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('`vendor/wheels` (option'),
        fix: 'add `"{workspaceRoot}/vendor/wheels/**/*"` to the `inputs` of the target',
      }),
    );
    expect(() => checkFolder(['{workspaceRoot}/vendor/wheels/**/*'], 'vendor/wheels')).not.toThrow();
    expect(() => checkFolder([{ runtime: `${FINGERPRINT_COMMAND} /opt/python` }], '/opt/python')).not.toThrow();
  });

  it('lets a target that is not cached read any file of the machine', () => {
    expect(() => check(contextOf({ cache: false, inputs: [] }), '/tmp/x.tgz')).not.toThrow();
  });
});

describe('checkCacheSettings', () => {
  const row = stageRow('package');

  it('is content with what init writes, and with anything that is not cached', () => {
    expect(() => checkCacheSettings(contextOf({ inputs: DRY }), id, row)).not.toThrow();
    expect(() => checkCacheSettings(contextOf({ inputs: DRY, outputs: ['{workspaceRoot}/dist/{projectRoot}'] }), id, row)).not.toThrow();
    expect(() => checkCacheSettings(contextOf({ cache: false, outputs: [] }), id, row)).not.toThrow();
  });

  it.each<[string, Partial<NxTarget>, string, string]>([
    ['no dry-run variable', { inputs: ['default'] }, 'GRAPH_DRY_RUN_INPUT', '`{"env":"NX_DRY_RUN"}` and `{"env":"WAYBILL_DRY_RUN"}`'],
    ['one of the two', { inputs: [DRY[0]!] }, 'GRAPH_DRY_RUN_INPUT', '`{"env":"WAYBILL_DRY_RUN"}`'],
    ['no inputs at all', {}, 'GRAPH_DRY_RUN_INPUT', 'NX_DRY_RUN'],
    ['no outputs', { inputs: DRY, outputs: [] }, 'GRAPH_OUTPUTS', '{workspaceRoot}/dist/{projectRoot}/package-linux'],
    [
      'the token that Nx does not have',
      { inputs: DRY, outputs: ['{workspaceRoot}/dist/{projectRoot}/{targetName}'] },
      'GRAPH_OUTPUTS',
      'package-linux',
    ],
    ['outputs of another target', { inputs: DRY, outputs: ['{workspaceRoot}/dist/{projectRoot}/package'] }, 'GRAPH_OUTPUTS', 'package-linux'],
  ])('refuses %s', (_, target, code, fix) => {
    expect(() => checkCacheSettings(contextOf(target), id, row)).toThrow(expect.objectContaining({ code, fix: expect.stringContaining(fix) }));
  });

  it('refuses to keep what has to be done in each run', () => {
    expect(() => checkCacheSettings(contextOf({ inputs: DRY }), id, stageRow('sign'))).toThrow(
      expect.objectContaining({ code: 'GRAPH_CACHED_EFFECT' }),
    );
  });
});

describe('checkHashedVariables', () => {
  const check = (target: Partial<NxTarget>, options: object, variables: Record<string, string> = {}): void =>
    checkHashedVariables(contextOf(target), id, { sourceDate: 'constant', ...options }, variables);

  it.each<[string, object, Record<string, string>, object]>([
    ['a variable that an option names', { versionEnv: 'VERSION' }, {}, { env: 'VERSION' }],
    ['one that is named deeper', { runtime: { urlEnv: 'CPYTHON_URL' } }, {}, { env: 'CPYTHON_URL' }],
    ['one that tools may see', { passEnv: ['CC'] }, {}, { env: 'CC' }],
    ['SOURCE_DATE_EPOCH', {}, { SOURCE_DATE_EPOCH: '1700000000' }, { env: 'SOURCE_DATE_EPOCH' }],
    ['the date of the commit', { sourceDate: 'commit' }, {}, { runtime: commitDateInput(['apps/app']) }],
  ])('wants %s in the hash', (_, options, variables, line) => {
    expect(() => check({ inputs: [] }, options, variables)).toThrow(
      expect.objectContaining({ code: 'GRAPH_INPUT_UNDECLARED', fix: expect.stringContaining(JSON.stringify(line)) }),
    );
    expect(() => check({ inputs: [line as NxInput] }, options, variables)).not.toThrow();
    expect(() => check({ cache: false, inputs: [] }, options, variables)).not.toThrow();
  });

  it('takes the files that are inputs for what a commit must touch, wherever they are', () => {
    const specs = (inputs: readonly NxInput[]): readonly string[] => commitPathspecs(contextOf({ inputs }, NAMED_INPUTS), id);
    expect(specs(['waybillDistribution', { runtime: 'x' }])).toEqual(['apps/app']);
    expect(specs(['{projectRoot}/src/**/*.py', '!{projectRoot}/{a,b}/**/*', '{workspaceRoot}/README.md'])).toEqual([
      ':(glob)apps/app/src/**/*.py',
      ':(exclude,glob)apps/app/a/**/*',
      ':(exclude,glob)apps/app/b/**/*',
      'README.md',
    ]);
    expect(specs([{ env: 'X' }])).toEqual(['apps/app']);
    expect(commitDateInput(['apps/app', ':(exclude,glob)apps/app/**/*.md'])).toBe(
      'git log -1 --format=%ct -- apps/app ":(exclude,glob)apps/app/**/*.md"',
    );
  });

  it('asks for nothing that has no effect', () => {
    expect(() => check({ inputs: [] }, { passEnv: [], name: 'x' }, { SOURCE_DATE_EPOCH: '' })).not.toThrow();
  });
});

describe('projects inside of a project', () => {
  it('are those with a root in its folder, the deepest first', () => {
    const context = contextOf({});
    expect(projectsInside(context.projectGraph, 'app')).toEqual([{ project: 'plugin', root: 'apps/app/plugin' }]);
    expect(projectsInside(context.projectGraph, 'lib')).toEqual([]);
    const nodes = { ...context.projectGraph.nodes, root: { name: 'root', data: { root: '.' } } };
    const all = projectsInside({ ...context.projectGraph, nodes }, 'root').map(({ project }) => project);
    expect(all).toEqual(['plugin', 'libs/other', 'libs/base', 'apps/app', 'libs/lib'].map((path) => path.replace(/.*\//, '')));
  });

  it.each<[string, NxInput[], boolean]>([
    ['all files of the project', ['{projectRoot}/**/*'], false],
    ['no word', ['waybillSources', '^waybillSources'], false],
    ['the folder', ['{workspaceRoot}/apps/app/plugin/**/*'], true],
    ['the file', ['{workspaceRoot}/apps/app/plugin/x.py'], true],
    ['another file', ['{workspaceRoot}/apps/app/plugin/y.py'], false],
    ['the project', [{ input: 'default', projects: 'plugin' }], true],
  ])('count where the inputs name them: %s', (_what, inputs, isInput) => {
    expect(insideInputs(contextOf({ inputs }), id)('apps/app/plugin/x.py')).toBe(isInput);
    expect(insideInputs(contextOf({ inputs }), id)('apps/app/src/x.py')).toBe(true);
  });
});

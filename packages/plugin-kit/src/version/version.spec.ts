import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanEnvironment, createProcesses, type Processes } from '@waybill/core';
import { commitPathspecs } from '../inputs/commit-pathspecs';
import { NAMED_INPUTS } from '../targets/target-defaults';
import { writeFiles } from '../testing/build-workspace';
import { fakeProcesses } from '../testing/fake-processes';
import { readVersion } from './read-version';
import { readHead, tagForms, tagsAtHead } from './release-tags';
import { runGit, type Git } from './run-git';
import { CONSTANT_EPOCH, sourceDateEpoch } from './source-date';

let root: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'waybill-version-')));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const gitOf = (processes: Processes): Git => ({ processes, workspaceRoot: root, environment: cleanEnvironment(process.env, []) });
const noGit = (): Git => gitOf(fakeProcesses());

/** The real git, with a name and no settings of this machine. */
/** Seconds since 1970 of the next commit. */
let dated = 1_700_000_000;
afterEach(() => {
  dated = 1_700_000_000;
});

async function git(...args: string[]): Promise<void> {
  const identity = {
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.org',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.org',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
  };
  const env = { ...cleanEnvironment(process.env, []), ...identity, GIT_AUTHOR_DATE: `${dated} +0000`, GIT_COMMITTER_DATE: `${dated} +0000` };
  const { exitCode, stderr } = await createProcesses().run({ file: 'git', args: ['-C', root, ...args], env, timeoutMs: 20_000 });
  if (exitCode !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
}

type Options = { releaseVersion?: string; versionEnv?: string };

async function read(
  files: Record<string, string>,
  options: Options = {},
  variables: Record<string, string> = {},
  from: Git = noGit(),
): Promise<string> {
  await writeFiles(root, files);
  return readVersion({ projectRoot: 'apps/app', projectName: 'app', options, tagForms: tagForms(['app'], 'v{version}'), variables, git: from });
}

const pyproject = (text: string): Record<string, string> => ({ 'apps/app/pyproject.toml': text });
const cargo = (text: string): Record<string, string> => ({ 'apps/app/Cargo.toml': text });
const DYNAMIC = '[project]\nname = "my-app"\ndynamic = ["version"]';
const info = (name: string, version: string): Record<string, string> => ({
  'apps/app/PKG-INFO': `Metadata-Version: 2.4\nName: ${name}\nVersion: ${version}\n\nVersion: 9.9.9\n`,
});
const packageJson = (value: object): Record<string, string> => ({ 'apps/app/package.json': JSON.stringify(value) });

describe('readVersion', () => {
  it.each<[string, Record<string, string>, string]>([
    ['pyproject.toml', pyproject('[project]\nname = "app"\nversion = "1.4.0-rc.1"'), '1.4.0rc1'],
    ['Poetry', pyproject('[tool.poetry]\nversion = "1.4.0"'), '1.4.0'],
    [
      'Poetry 2, which calls it dynamic',
      pyproject(
        '[build-system]\nbuild-backend = "poetry.core.masonry.api"\n[project]\nname = "app"\ndynamic = ["version"]\n[tool.poetry]\nversion = "1.4.0"',
      ),
      '1.4.0',
    ],
    ['Cargo.toml', cargo('[package]\nversion = "1.4.0-beta.2"'), '1.4.0b2'],
    ['a workspace of Cargo', { ...cargo('[package]\nversion.workspace = true'), 'Cargo.toml': '[workspace.package]\nversion = "2.0.0"' }, '2.0.0'],
    [
      'a workspace of Cargo that is named',
      {
        ...cargo('[package]\nversion = { workspace = true }\nworkspace = "../../rust"'),
        'rust/Cargo.toml': '[workspace.package]\nversion = "2.1.0"',
        'Cargo.toml': '[workspace.package]\nversion = "9.9.9"',
      },
      '2.1.0',
    ],
    ['package.json', packageJson({ version: '1.4.0-dev.3' }), '1.4.0.dev3'],
    ['setup.cfg', { 'apps/app/setup.cfg': '[metadata]\nversion = 1.4.0' }, '1.4.0'],
    [
      'what a backend reads from a file',
      {
        ...pyproject('[build-system]\nbuild-backend = "hatchling.build"\n[project]\ndynamic = ["version"]\n[tool.hatch.version]\npath = "v.py"'),
        'apps/app/v.py': '__version__ = "1.4.0"',
      },
      '1.4.0',
    ],
    ['two that agree', { ...pyproject('[project]\nversion = "1.4.0rc1"'), ...cargo('[package]\nversion = "1.4.0-rc.1"') }, '1.4.0rc1'],
    ['two that agree but for zeros', { ...pyproject('[project]\nversion = "1.4"'), ...packageJson({ version: '1.4.0' }) }, '1.4'],
    ['Cargo.toml when a backend makes it', { ...pyproject('[project]\ndynamic = ["version"]'), ...cargo('[package]\nversion = "1.4.0"') }, '1.4.0'],
    ['PKG-INFO when only the backend knows it', { ...pyproject(DYNAMIC), ...info('My.App', '1.4.0') }, '1.4.0'],
    [
      'PKG-INFO beside a manifest that says the same',
      { ...pyproject('[project]\nname = "my-app"\nversion = "1.4"'), ...info('my_app', '1.4.0') },
      '1.4',
    ],
    [
      'PKG-INFO of a project that names itself in setup.py',
      { 'apps/app/setup.py': 'setup(name="my-app", version=find())', ...info('my-app', '1.4.0') },
      '1.4.0',
    ],
    ['PKG-INFO of a project whose name only the backend knows', { 'apps/app/setup.py': 'setup(**about())', ...info('my-app', '1.4.0') }, '1.4.0'],
    [
      'pyproject.toml beside a package.json that says nothing',
      { ...pyproject('[project]\nversion = "1.4.0"'), ...packageJson({ private: true, version: '0.0.0' }) },
      '1.4.0',
    ],
  ])('reads %s', async (_, files, expected) => {
    expect(await read(files)).toBe(expected);
  });

  it('takes the option before the variable, and the variable before manifests', async () => {
    const files = pyproject('[project]\nversion = "1.0"');
    expect(await read(files, { releaseVersion: '3.0.0-rc.1', versionEnv: 'VERSION' }, { VERSION: '2.0' })).toBe('3.0.0rc1');
    expect(await read(files, { versionEnv: 'VERSION' }, { VERSION: '2.0' })).toBe('2.0');
    expect(await read(files, { versionEnv: 'VERSION' }, { VERSION: '' })).toBe('1.0');
    expect(await read(files, {}, { VERSION: '2.0' })).toBe('1.0');
  });

  it.each<[string, Record<string, string>, string, string[]]>([
    [
      'two that disagree',
      { ...pyproject('[project]\nversion = "1.4.0"'), ...cargo('[package]\nversion = "1.4.1"') },
      'VERSION_DISAGREES',
      ['apps/app/pyproject.toml', 'apps/app/Cargo.toml'],
    ],
    [
      'a version that only a backend knows',
      pyproject('[project]\ndynamic = ["version", "readme"]'),
      'VERSION_DYNAMIC',
      ['apps/app/pyproject.toml', '--versionEnv=VERSION'],
    ],
    [
      'PKG-INFO that disagrees with the manifest',
      { ...pyproject('[project]\nname = "my-app"\nversion = "1.4.1"'), ...info('my-app', '1.4.0') },
      'VERSION_DISAGREES',
      ['apps/app/pyproject.toml', 'apps/app/PKG-INFO'],
    ],
    [
      'PKG-INFO of another project',
      { ...pyproject(DYNAMIC), ...info('other', '1.4.0') },
      'VERSION_FOREIGN',
      ['apps/app/PKG-INFO', 'my-app', 'other'],
    ],
    ['PKG-INFO without a version', { ...pyproject(DYNAMIC), 'apps/app/PKG-INFO': 'Name: my-app\n\nVersion: 1' }, 'VERSION_MANIFEST', ['Version']],
    ['a manifest that does not parse', pyproject('[project\nversion'), 'VERSION_MANIFEST', ['apps/app/pyproject.toml']],
    ['a package.json that does not parse', { 'apps/app/package.json': '{' }, 'VERSION_MANIFEST', ['apps/app/package.json']],
    ['a version that is none', cargo('[package]\nversion = "new"'), 'VERSION_MANIFEST', ['apps/app/Cargo.toml', '`new`']],
    ['a workspace of Cargo that is not there', cargo('[package]\nversion.workspace = true'), 'VERSION_MANIFEST', ['workspace.package']],
    ['an epoch', pyproject('[project]\nversion = "1!2.0"'), 'VERSION_MANIFEST', ['epoch']],
    ['nothing', {}, 'VERSION_MISSING', ['apps/app/pyproject.toml', '--releaseVersion']],
  ])('refuses %s', async (_, files, code, says) => {
    const error = (await read(files).catch((cause: unknown) => cause)) as { code: string; message: string; details: string[]; fix: string };
    expect(error.code).toBe(code);
    for (const text of says) expect([error.message, ...error.details, error.fix].join('\n')).toContain(text);
  });

  it('takes the version of a tag at HEAD when no manifest has one', async () => {
    await git('init', '-q');
    await git('commit', '-q', '--allow-empty', '-m', 'x');
    await git('tag', 'lib@7.0.0');
    await git('tag', 'nightly');
    const real = gitOf(createProcesses());
    const files = { 'apps/app/main.py': '' };
    await expect(read(files, {}, {}, real)).rejects.toMatchObject({ code: 'VERSION_MISSING' });
    await git('tag', 'app@1.4.0-rc.1');
    expect(await read(files, {}, {}, real)).toBe('1.4.0rc1');
    await git('tag', 'v1.4.0rc1');
    expect(await read(files, {}, {}, real)).toBe('1.4.0rc1');
    expect(await read(pyproject('[build-system]\nbuild-backend = "hatchling.build"\n[project]\ndynamic = ["version"]'), {}, {}, real)).toBe(
      '1.4.0rc1',
    );
    await git('tag', 'v1.5.0');
    await expect(read(files, {}, {}, real)).rejects.toMatchObject({
      code: 'VERSION_TAGS',
      details: expect.arrayContaining([expect.stringContaining('v1.5.0')]),
    });
  });

  it('asks the repository that the project is, where that is not the workspace’s', async () => {
    await git('init', '-q');
    await git('commit', '-q', '--allow-empty', '-m', 'x');
    await git('tag', 'v7.0.0');
    await git('init', '-q', 'apps/app');
    await git('-C', 'apps/app', 'commit', '-q', '--allow-empty', '-m', 'x');
    await git('-C', 'apps/app', 'tag', 'v1.4.0');
    expect(await read({ 'apps/app/main.py': '' }, {}, {}, gitOf(createProcesses()))).toBe('1.4.0');
  });
});

describe('readHead', () => {
  const forms = tagForms(['app'], 'v{version}');

  it('tells the commit and the same tags as git itself, whatever the settings of the repository', async () => {
    await git('init', '-q');
    const real = gitOf(createProcesses());
    expect(await readHead(real, forms)).toBeUndefined();
    await git('commit', '-q', '--allow-empty', '-m', 'x');
    await git('tag', 'v0.9.0');
    await git('commit', '-q', '--allow-empty', '-m', 'y');
    expect(await readHead(real, forms)).toEqual({ commit: await runGit(real, ['rev-parse', 'HEAD']), tags: [] });
    await git('tag', '-a', '-m', 'released', 'v1.4.0');
    for (const tag of ['app@1.4.0', 'app/v1.5.0', 'one,two-1.6', 'nightly']) await git('tag', tag);
    await git('branch', 'v7.0.0');
    await git('update-ref', 'refs/remotes/origin/v8.0.0', 'HEAD');
    const expected = await tagsAtHead(real, forms);
    expect(expected).toHaveLength(4);
    for (const [name, value] of [
      ['log.decorate', 'no'],
      ['log.excludeDecoration', 'refs/tags/*'],
      ['log.showSignature', 'true'],
      ['log.showRoot', 'true'],
      ['color.ui', 'always'],
      ['format.pretty', 'fuller'],
      ['tag.sort', '-refname'],
    ] as const) {
      await git('config', name, value);
      expect(await readHead(real, forms)).toEqual({ commit: await runGit(real, ['rev-parse', 'HEAD']), tags: expected });
      expect(await tagsAtHead(real, forms)).toEqual(expected);
    }
    await git('checkout', '-q', '--detach');
    expect((await readHead(real, forms))?.tags).toEqual(expected);
  });

  it('is nothing in no repository', async () => {
    expect(await readHead(gitOf(createProcesses()), forms)).toBeUndefined();
  });
});

describe('sourceDateEpoch', () => {
  const date = (
    sourceDate: 'constant' | 'commit',
    variables: Record<string, string> = {},
    from: Git = noGit(),
    inputs: readonly string[] = ['apps/app'],
  ): Promise<number> => sourceDateEpoch({ projectRoot: 'apps/app', projectName: 'app', sourceDate, variables, git: from, inputs });

  it('is a constant, unless the variable is set', async () => {
    expect(await date('constant')).toBe(CONSTANT_EPOCH);
    expect(new Date(CONSTANT_EPOCH * 1_000).toISOString()).toBe('2020-02-02T00:00:00.000Z');
    expect(await date('constant', { SOURCE_DATE_EPOCH: '1700000000' })).toBe(1_700_000_000);
    expect(await date('commit', { SOURCE_DATE_EPOCH: '1700000000' })).toBe(1_700_000_000);
    expect(await date('constant', { SOURCE_DATE_EPOCH: '' })).toBe(CONSTANT_EPOCH);
  });

  it.each(['0', '315532799', '4294967296', '99999999999', '-1', '1e9', '1700000000.5', 'now', ' 1700000000'])('refuses %p', async (value) => {
    await expect(date('constant', { SOURCE_DATE_EPOCH: value })).rejects.toMatchObject({
      code: 'OPTION_SOURCE_DATE',
      details: expect.arrayContaining([`actual \`${value}\``]),
    });
  });

  it('is that of the newest commit that touches the project, not of a later one', async () => {
    await git('init', '-q');
    await writeFiles(root, { 'apps/app/x': '1', 'apps/other/x': '1' });
    await git('add', 'apps/app');
    await git('commit', '-q', '-m', 'app');
    const real = gitOf(createProcesses());
    expect(await date('commit', {}, real)).toBe(1_700_000_000);
    await expect(
      sourceDateEpoch({ projectRoot: 'apps/other', projectName: 'other', sourceDate: 'commit', variables: {}, git: real, inputs: ['apps/other'] }),
    ).rejects.toMatchObject({
      code: 'OPTION_SOURCE_COMMIT',
      message: expect.stringContaining('no commit touches its inputs'),
    });
  });

  it('is that of the newest commit that touches the inputs: outside of the project too, and none that they leave out', async () => {
    await git('init', '-q');
    const real = gitOf(createProcesses());
    const targets = { package: { inputs: ['waybillSources', '{workspaceRoot}/README.md'] } };
    const projectGraph = { nodes: { app: { name: 'app', data: { root: 'apps/app', targets } } }, dependencies: {} };
    const inputs = commitPathspecs({ root, projectGraph, nxJsonConfiguration: { namedInputs: NAMED_INPUTS } }, { project: 'app', target: 'package' });
    const dates: number[] = [];
    for (const [index, path] of ['apps/app/x.py', 'README.md', 'apps/app/docs/x.html', 'apps/app/test_x.py', 'apps/other/x'].entries()) {
      dated = 1_700_000_000 + index;
      await writeFiles(root, { [path]: String(dated) });
      await git('add', path);
      await git('commit', '-q', '-m', path);
      dates.push((await date('commit', {}, real, inputs)) - 1_700_000_000);
    }
    expect(dates).toEqual([0, 1, 1, 1, 1]);
  });

  it('refuses a shallow clone, a folder without git, and a machine without git', async () => {
    const shallow = gitOf(fakeProcesses(({ args }) => ({ stdout: args.includes('--is-shallow-repository') ? 'true\n' : '1700000000\n' })));
    await expect(date('commit', {}, shallow)).rejects.toMatchObject({ code: 'OPTION_SOURCE_COMMIT', fix: expect.stringContaining('fetch-depth: 0') });
    await expect(date('commit', {}, gitOf(createProcesses()))).rejects.toMatchObject({
      code: 'OPTION_SOURCE_COMMIT',
      message: expect.stringContaining('no git repository'),
    });
    await expect(date('commit')).rejects.toMatchObject({ code: 'OPTION_SOURCE_COMMIT' });
  });
});

import { spawnSync } from 'node:child_process';
import { parse } from 'smol-toml';
import { buildPackages, createNxWorkspace, type NxRun, type NxWorkspace } from '../testing/nx-workspace';

const LIBRARY = `# the library
[project] # facts
name = "word_tally"
version = "1.3.0" # keep me
dependencies = []
`;
const APP = `[project]
name = "app"
dynamic = ["version"]
dependencies = [
  "word-tally[fast]>=1.3,<2 ; python_version >= '3.10'", # moved along
  "requests==2.32.0",
]

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[tool.hatch.version]
path = "app/__about__.py"
`;
const UV_LOCK = `version = 1

[[package]]
name = "app"
version = "0.2.0"
source = { editable = "apps/app" }

[[package]]
name = "requests"
version = "1.3.0"
source = { registry = "https://index.example.org/simple" }

[[package]]
name = "word-tally"
version = "1.3.0"
source = { editable = "libs/tally" }
`;
const CARGO_LOCK = `version = 4

[[package]]
name = "tally-core"
version = "1.3.0"
dependencies = [
 "libc",
]

[[package]]
name = "libc"
version = "1.3.0"
source = "registry+https://crates.example.org/index"
`;

const NX_JSON = {
  plugins: ['@waybill/release'],
  analytics: false,
  neverConnectToCloud: true,
  release: {
    projects: ['tally', 'app'],
    projectsRelationship: 'independent',
    version: { versionActions: '@waybill/release/version-actions', currentVersionResolver: 'disk', conventionalCommits: false },
    changelog: { workspaceChangelog: false, projectChangelogs: { createRelease: false, renderer: '@waybill/release/changelog-renderer' } },
  },
};

const FILES: Readonly<Record<string, string | object>> = {
  'package.json': { name: 'workspace', private: true },
  'nx.json': NX_JSON,
  '.gitignore': 'node_modules\n.nx\n',
  'uv.lock': UV_LOCK,
  'libs/tally/project.json': {
    name: 'tally',
    targets: { publish: { executor: 'nx:noop', options: { to: [{ id: 'pypi', type: 'index', repository: 'pypi' }] } } },
  },
  'libs/tally/pyproject.toml': LIBRARY,
  'libs/tally/Cargo.toml': '[package]\nname = "tally-core"\nversion = "1.3.0" # as the wheel\n',
  'libs/tally/Cargo.lock': CARGO_LOCK,
  'apps/app/project.json': { name: 'app', targets: {}, implicitDependencies: ['tally'] },
  'apps/app/pyproject.toml': APP,
  'apps/app/app/__about__.py': '"""About."""\n__version__ = "0.2.0"  # here\n',
  'apps/app/package.json': '{\n    "name": "app",\n    "private": true,\n    "nx": { "version": "x" },\n    "version": "0.2.0"\n}\n',
};

describe('nx release with @waybill/release/version-actions', () => {
  let workspace: NxWorkspace;
  const git = (...args: string[]): string => {
    const identity = ['-c', 'user.name=Tester', '-c', 'user.email=tester@example.org', '-c', 'commit.gpgsign=false'];
    const { status, stdout, stderr } = spawnSync('git', [...identity, ...args], { cwd: workspace.root, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return stdout;
  };
  const identity = { GIT_AUTHOR_NAME: 'T', GIT_AUTHOR_EMAIL: 't@example.org', GIT_COMMITTER_NAME: 'T', GIT_COMMITTER_EMAIL: 't@example.org' };
  const nx = (...args: string[]): Promise<NxRun> => workspace.nx(['release', ...args], identity);
  const reset = (more: Readonly<Record<string, string | object>> = {}): void => {
    git('reset', '-q', '--hard');
    git('clean', '-qfd');
    workspace.write(more);
  };
  const refused = async (code: string, args: readonly string[], more: Readonly<Record<string, string | object>> = {}): Promise<void> => {
    reset(more);
    const before = git('status', '--porcelain');
    const run = await nx('version', ...args);
    expect(run).toMatchObject({ exitCode: 1, output: expect.stringMatching(new RegExp(`${code} [^]*fix: `)) });
    expect(git('status', '--porcelain')).toBe(before);
  };

  beforeAll(async () => {
    await buildPackages();
    workspace = createNxWorkspace(FILES, false);
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-q', '-m', 'feat: the first of all');
  }, 120_000);
  afterAll(() => workspace.close());

  it('a dry run shows the lines and changes nothing', async () => {
    reset();
    const run = await nx('version', 'minor', '--dry-run');
    expect(run.exitCode).toBe(0);
    expect(run.output).toMatch(/\+\s*version = "1\.4\.0" # keep me/);
    expect(git('status', '--porcelain')).toBe('');
  });

  it('writes each version in its own form, moves ranges and locks, and leaves all else', async () => {
    reset();
    const run = await nx('version', 'preminor', '--preid=rc', '--projects=tally', '--git-commit=false', '--git-tag=false');
    expect(run).toMatchObject({ exitCode: 0 });
    expect(workspace.read('libs/tally/pyproject.toml')).toBe(LIBRARY.replace('1.3.0', '1.4.0rc0'));
    expect(workspace.read('libs/tally/Cargo.toml')).toBe('[package]\nname = "tally-core"\nversion = "1.4.0-rc.0" # as the wheel\n');
    expect(workspace.read('libs/tally/Cargo.lock')).toBe(CARGO_LOCK.replace('1.3.0', '1.4.0-rc.0'));
    expect(workspace.read('apps/app/pyproject.toml')).toBe(APP.replace('>=1.3,<2', '>=1.4.0rc0,<2'));
    expect(workspace.read('apps/app/app/__about__.py')).toBe('"""About."""\n__version__ = "0.2.1"  # here\n');
    expect(workspace.read('apps/app/package.json')).toBe(String(FILES['apps/app/package.json']).replace('0.2.0', '0.2.1'));
    const locked = parse(workspace.read('uv.lock'))['package'] as { name: string; version: string }[];
    expect(locked.map(({ name, version }) => `${name} ${version}`)).toEqual(['app 0.2.1', 'requests 1.3.0', 'word-tally 1.4.0rc0']);
  });

  it('commits, tags and writes a changelog with the commands of the release', async () => {
    reset();
    const run = await nx('1.4.0b2', '--projects=tally', '--first-release', '--skip-publish');
    expect(run).toMatchObject({ exitCode: 0 });
    expect(git('tag').split('\n')).toContain('tally@1.4.0-beta.2');
    expect(git('status', '--porcelain')).toBe('');
    expect(workspace.read('libs/tally/pyproject.toml')).toContain('version = "1.4.0b2"');
    expect(workspace.read('libs/tally/CHANGELOG.md')).toContain('### Install\n\n```sh\npip install word_tally==1.4.0b2\n```');
    git('tag', '-d', 'tally@1.4.0-beta.2');
    git('reset', '-q', '--hard', 'HEAD~1');
  });

  it('a fixed group has one version', async () => {
    reset({ 'nx.json': { ...NX_JSON, release: { ...NX_JSON.release, groups: undefined, projectsRelationship: 'fixed' } } });
    const run = await nx('version', '2.0.0', '--git-commit=false', '--git-tag=false');
    expect(run).toMatchObject({ exitCode: 0 });
    expect(workspace.read('apps/app/app/__about__.py')).toContain('"2.0.0"');
    expect(workspace.read('apps/app/pyproject.toml')).toContain('>=2.0.0,<3 ;');
  });

  it('a refusal changes nothing and says what mends it', () => refused('VERSION_SPECIFIER', ['1.x']), 60_000);
});

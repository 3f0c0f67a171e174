import { findCycle, localDependencies, type ProjectManifest } from './local-dependencies';
import { matchMembers } from './cargo-workspace';
import { isManifest } from './manifest-facts';
import { readManifest } from './read-manifest';

const pyproject = (text: string) => readManifest('a/pyproject.toml', text);

describe('readManifest', () => {
  it('finds what a pyproject needs to run and to be built, not what its groups need', () => {
    const facts = pyproject(`
[build-system]
requires = ["My.Backend>=1", "hatchling"]
[project]
name = "App"
dependencies = ["Word_Tally[all]>=0.3; python_version > '3.9'", "lib @ file:../lib", "git-lib @ git+https://example.org/x", "requests (>=2)"]
[project.optional-dependencies]
extra = ["extra-lib"]
[dependency-groups]
dev = ["test-lib"]
`);
    expect(facts).toEqual({
      name: 'App',
      needs: ['word-tally', 'lib', 'requests', 'extra-lib', 'my-backend', 'hatchling'],
      paths: ['../lib'],
    });
  });

  it('reads setup.cfg of projects that have nothing else', () => {
    const text = `
[metadata]
name = My.Lib
version = attr: my_lib.__version__
[options]
install_requires =
    Word_Tally[all]>=0.3; python_version > "3.9"
    # not.this
    lib @ file:../lib
setup_requires = wheel
tests_require = test-lib
[options.extras_require]
all = extra-lib
`;
    expect(readManifest('a/setup.cfg', text)).toEqual({ name: 'My.Lib', needs: ['word-tally', 'lib', 'wheel', 'extra-lib'], paths: ['../lib'] });
    expect(readManifest('a/setup.cfg', '[flake8]\nname = x\n')).toEqual({ needs: [], paths: [] });
    expect(readManifest('a/setup.cfg', '[metadata]\nname = file: NAME\n[options]\ninstall_requires = a; b\n')).toEqual({
      needs: ['a', 'b'],
      paths: [],
    });
  });

  it('reads what setup.py says in so many words', () => {
    const text = `
from setuptools import Extension, setup
setup(
    name="my-lib",
    install_requires=[
        "Word_Tally[all]>=0.3",  # it's ours
        'lib @ file:../lib',
    ],
    setup_requires=["wheel"], tests_require=["test-lib"],
    ext_modules=[Extension("x", [])],
)
`;
    expect(readManifest('a/setup.py', text)).toEqual({ name: 'my-lib', needs: ['word-tally', 'lib', 'wheel'], paths: ['../lib'] });
    expect(readManifest('a/setup.py', 'setup(name=NAME, install_requires=read("x") + ["lib"])')).toEqual({ needs: [], paths: [] });
  });

  it('names the files that setuptools reads requirements from', () => {
    const dynamic = `
[project]
name = "app"
dynamic = ["dependencies", "optional-dependencies"]
[tool.setuptools.dynamic]
dependencies = { file = ["requirements/base.txt"] }
[tool.setuptools.dynamic.optional-dependencies]
fast = { file = "fast.txt" }
test = { file = ["test.txt"] }
`;
    expect(pyproject(dynamic)).toEqual({ name: 'app', needs: [], paths: [], includes: ['requirements/base.txt', 'fast.txt'] });
    const cfg = '[options]\ninstall_requires = file: a.txt, b.txt\n[options.extras_require]\ntest = testkit\nfast = file: c.txt\n';
    expect(readManifest('a/setup.cfg', cfg)).toEqual({ needs: [], paths: [], includes: ['a.txt', 'b.txt', 'c.txt'] });
  });

  it('takes extras of tests and tools for groups', () => {
    const text = '[project]\nname = "lib"\noptional-dependencies.fast = ["speed"]\n';
    const extras = ['test', 'Tests', 'dev', 'docs'].map((name) => `optional-dependencies.${name} = ["testkit", "kit @ file:../kit"]\n`);
    expect(pyproject(text + extras.join(''))).toEqual({ name: 'lib', needs: ['speed'], paths: [] });
  });

  it('follows sources of uv, and takes out what comes from elsewhere', () => {
    const facts = pyproject(`
[project]
name = "app"
dependencies = ["one", "two", "three", "four", "five"]
[tool.uv.sources]
one = { workspace = true }
two = { path = "../Two", editable = true }
three = { git = "https://example.org/three" }
four = [{ index = "internal", marker = "sys_platform == 'linux'" }]
five = [{ workspace = true, marker = "sys_platform == 'linux'" }, { index = "internal", marker = "sys_platform != 'linux'" }]
for-tests = { path = "../for-tests" }
[dependency-groups]
dev = ["for-tests"]
`);
    expect(facts).toMatchObject({ needs: ['one', 'two', 'five'], paths: ['../Two'] });
  });

  it('reads Poetry', () => {
    const facts = pyproject(`
[tool.poetry]
name = "app"
[tool.poetry.dependencies]
python = "^3.9"
one = "^1"
two = { path = "../two", develop = true }
three = { git = "https://example.org/three" }
`);
    expect(facts).toEqual({ name: 'app', needs: ['one', 'two'], paths: ['../two'] });
  });

  it.each<[string, string[]]>([
    ['file:///${PROJECT_ROOT}/../lib', ['../lib']],
    ['file://${PROJECT_ROOT}/../lib', ['../lib']],
    ['{root:uri}/../lib', ['../lib']],
    ['{root:parent:uri}/lib', ['../lib']],
    ['{root:parent:parent:uri}/libs/lib', ['../../libs/lib']],
    ['{root:parent}', ['../']],
    ['../lib', ['../lib']],
    ['https://example.org/lib.zip', []],
    ['file:///srv/lib', []],
    ['git+file:../lib', []],
  ])('finds the folder of `lib @ %s`', (address, paths) =>
    expect(pyproject(`[project]\nname = "app"\ndependencies = ["lib @ ${address}"]\n`)).toMatchObject({ paths }),
  );

  it.each<[string, { needs?: string[]; paths?: string[]; includes?: string[] }]>([
    ['-e libs/foo', { paths: ['libs/foo'] }],
    ['-e foo', { paths: ['foo'] }],
    ['-e file:../lib', { paths: ['../lib'] }],
    ['--editable=..', { paths: ['..'] }],
    ['-e "../my lib"', { paths: ['../my lib'] }],
    ['-e ..\\lib[extra]', { paths: ['../lib'] }],
    ['-e /srv/lib', {}],
    ['-e C:\\lib', {}],
    ['-e lib @ file:../lib', { paths: ['../lib'] }],
    ['-e git+ssh://git@example.org/x.git#egg=x', {}],
    ['libs/foo', { paths: ['libs/foo'] }],
    ['libs/foo ; sys_platform == "linux"', { paths: ['libs/foo'] }],
    ['https://example.org/x.zip', {}],
    ['lib>=1 --hash=sha256:a/b', { needs: ['lib'] }],
    ['lib@https://example.org/x.zip', {}],
    ['lib[a]==1', { needs: ['lib'] }],
    ['-r requirements/base.txt  # all', { includes: ['requirements/base.txt'] }],
    ['-rbase.txt', { includes: ['base.txt'] }],
    ['--requirement="..\\my base.txt"', { includes: ['../my base.txt'] }],
    ['-r https://example.org/base.txt', {}],
    ['-c constraints.txt', {}],
    ['\uFEFFlib', { needs: ['lib'] }],
  ])('reads `%s` of a requirements file', (line, facts) =>
    expect(readManifest('requirements.txt', `${line}\n`)).toEqual({ needs: [], paths: [], ...facts }),
  );

  it('takes requirements files of tests and tools for groups', () => {
    for (const name of ['requirements-dev.txt', 'requirements_test.in', 'requirements-docs.txt', 'requirements.lint.txt', 'requirements-dev-3.lock'])
      expect(readManifest(name, 'lib\n-e ../testkit\n')).toEqual({ needs: [], paths: [] });
    for (const name of ['requirements-prod.txt', 'requirements-developer-portal.txt'])
      expect(readManifest(name, '-e ../lib\n')).toEqual({ needs: [], paths: ['../lib'] });
  });

  it('reads names and paths of requirements files', () => {
    const text = `
# comment
-r base.txt
--index-url https://example.org/simple
-e ../lib[extra]
./vendored  # ours
../other ; python_version > "3"
Word.Tally==1.0 ; python_version > "3" \\
    --hash=sha256:abc
x @ file:./x
-e git+https://example.org/y#egg=y
`;
    expect(readManifest('requirements.lock', text)).toEqual({
      needs: ['word-tally'],
      paths: ['../lib', './vendored', '../other', './x'],
      includes: ['base.txt'],
    });
  });

  it('reads crates by path, of every platform, and of the workspace; none of tests', () => {
    const text = `
[dependencies]
core = { path = "../core" }
shared.workspace = true
pyo3 = "0.30"
[build-dependencies]
gen = { path = "gen" }
[dev-dependencies]
tested-with = { path = "../tested" }
[target.'cfg(unix)'.dependencies]
unix = { path = "../unix" }
[workspace.dependencies]
shared = { path = "crates/shared" }
serde = "1"
`;
    expect(readManifest('x/Cargo.toml', text)).toEqual({
      needs: [],
      paths: ['../core', 'gen', '../unix'],
      inheritedCrates: ['shared'],
      foreignCrates: ['pyo3'],
      workspaceCrates: { shared: 'crates/shared' },
      cargoExclude: [],
      cargoMembers: [],
    });
  });

  it('reads patches of Cargo by the names of the registry, and what says where the workspace is', () => {
    const text = `
[package]
name = "x"
workspace = "../.."
[dependencies]
short = { package = "long-name", version = "1" }
[patch.crates-io]
long-name = { path = "../long" }
mine = { package = "other", path = "../other" }
far = { git = "https://example.org/far" }
[patch."https://example.org/far"]
near = { path = "../near" }
`;
    expect(readManifest('x/Cargo.toml', text)).toEqual({
      needs: [],
      paths: [],
      foreignCrates: ['long-name'],
      cargoWorkspace: '../..',
      patchedCrates: { 'long-name': '../long', other: '../other', near: '../near' },
    });
    const root = '[package]\nname = "x"\n[workspace]\nmembers = ["crates/*"]\nexclude = ["fuzz"]\n';
    expect(readManifest('x/Cargo.toml', root)).toMatchObject({ cargoExclude: ['fuzz'] });
    expect(readManifest('x/Cargo.toml', root)).not.toHaveProperty('cargoMembers');
    expect(readManifest('x/Cargo.toml', root.replace(/^.*\n.*\n/, ''))).toMatchObject({ cargoMembers: ['crates/*'] });
  });

  it('reads the uv workspace, its sources, and where the crates of a Python package are', () => {
    const facts = pyproject(`
[tool.uv.workspace]
members = ["libs/*"]
exclude = ["libs/old"]
[tool.uv.sources]
One = { workspace = true }
two = { path = "forks/two" }
three = { git = "https://example.org/three" }
[tool.maturin]
manifest-path = "rust/Cargo.toml"
[[tool.setuptools-rust.ext-modules]]
target = "x"
path = "native/x/Cargo.toml"
[[tool.setuptools-rust.bins]]
target = "y"
path = "Cargo.toml"
`);
    expect(facts).toEqual({
      needs: [],
      paths: ['rust', 'native/x'],
      uvWorkspace: { members: ['libs/*'], exclude: ['libs/old'] },
      uvSources: { one: { workspace: true }, two: { paths: ['forks/two'] }, three: {} },
    });
  });

  it('throws for what is no TOML, and knows its files', () => {
    expect(() => pyproject('[project')).toThrow();
    expect(
      ['pyproject.toml', 'setup.cfg', 'setup.py', 'Cargo.toml', 'requirements.txt', 'requirements-dev.in', 'requirements.lock'].map(isManifest),
    ).toEqual(Array.from({ length: 7 }, () => true));
    expect(['package.json', 'my-requirements.txt', 'Cargo.lock', 'requirements.md'].some(isManifest)).toBe(false);
  });
});

describe('localDependencies', () => {
  const manifest = (project: string, path: string, facts: Partial<ProjectManifest['facts']>): ProjectManifest => ({
    project,
    path,
    facts: { needs: [], paths: [], ...facts },
  });

  it('gives edges by name and by path, never to itself, each once', () => {
    const edges = localDependencies({
      roots: { app: 'apps/app', lib: 'libs/lib', crate: 'crates/c', root: '.' },
      manifests: [
        manifest('app', 'apps/app/pyproject.toml', {
          name: 'app',
          needs: ['my-lib', 'app', 'requests'],
          paths: ['../../libs/lib', '../../nowhere', '..'],
        }),
        manifest('app', 'apps/app/Cargo.toml', { paths: ['../../crates/c/inner'], inheritedCrates: ['shared', 'serde'] }),
        manifest('lib', 'libs/lib/pyproject.toml', { name: 'My_Lib' }),
      ],
      others: [{ path: 'Cargo.toml', facts: { needs: [], paths: [], workspaceCrates: { shared: 'libs/lib' }, cargoExclude: [] } }],
    });
    expect(edges).toEqual([
      { source: 'app', target: 'crate', sourceFile: 'apps/app/Cargo.toml' },
      { source: 'app', target: 'lib', sourceFile: 'apps/app/pyproject.toml' },
    ]);
  });

  it('takes a name that two projects have for nobody’s', () => {
    const manifests = [
      manifest('a', 'a/pyproject.toml', { needs: ['twice'] }),
      manifest('b', 'b/pyproject.toml', { name: 'twice' }),
      manifest('c', 'c/pyproject.toml', { name: 'Twice' }),
    ];
    expect(localDependencies({ roots: { a: 'a', b: 'b', c: 'c' }, manifests, others: [] })).toEqual([]);
  });

  describe('sources of uv in the root of the uv workspace', () => {
    const roots = { app: 'libs/app', lib: 'libs/lib', old: 'libs/old', fork: 'forks/lib' };
    const uvWorkspace = { members: ['libs/*'], exclude: ['libs/old'] };
    const edgesWith = (source: object | undefined, app: Partial<ProjectManifest['facts']> = {}, twin = true, isMemberOf = uvWorkspace) =>
      localDependencies({
        roots,
        manifests: [
          manifest('app', 'libs/app/pyproject.toml', { name: 'app', needs: ['lib'], ...app }),
          manifest('lib', 'libs/lib/pyproject.toml', { name: 'lib' }),
          ...(twin ? [manifest('old', 'libs/old/pyproject.toml', { name: 'Lib' })] : []),
        ],
        others: [{ path: 'pyproject.toml', facts: { needs: [], paths: [], uvWorkspace: isMemberOf, ...(source && { uvSources: { lib: source } }) } }],
      }).map(({ target }) => target);

    it('say which of two projects is meant: the member', () => {
      expect(edgesWith({ workspace: true })).toEqual(['lib']);
      expect(edgesWith(undefined, { uvSources: { lib: { workspace: true } } })).toEqual(['lib']);
      // who is meant is said nowhere, or two are members
      expect(edgesWith(undefined)).toEqual([]);
      expect(edgesWith({ workspace: true }, {}, true, { members: ['libs/*'], exclude: [] })).toEqual([]);
    });

    it('count for members that say nothing of the name', () => {
      expect(edgesWith({ paths: ['forks/lib'] }, {}, false)).toEqual(['fork']);
      expect(edgesWith({}, {}, false)).toEqual([]);
      expect(edgesWith({}, { uvSources: { lib: { workspace: true } } }, false)).toEqual(['lib']);
      // no member: its own manifest is all that counts
      expect(edgesWith({}, {}, false, { members: ['libs/lib'], exclude: [] })).toEqual(['lib']);
      expect(edgesWith({}, {}, false, { members: ['libs/*'], exclude: ['libs/a*'] })).toEqual(['lib']);
    });

    it('say nothing of a requirements file', () => {
      const manifests = [
        manifest('app', 'libs/app/requirements.txt', { needs: ['lib'] }),
        manifest('lib', 'libs/lib/pyproject.toml', { name: 'lib' }),
      ];
      const others = [{ path: 'pyproject.toml', facts: { needs: [], paths: [], uvWorkspace, uvSources: { lib: {} } } }];
      expect(localDependencies({ roots, manifests, others })).toEqual([{ source: 'app', target: 'lib', sourceFile: 'libs/app/requirements.txt' }]);
    });
  });

  it.each<[string, object, object, string[]]>([
    ['a patch of the workspace', {}, { patchedCrates: { lib: 'libs/lib' } }, ['lib']],
    ['a patch of an inherited crate', { foreignCrates: [], inheritedCrates: ['lib'] }, { patchedCrates: { lib: 'libs/lib' } }, ['lib']],
    ['a patch of another crate', {}, { patchedCrates: { other: 'libs/lib' } }, []],
    ['a patch of a crate that is in a workspace', { patchedCrates: { lib: '../../libs/lib' } }, {}, []],
    ['a patch of a crate that the workspace leaves out', { patchedCrates: { lib: '../../libs/lib' } }, { cargoExclude: ['apps/app'] }, ['lib']],
    ['a patch of a crate that is a workspace', { patchedCrates: { lib: '../../libs/lib' }, cargoExclude: [] }, {}, ['lib']],
  ])('%s', (_what, crate, root, targets) => {
    const edges = localDependencies({
      roots: { app: 'apps/app', lib: 'libs/lib' },
      manifests: [manifest('app', 'apps/app/Cargo.toml', { foreignCrates: ['lib'], ...crate })],
      others: [{ path: 'Cargo.toml', facts: { needs: [], paths: [], workspaceCrates: {}, cargoExclude: [], ...root } }],
    });
    expect(edges.map(({ target }) => target)).toEqual(targets);
  });

  it('finds the root of a Cargo workspace where `package.workspace` says, and no other', () => {
    const root = (path: string, place: string) => ({ path, facts: { needs: [], paths: [], workspaceCrates: { lib: place }, cargoExclude: [] } });
    const edges = localDependencies({
      roots: { app: 'apps/app', lib: 'libs/lib', wrong: 'libs/wrong' },
      manifests: [manifest('app', 'apps/app/Cargo.toml', { inheritedCrates: ['lib'], cargoWorkspace: '../../native' })],
      others: [root('apps/Cargo.toml', '../libs/wrong'), root('native/Cargo.toml', '../libs/lib')],
    });
    expect(edges.map(({ target }) => target)).toEqual(['lib']);
  });

  it('finds members of a Cargo workspace by glob, but those that it leaves out', () => {
    const root = { path: 'a/Cargo.toml', facts: { needs: [], paths: [], cargoMembers: ['./crates/*', 'tool/'], cargoExclude: ['crates/old'] } };
    const manifests = [
      'a/Cargo.toml',
      'a/crates/x/Cargo.toml',
      'a/crates/x/y/Cargo.toml',
      'a/crates/old/Cargo.toml',
      'a/tool/Cargo.toml',
      'b/crates/z/Cargo.toml',
    ];
    expect(matchMembers(root, manifests)).toEqual(['a/crates/x', 'a/tool']);
  });

  it('finds a circle', () => {
    const edges = ['a b', 'b c', 'c b', 'c d', 'd a'].map((text) => ({ source: text[0]!, target: text[2]! }));
    expect(findCycle(edges, 'a')).toEqual(['a', 'b', 'c', 'd', 'a']);
    expect(findCycle(edges.slice(0, 4), 'a')).toBeUndefined();
  });
});

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createDependencies, type DependenciesContext } from './create-dependencies';

/** What files in no project start with. */
const OF_NOBODY = ['Cargo', 'pyproject', 'shared/', 'native/', 'requirements/'];

let root: string;
let files: Record<string, string>;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'waybill-graph-'));
  files = {
    'apps/app/pyproject.toml': '[project]\nname = "app"\ndependencies = ["My-Lib"]\n',
    'apps/app/tests/pyproject.toml': '[project',
    'libs/lib/pyproject.toml': '[project]\nname = "my_lib"\n',
  };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function context(): DependenciesContext {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const of = (prefix: string) =>
    Object.keys(files)
      .filter((file) => file.startsWith(prefix))
      .map((file) => ({ file, hash: String(files[file]) }));
  return {
    projects: { app: { root: 'apps/app' }, lib: { root: 'libs/lib' } },
    fileMap: { projectFileMap: { app: of('apps/app/'), lib: of('libs/lib/') }, nonProjectFiles: OF_NOBODY.flatMap(of) },
    workspaceRoot: root,
  };
}

const CACHE = '.nx/workspace-data/waybill-manifests-4.json';
const EDGE = { source: 'app', target: 'lib', sourceFile: 'apps/app/pyproject.toml', type: 'static' };

it('gives edges from manifests in the roots of projects, and keeps what it read', async () => {
  expect(await createDependencies({}, context())).toEqual([EDGE]);
  expect(Object.keys(JSON.parse(readFileSync(join(root, CACHE), 'utf8')))).toHaveLength(2);
});

it('reads a manifest again only when its content changed', async () => {
  const before = context();
  await createDependencies({}, before);
  writeFileSync(join(root, 'apps/app/pyproject.toml'), 'never read');
  expect(await createDependencies({}, before)).toEqual([EDGE]);
  files['apps/app/pyproject.toml'] = '[project]\nname = "app"\n';
  expect(await createDependencies({}, context())).toEqual([]);
});

it('takes a damaged cache for an empty one', async () => {
  const given = context();
  mkdirSync(join(root, '.nx/workspace-data'), { recursive: true });
  writeFileSync(join(root, CACHE), '{ "x');
  expect(await createDependencies({}, given)).toEqual([EDGE]);
});

it('follows a crate through the root of the Cargo workspace, which belongs to no project', async () => {
  files = {
    'apps/app/Cargo.toml': '[dependencies]\nlib.workspace = true\n',
    'libs/lib/Cargo.toml': '[package]\nname = "lib"\n',
    'Cargo.toml': '[workspace.dependencies]\nlib = { path = "libs/lib" }\n',
  };
  expect(await createDependencies({}, context())).toEqual([{ ...EDGE, sourceFile: 'apps/app/Cargo.toml' }]);
});

it('finds the root of a Cargo workspace that lies in a project of the whole workspace, and reads no other manifest there', async () => {
  files = {
    'apps/app/Cargo.toml': '[dependencies]\nlib.workspace = true\n',
    'libs/lib/Cargo.toml': '[package]\nname = "lib"\n',
    'apps/Cargo.toml': '[workspace.dependencies]\nlib = { path = "../libs/lib" }\n',
    'tests/Cargo.toml': '[package',
  };
  const { projects, fileMap, workspaceRoot } = context();
  const whole = ['apps/Cargo.toml', 'tests/Cargo.toml'].map((file) => ({ file, hash: String(files[file]) }));
  const given = {
    projects: { ...projects, whole: { root: '.' } },
    fileMap: { ...fileMap, projectFileMap: { ...fileMap.projectFileMap, whole } },
    workspaceRoot,
  };
  const told: string[] = [];
  expect(await createDependencies({}, given, (lines) => told.push(...lines))).toEqual([{ ...EDGE, sourceFile: 'apps/app/Cargo.toml' }]);
  expect(told).toEqual([]);
});

it('follows the files that a requirements file takes in, round circles, and to the project that has one', async () => {
  files = {
    'apps/app/requirements.txt': '-r requirements/prod.txt\n-r gone.txt\n',
    'apps/app/requirements/prod.txt': '-r base.txt\n-r ../requirements.txt\n',
    // as pip takes it: from where it runs
    'apps/app/requirements/base.txt': '-e ../../libs/lib\n',
  };
  const edges = [{ ...EDGE, sourceFile: 'apps/app/requirements.txt' }];
  expect(await createDependencies({}, context())).toEqual(edges);
  files = { 'apps/app/requirements.txt': '-r ../../libs/lib/base.txt\n', 'libs/lib/base.txt': 'requests\n' };
  expect(await createDependencies({}, context())).toEqual(edges);
});

it.each<[string, Record<string, string>, string]>([
  [
    'a source of uv in the root of the workspace',
    {
      'pyproject.toml': '[tool.uv.workspace]\nmembers = ["apps/*"]\n[tool.uv.sources]\nother-name = { path = "libs/lib" }\n',
      'apps/app/pyproject.toml': '[project]\nname = "app"\ndependencies = ["other-name"]\n',
    },
    'apps/app/pyproject.toml',
  ],
  [
    'a patch in the Cargo workspace that `package.workspace` names',
    {
      'apps/app/Cargo.toml': '[package]\nname = "app"\nworkspace = "../../native"\n[dependencies]\nlib = "1"\n',
      'native/Cargo.toml': '[workspace]\nmembers = ["../apps/app"]\n[patch.crates-io]\nlib = { path = "../libs/lib" }\n',
    },
    'apps/app/Cargo.toml',
  ],
  [
    'the crate of maturin in a folder of the project',
    {
      'apps/app/pyproject.toml': '[project]\nname = "app"\n[tool.maturin]\nmanifest-path = "rust/Cargo.toml"\n',
      'apps/app/rust/Cargo.toml': '[dependencies]\nlib = { path = "../../../libs/lib" }\n',
    },
    'apps/app/pyproject.toml',
  ],
  [
    'a crate that is no project, through members of a Cargo workspace',
    {
      'apps/app/Cargo.toml': '[workspace]\nmembers = ["crates/*"]\n',
      'apps/app/crates/one/Cargo.toml': '[package]\nname = "one"\n[dependencies]\nshared = { path = "../../../../shared/crate" }\n',
      'shared/crate/Cargo.toml':
        '[package]\nname = "shared"\n[dependencies]\none = { path = "../../apps/app/crates/one" }\nlib = { path = "../../libs/lib" }\n',
    },
    'apps/app/Cargo.toml',
  ],
  [
    'a local package that is no project',
    {
      'apps/app/pyproject.toml': '[project]\nname = "app"\ndependencies = ["shared @ file:../../shared/python"]\n',
      'shared/python/pyproject.toml': '[project]\nname = "my-lib"\ndependencies = ["my-lib @ file:../../libs/lib"]\n',
    },
    'apps/app/pyproject.toml',
  ],
])('follows %s', async (_what, more, sourceFile) => {
  files = { 'libs/lib/project.json': '', ...more };
  expect(await createDependencies({}, context())).toEqual([{ ...EDGE, sourceFile }]);
});

it('follows a link to the folder of another project', async () => {
  files = { 'libs/lib/Cargo.toml': '', 'apps/app/Cargo.toml': '[dependencies]\nlib = { path = "deps/lib" }\n' };
  const given = context();
  expect(await createDependencies({}, given)).toEqual([]);
  mkdirSync(join(root, 'apps/app/deps'));
  symlinkSync('../../../libs/lib', join(root, 'apps/app/deps/lib'));
  expect(await createDependencies({}, given)).toEqual([{ ...EDGE, sourceFile: 'apps/app/Cargo.toml' }]);
});

it('knows a project inside of another', async () => {
  files = {
    'apps/app/pyproject.toml': '[project]\nname = "app"\n[tool.maturin]\nmanifest-path = "native/Cargo.toml"\n',
    'apps/app/native/Cargo.toml': '[package]\nname = "native"\n',
  };
  const { projects, fileMap, workspaceRoot } = context();
  const [pyproject, crate] = fileMap.projectFileMap['app']!;
  const projectFileMap = { ...fileMap.projectFileMap, app: [pyproject!], native: [crate!] };
  const given = { projects: { ...projects, native: { root: 'apps/app/native' } }, fileMap: { ...fileMap, projectFileMap }, workspaceRoot };
  expect(await createDependencies({}, given)).toEqual([{ ...EDGE, target: 'native' }]);
});

it('reads the requirements that options of our targets name, wherever they lie', async () => {
  files = {
    'libs/lib/pyproject.toml': '[project]\nname = "my_lib"\n',
    'requirements/app.lock': '-r more.txt\n',
    'requirements/more.txt': 'My.Lib==1.0\n',
  };
  const given = (executor: string, options: object) => {
    const { projects, ...rest } = context();
    return { ...rest, projects: { ...projects, app: { root: 'apps/app', targets: { pack: { executor, options: { ...options } } } } } };
  };
  const edge = [{ source: 'app', target: 'lib', type: 'implicit' }];
  expect(await createDependencies({}, given('@waybill/bundle:package-dist', { requirements: 'requirements/app.lock' }))).toEqual(edge);
  const install = { install: { requirements: '{workspaceRoot}/requirements/app.lock' } };
  expect(await createDependencies({}, given('@waybill/python:build-wheel', install))).toEqual(edge);
  expect(await createDependencies({}, given('nx:run-commands', { requirements: 'requirements/app.lock' }))).toEqual([]);
  expect(await createDependencies({}, given('@waybill/bundle:package-dist', { requirements: 'requirements/gone.lock' }))).toEqual([]);
});

it('GRAPH_MANIFEST: tells of a manifest that is listed and cannot be read', async () => {
  const given = context();
  rmSync(join(root, 'libs/lib/pyproject.toml'));
  const told: string[] = [];
  expect(await createDependencies({}, given, (lines) => told.push(...lines))).toEqual([]);
  expect(told.join('\n')).toMatch(/GRAPH_MANIFEST `libs\/lib\/pyproject\.toml`[\s\S]*ENOENT/);
});

it('reads a file of the same content under another name as that name says', async () => {
  const same = '-e ../../libs/lib\n';
  files = { 'libs/lib/requirements-dev.txt': same, 'libs/lib/requirements.txt': '', 'apps/app/requirements.txt': same };
  const given = context();
  const edges = [{ ...EDGE, sourceFile: 'apps/app/requirements.txt' }];
  expect(await createDependencies({}, given)).toEqual(edges);
  expect(await createDependencies({}, given)).toEqual(edges);
});

it('GRAPH_MANIFEST: tells each time of a manifest that it cannot read, with the fix, and goes on without it', async () => {
  files['other/pyproject.toml'] = '[project';
  const { projects, fileMap, workspaceRoot } = context();
  const other = [{ file: 'other/pyproject.toml', hash: 'broken' }];
  const given = {
    projects: { ...projects, other: { root: 'other' } },
    fileMap: { ...fileMap, projectFileMap: { ...fileMap.projectFileMap, other } },
    workspaceRoot,
  };
  for (const time of ['first', 'second']) {
    const told: string[] = [];
    expect([time, await createDependencies({}, given, (lines) => told.push(...lines))]).toEqual([time, [EDGE]]);
    expect(told.join('\n')).toMatch(/GRAPH_MANIFEST `other\/pyproject\.toml`[\s\S]*\nfix: /);
  }
});

it('ties a project to the packages that its targets run, where npm has them', async () => {
  files = {};
  const targets = {
    pack: { executor: '@waybill/bundle:package-dist' },
    sum: { executor: '@waybill/release:checksum' },
    test: { executor: 'nx:noop' },
  };
  const given = { ...context(), projects: { app: { root: 'apps/app', targets } }, externalNodes: { 'npm:@waybill/bundle': {}, 'npm:nx': {} } };
  expect(await createDependencies({}, given)).toEqual([{ source: 'app', target: 'npm:@waybill/bundle', type: 'implicit' }]);
});

it('does nothing where there is nothing', async () => {
  files = {};
  expect(await createDependencies({}, context())).toEqual([]);
  expect(existsSync(join(root, CACHE))).toBe(false);
});

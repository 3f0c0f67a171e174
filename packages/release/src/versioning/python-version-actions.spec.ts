import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ProjectGraph, Tree } from '@nx/devkit';
import { problemsOfCatalog, temporaryFolder } from '@waybill/core/testing';
import { PythonVersionActions } from './python-version-actions';
import { versionErrors } from './version-errors';

const folder = temporaryFolder();

const PYPROJECT = '[project]\nname = "a"\nversion = "1.3.0"\n';

/** A tree over the temporary folder: what is written stays in memory, as Nx's does until the end. */
function treeOf(files: Readonly<Record<string, string>>): Tree {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true });
    writeFileSync(join(folder.path, path), text);
  }
  const written = new Map<string, string>();
  const read = (path: string): string | null =>
    written.get(path) ?? (existsSync(join(folder.path, path)) ? readFileSync(join(folder.path, path), 'utf8') : null);
  const tree = {
    root: folder.path,
    read,
    exists: (path: string) => read(path) !== null,
    write: (path: string, text: string) => written.set(path, text),
  };
  return tree as unknown as Tree;
}

const node = (name: string): ProjectGraph['nodes'][string] => ({ name, type: 'lib', data: { root: name, targets: {} } });
const graph: ProjectGraph = { nodes: { a: node('a'), b: node('b') }, dependencies: { b: [{ source: 'b', target: 'a', type: 'implicit' }] } };

const actions = (name = 'a', manifestRootsToUpdate: readonly unknown[] = []): PythonVersionActions =>
  new PythonVersionActions({ name: 'g' } as never, node(name), { manifestRootsToUpdate, adjustSemverBumpsForZeroMajorVersion: false } as never);

const refuses = (run: Promise<unknown>, code: string): Promise<void> =>
  expect(run).rejects.toMatchObject({ code, message: expect.stringMatching(/\nfix: ./) });

const bump = (specifier: string, preid = '', current = '1.3.0'): Promise<{ newVersion: string }> =>
  actions().calculateNewVersion(current, specifier, 'USER_SPECIFIER', {}, preid);

describe('calculateNewVersion', () => {
  it.each([
    ['minor', '', '1.4.0'],
    ['prerelease', 'rc', '1.3.1-rc.0'],
    ['prerelease', 'b', '1.3.1-beta.0'],
    ['1.4.0rc1', '', '1.4.0-rc.1'],
    ['1.4.0-rc.1', '', '1.4.0-rc.1'],
    ['2', '', '2.0.0'],
  ])('%s %s: %s', async (specifier, preid, expected) => expect(await bump(specifier, preid)).toMatchObject({ newVersion: expected }));

  it('counts a pre-release on', async () => expect(await bump('prerelease', 'b', '1.3.0-beta.6')).toMatchObject({ newVersion: '1.3.0-beta.7' }));

  it.each(['1.x', 'next', '1.4.0.post1', '1!2.0'])('refuses the version %s', (specifier) => refuses(bump(specifier), 'VERSION_SPECIFIER'));
  it.each(['nightly', ''])('refuses the pre-release %p', (preid) => refuses(bump('prerelease', preid), 'VERSION_PRERELEASE'));
});

describe('the current version', () => {
  const current = (files: Readonly<Record<string, string>>): Promise<unknown> => actions().readCurrentVersionFromSourceManifest(treeOf(files));

  it.each([
    ['1.3', '1.3.0'],
    ['1.3.0rc1', '1.3.0-rc.1'],
  ])('%s is %s for Nx', async (text, expected) =>
    expect(await current({ 'a/pyproject.toml': PYPROJECT.replace('1.3.0', text) })).toEqual({
      currentVersion: expected,
      manifestPath: 'a/pyproject.toml',
    }),
  );

  it.each<[string, Readonly<Record<string, string>>]>([
    ['VERSION_NO_SEMVER', { 'a/pyproject.toml': PYPROJECT.replace('1.3.0', '1.3.0.post1') }],
    ['VERSION_DISAGREES', { 'a/pyproject.toml': PYPROJECT, 'a/package.json': '{"version":"1.4.0"}' }],
    ['VERSION_MANIFEST', { 'a/pyproject.toml': '[project' }],
    ['VERSION_NOWHERE', { 'a/pyproject.toml': '[project]\nname = "a"\n' }],
  ])('%s', (code, files) => refuses(current(files), code));

  it('is no index’s to say', () => refuses(actions().readCurrentVersionFromRegistry(), 'VERSION_REGISTRY'));
  it('needs a manifest', () => refuses(actions().validate(treeOf({})), 'VERSION_NOWHERE'));
});

describe('updateProjectVersion', () => {
  const WORKSPACE = '[workspace.package]\nversion = "1.3.0"\n';
  const member = (name: string): string => `[package]\nname = "${name}"\nversion.workspace = true\n`;

  it('writes a version again when Nx has a second look', async () => {
    const tree = treeOf({ 'a/pyproject.toml': PYPROJECT, 'a/package.json': '{ "dependencies": { "version": "0" },\n  "version": "1.3.0" }\n' });
    await actions().updateProjectVersion(tree, '1.3.10-rc.0');
    await actions().updateProjectVersion(tree, '1.4.0-rc.0');
    expect(tree.read('a/pyproject.toml')).toBe(PYPROJECT.replace('1.3.0', '1.4.0rc0'));
    expect(tree.read('a/package.json')).toBe('{ "dependencies": { "version": "0" },\n  "version": "1.4.0-rc.0" }\n');
  });

  it('finds a shared version of a Cargo workspace, and refuses two', async () => {
    const tree = treeOf({ 'Cargo.toml': WORKSPACE, 'a/Cargo.toml': member('a'), 'b/Cargo.toml': member('b') });
    await actions('a').updateProjectVersion(tree, '1.4.0');
    await actions('b').updateProjectVersion(tree, '1.4.0');
    expect(tree.read('Cargo.toml')).toBe(WORKSPACE.replace('1.3.0', '1.4.0'));
    await refuses(actions('b').updateProjectVersion(tree, '1.5.0'), 'VERSION_SHARED');
  });

  it('finds the shared version of a Cargo workspace whose root is a package of its own version, and a package.json of one line', async () => {
    const root = '[package]\nname = "root"\nversion = "1.3.0"\n\n[workspace.package]\nversion = "1.3.0"\n';
    const tree = treeOf({ 'Cargo.toml': root, 'a/Cargo.toml': member('a'), 'a/package.json': '{"name":"a","files":["version"],"version":"1.3.0"}' });
    await actions('a').updateProjectVersion(tree, '1.4.0');
    expect(tree.read('Cargo.toml')).toBe(root.replace('package]\nversion = "1.3.0"', 'package]\nversion = "1.4.0"'));
    expect(tree.read('a/package.json')).toBe('{"name":"a","files":["version"],"version":"1.4.0"}');
  });

  it('refuses a file that another hand has changed', async () => {
    const tree = treeOf({ 'a/pyproject.toml': PYPROJECT });
    tree.write('a/pyproject.toml', '[project]\nname = "a"\n');
    await refuses(actions().updateProjectVersion(tree, '1.4.0'), 'VERSION_PLACE');
  });

  it('has other roots when told so', async () => {
    const tree = treeOf({ 'a/core/pyproject.toml': PYPROJECT });
    await actions('a', [{ path: '{projectRoot}/core' }]).updateProjectVersion(tree, '1.4.0');
    expect(tree.read('a/core/pyproject.toml')).toContain('1.4.0');
  });

  it('leaves a version that git says to git', async () => {
    const tree = treeOf({ 'a/pyproject.toml': '[project]\nname = "a"\ndynamic = ["version"]\n[tool.setuptools_scm]\n' });
    expect(await actions().updateProjectVersion(tree, '1.4.0')).toEqual([expect.stringContaining('git tag')]);
  });
});

describe('dependents', () => {
  const FILES = {
    'a/pyproject.toml': PYPROJECT,
    'a/Cargo.toml': '[package]\nname = "a-core"\nversion = "1.3.0"\n',
    'a/package.json': '{"name":"@acme/a","version":"1.3.0"}',
    'b/pyproject.toml':
      '[project]\nname = "b"\nversion = "1"\ndependencies = ["A>=1.3", "a @ file:///x", "ab>=1.3"]\n[dependency-groups]\ndev = ["a[x] == 1.3.0"]\n[tool.poetry.dependencies]\na = {version = "^1.3", path = "../a"}\n',
    'b/Cargo.toml':
      '[package]\nname = "b"\nversion = "1.0.0"\n[dependencies]\ncore = { package = "a-core", path = "../a", version = "1.3" }\na = "1.3"\n',
    'b/package.json': '{ "version": "1.0.0", "devDependencies": { "@acme/a": "^1.3.0" } }',
    'Cargo.toml': '[workspace]\n[workspace.dependencies]\na-core = "=1.3.0"\n',
    'poetry.lock': '',
  };

  it('get every range moved, in all their manifests', async () => {
    const tree = treeOf(FILES);
    const lines = await actions('b').updateProjectDependencies(tree, graph, { a: '~1.4.0' });
    expect(tree.read('b/pyproject.toml')).toBe(
      FILES['b/pyproject.toml'].replace('A>=1.3"', 'A>=1.4.0"').replace('== 1.3.0', '== 1.4.0').replace('^1.3', '^1.4'),
    );
    expect(tree.read('b/Cargo.toml')).toBe(FILES['b/Cargo.toml'].replace('version = "1.3"', 'version = "1.4"'));
    expect(tree.read('b/package.json')).toBe(FILES['b/package.json'].replace('^1.3.0', '^1.4.0'));
    expect(tree.read('Cargo.toml')).toContain('a-core = "=1.4.0"');
    expect(lines).toContainEqual(expect.stringContaining('run `poetry lock`'));
  });

  it('get ranges moved in setup.cfg, in tables of names with dots, and in a list of constraints, whatever says the name of the other', async () => {
    const pyproject = (range: string, pin: string, list: string): string =>
      `[project.optional-dependencies]\n"x.y" = ["acme-core>=${range}"]\n[dependency-groups]\n"d.e" = ["Acme_Core==${pin}"]\n` +
      `[tool.poetry.dependencies]\n"acme.core" = [{version = "^${pin}", python = "<3.12"}, {version = "${list}", python = ">=3.12", path = "../a"}]\n` +
      `[tool.poetry.group."f.g".dependencies]\n"acme.core" = "~${pin}"\n`;
    const setup = (range: string, pin: string, compatible: string): string =>
      `[options]\nsetup_requires = wheel; acme.core~=${compatible}\ninstall_requires =\n    # acme.core<1\n    acme.core>=${range},<2; python_version < "4"\n` +
      `    other>=1.3\n\n    acme-core[x] == ${pin}  # acme.core==1\n` +
      `[options.extras_require]\nall: acme_core\n  acme.core!=1.3.1\n[tool:x]\ninstall_requires = acme.core==1.3.0\n`;
    const files = {
      'a/setup.cfg': '[metadata]\nname = acme.core\nversion = 1.3.0\n',
      'b/pyproject.toml': pyproject('1.3', '1.3.0', '^1.3.0'),
      'b/setup.cfg': setup('1.3', '1.3.0', '1.3'),
      'uv.lock': '[[package]]\nname = "acme-core"\nversion = "1.3.0"\nsource = { editable = "a" }\n',
    };
    const tree = treeOf(files);
    await actions('b').updateProjectDependencies(tree, graph, { a: '1.4.0' });
    expect(tree.read('b/pyproject.toml')).toBe(pyproject('1.4.0', '1.4.0', '^1.4.0'));
    expect(tree.read('b/setup.cfg')).toBe(setup('1.4.0', '1.4.0', '1.4'));
    await actions('a').updateProjectVersion(tree, '1.4.0');
    expect(tree.read('uv.lock')).toContain('version = "1.4.0"');
    const odd = treeOf({ ...files, 'b/pyproject.toml': pyproject('1.3', '1.3.0', '^1.2 || ^1.3') });
    await refuses(actions('b').updateProjectDependencies(odd, graph, { a: '1.4.0' }), 'VERSION_RANGE');
  });

  it('get their own version behind a range of the same setup.cfg that has become longer', async () => {
    const setup = (range: string, version: string): string =>
      `[options]\ninstall_requires = acme.core>=${range}\n[metadata]\nname = b\nversion = ${version}\n`;
    const tree = treeOf({ 'a/setup.cfg': '[metadata]\nname = acme.core\nversion = 1.3.0\n', 'b/setup.cfg': setup('1.3', '2.0.0') });
    await actions('b').updateProjectDependencies(tree, graph, { a: '1.10.0' });
    await actions('b').updateProjectVersion(tree, '2.0.1');
    expect(tree.read('b/setup.cfg')).toBe(setup('1.10.0', '2.0.1'));
  });

  it('are dependents although the edge is implicit, when a manifest names the other', async () => {
    expect(await actions('b').readDependencies(treeOf(FILES), graph)).toHaveLength(1);
    expect(await actions('b').readCurrentVersionOfDependency(treeOf(FILES), graph, 'a')).toMatchObject({ currentVersion: '>=1.3' });
    const stranger = { ...FILES, 'a/pyproject.toml': '', 'a/Cargo.toml': '', 'a/package.json': '{}' };
    expect(await actions('b').readDependencies(treeOf(stranger), graph)).toEqual([]);
  });

  it('whose range shuts the version out are refused', async () => {
    const tree = treeOf({ ...FILES, 'b/pyproject.toml': '[project]\nname = "b"\nversion = "1"\ndependencies = ["a>=1,!=1.4.0"]\n' });
    await refuses(actions('b').updateProjectDependencies(tree, graph, { a: '1.4.0' }), 'VERSION_RANGE');
  });
});

it('the catalog holds', () => expect(problemsOfCatalog(versionErrors, join(__dirname, '..'))).toEqual([]));

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import { parse } from 'smol-toml';
import { readsGit, versionVariables } from './backends';
import { findReach } from './find-reach';
import { generatedFiles } from './generated-files';
import { rustFlagsVariable } from './find-rust-flags';
import type { ProjectFacts } from './project-facts';
import { readProject } from './read-project';

const folder = temporaryFolder();

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true });
    writeFileSync(join(folder.path, path), text);
  }
}

function read(files: Record<string, string>): ProjectFacts {
  write(Object.fromEntries(Object.entries(files).map(([path, text]) => [`libs/demo/${path}`, text])));
  return readProject('libs/demo', join(folder.path, 'libs/demo'));
}

const HATCH = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n';

describe('readProject', () => {
  it('reads what pyproject.toml says', () => {
    const text = `${HATCH}[project]\nname = "my-demo"\nversion = "1.0"\nrequires-python = ">=3.9"\n[project.scripts]\nrun = "x:y"\n`;
    expect(read({ 'pyproject.toml': text })).toMatchObject({
      backend: 'hatchling.build',
      requires: ['hatchling'],
      distribution: 'my-demo',
      requiresPython: '>=3.9',
      dynamicVersion: false,
      native: 'no',
      scripts: ['run'],
    });
  });

  it.each<[string, Record<string, string>, Partial<ProjectFacts>]>([
    [
      'setup.py only',
      { 'setup.py': 'from setuptools import setup\nsetup(name="old", version="1")' },
      { backend: 'setuptools.build_meta:__legacy__', distribution: 'old' },
    ],
    [
      'setup.cfg only',
      { 'setup.cfg': '[metadata]\nname = old\n[options]\npython_requires = >=3.7' },
      { backend: 'setuptools.build_meta:__legacy__', distribution: 'old', requiresPython: '>=3.7' },
    ],
    [
      'poetry',
      { 'pyproject.toml': '[build-system]\nrequires = []\nbuild-backend = "poetry.core.masonry.api"\n[tool.poetry]\nname = "p"\nversion = "1"' },
      { distribution: 'p', dynamicVersion: false },
    ],
    ['maturin', { 'pyproject.toml': '[build-system]\nrequires = ["maturin"]\nbuild-backend = "maturin"' }, { native: 'yes', dynamicVersion: true }],
    [
      'a C extension',
      { 'pyproject.toml': '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"', 'setup.py': 'setup(ext_modules=[])' },
      { native: 'yes' },
    ],
  ])('reads %s', (_, files, facts) => {
    expect(read(files)).toMatchObject(facts);
  });

  it.each<[string, string, Record<string, string>, string]>([
    ['WHEEL_BACKEND_MISSING', 'no manifest', {}, 'There is no `libs/demo/pyproject.toml`'],
    ['WHEEL_BACKEND_MISSING', 'no backend', { 'pyproject.toml': '[project]\nname = "x"' }, '`libs/demo/pyproject.toml` names no build backend'],
    ['WHEEL_PYPROJECT', 'broken TOML', { 'pyproject.toml': '[project\nname' }, '`libs/demo/pyproject.toml` cannot be used'],
    ['WHEEL_PYPROJECT', 'no requires', { 'pyproject.toml': '[build-system]\nbuild-backend = "x"' }, 'requires'],
  ])('%s: %s', (code, _, files, says) => {
    mkdirSync(join(folder.path, 'libs/demo'), { recursive: true });
    expect(() => read(files)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(says) }));
  });
});

describe('findReach', () => {
  const reach = (manifest: string, inside: string[] = []) => findReach({ manifest: parse(manifest) }, 'libs/demo', folder.path, inside);

  it('counts a project inside of the project as outside, and asks for the crate that is one', async () => {
    write({
      'libs/demo/rust/Cargo.toml': '[dependencies]\ncore = { path = "../core" }\n',
      'libs/demo/core/Cargo.toml': '[package]\nname = "core"\n',
      'libs/demo/own/Cargo.toml': '[dependencies]\ncore = { path = "../core" }\n',
    });
    const of = (crate: string): string => `[tool.maturin]\nmanifest-path = "${crate}/Cargo.toml"\n`;
    expect(await reach(of('rust'))).toEqual([]);
    expect(await reach(of('rust'), ['libs/demo/rust'])).toEqual(['libs/demo/rust']);
    expect(await reach(of('own'), ['libs/demo/core'])).toEqual(['libs/demo/core']);
  });

  it('finds files above the project that a backend reads, and no others', async () => {
    write({ 'README.md': '', 'LICENSES/MIT.txt': '', 'ruff.toml': '', 'libs/other/setup.py': '', 'libs/demo/pyproject.toml': '' });
    const manifest =
      '[project]\nreadme = "../../README.md"\n[tool.ruff]\nextend = "../../ruff.toml"\n[tool.hatch.build.force-include]\n"../../LICENSES" = "x"\n';
    expect(await reach(manifest)).toEqual(['LICENSES', 'README.md']);
    expect(await reach('[tool.poetry.group.dev.dependencies]\nother = { path = "../other" }')).toEqual([]);
    expect(await reach('[project]\nreadme = "../../../outside.md"\nlicense-files = ["../missing"]')).toEqual([]);
  });

  it('finds the Cargo workspace of a crate, its members, and crates by path', async () => {
    write({
      'Cargo.toml': '[workspace]\nmembers = ["libs/*", "crates/core"]\n',
      'Cargo.lock': '',
      'libs/demo/Cargo.toml': '[package]\nname = "demo"\n[dependencies]\nhelper = { path = "../../elsewhere/helper" }\n',
      'libs/other/Cargo.toml': '[package]\nname = "other"\n',
      'crates/core/Cargo.toml': '[package]\nname = "core"\n',
      'elsewhere/helper/Cargo.toml': '[package]\nname = "helper"\n',
    });
    expect(await reach('')).toEqual(['Cargo.lock', 'Cargo.toml', 'crates/core', 'elsewhere/helper', 'libs/other']);
  });
});

const OWN = 'SETUPTOOLS_SCM_PRETEND_VERSION_FOR_MY_DEMO';
const PBR = ['PBR_VERSION', 'SKIP_GENERATE_AUTHORS', 'SKIP_WRITE_GIT_CHANGELOG'];

it.each<[string, string, string[], string | undefined, string[]]>([
  ['setuptools-scm', 'setuptools.build_meta', ['setuptools', 'setuptools-scm>=8'], 'My.Demo', [OWN, ...PBR]],
  ['setuptools-scm without a name', 'setuptools.build_meta', ['setuptools_scm'], undefined, ['SETUPTOOLS_SCM_PRETEND_VERSION', ...PBR]],
  ['hatch-vcs, which says no name', 'hatchling.build', ['hatchling', 'hatch-vcs'], 'My.Demo', [OWN, 'SETUPTOOLS_SCM_PRETEND_VERSION']],
  ['pdm', 'pdm.backend', ['pdm-backend'], 'My.Demo', [OWN, 'PDM_BUILD_SCM_VERSION']],
  ['pbr', 'pbr.build', ['pbr'], 'My.Demo', [OWN, ...PBR]],
  ['poetry', 'poetry_dynamic_versioning.backend', ['poetry-dynamic-versioning>=1'], 'My.Demo', [OWN, 'POETRY_DYNAMIC_VERSIONING_OVERRIDE']],
  ['uv', 'hatchling.build', ['hatchling', 'uv-dynamic-versioning'], 'My.Demo', [OWN, 'UV_DYNAMIC_VERSIONING_BYPASS']],
  ['a tool that asks nobody', 'flit_core.buildapi', ['flit_core'], 'My.Demo', [OWN]],
])('hands the version to this project alone, where its tools can be told which one that is: %s', (_, backend, requires, distribution, names) => {
  const facts = { backend, requires, ...(distribution !== undefined && { distribution }) };
  expect(Object.keys(versionVariables('1.4.0', facts))).toEqual(names);
});

it('knows what reads git', () => {
  const facts = { backend: 'poetry.core', requires: ['poetry-dynamic-versioning'], distribution: 'My.Demo' };
  expect(versionVariables('1.4.0', facts)).toMatchObject({ POETRY_DYNAMIC_VERSIONING_OVERRIDE: 'My.Demo=1.4.0' });
  expect(readsGit({ backend: 'mesonpy', requires: [], manifest: {} })).toBe(true);
  expect(readsGit({ backend: 'setuptools.build_meta', requires: ['setuptools>=64', 'setuptools-scm>=8'], manifest: {} })).toBe(true);
  expect(readsGit({ backend: 'hatchling.build', requires: ['hatchling'], manifest: {} })).toBe(false);
  const byGit = { tool: { maturin: { 'sdist-generator': 'git' } } };
  expect(readsGit({ backend: 'maturin', requires: ['maturin'], manifest: byGit })).toBe(true);
  expect(readsGit({ backend: 'maturin', requires: ['maturin'], manifest: { tool: { maturin: { 'sdist-generator': 'cargo' } } } })).toBe(false);
});

it('knows modules that a backend writes the version into', () => {
  const manifest = '[tool.setuptools_scm]\nversion_file = "src/a/_v.py"\n[tool.hatch.build.hooks.vcs]\nversion-file = "b/_v.py"\n';
  expect(generatedFiles(parse(manifest))).toEqual(['src/a/_v.py', 'b/_v.py']);
});

describe('rustFlagsVariable', () => {
  const config = (text: string): Record<string, string> => {
    write({ 'rust/.cargo/config.toml': text, 'rust/crates/a/src/lib.rs': '' });
    const name = rustFlagsVariable(folder.path, 'rust', 'crates/a', 'linux-x86_64', join(folder.path, 'home'));
    return { [name]: '--cfg ours' };
  };

  it.each([
    ['[build]\nrustflags = ["--cfg", "users"]\n', 'CARGO_BUILD_RUSTFLAGS'],
    ['[target.x86_64-unknown-linux-gnu]\nrustflags = ["--cfg", "users"]\n', 'CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS'],
    [
      `[target.'cfg(unix)']\nrustflags = ["--cfg", "users"]\n[build]\nrustflags = ["--cfg", "other"]\n`,
      'CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS',
    ],
    ['[target.x86_64-unknown-linux-gnu]\nlinker = "cc"\n', 'CARGO_BUILD_RUSTFLAGS'],
  ])('adds to %j by %s', (text, name) => {
    expect(Object.keys(config(text))).toEqual([name]);
  });

  it('WHEEL_PYPROJECT: settings of cargo that are no TOML', () => {
    expect(() => config('[build')).toThrow(expect.objectContaining({ code: 'WHEEL_PYPROJECT' }));
  });

  const isIntel = process.platform === 'linux' && process.arch === 'x64' && spawnSync('cargo', ['--version']).status === 0;
  skipUnless(isIntel, 'cargo for Linux on x86_64 is not installed')('cargo takes the flags of the user and ours', async () => {
    for (const text of ['[build]\nrustflags = ["--cfg", "users"]\n', `[target.'cfg(unix)']\nrustflags = ["--cfg", "users"]\n`]) {
      const variables = config(text);
      write({ 'rust/Cargo.toml': '[package]\nname = "a"\nversion = "0.1.0"\n[lib]\npath = "crates/a/src/lib.rs"\n' });
      const { RUSTFLAGS: _, ...environment } = process.env;
      const env = { ...environment, ...variables, CARGO_TARGET_DIR: join(folder.path, 'target') };
      const { stderr } = spawnSync('cargo', ['build', '--verbose', '--offline'], { cwd: join(folder.path, 'rust'), env, encoding: 'utf8' });
      expect(stderr).toMatch(/--cfg users/);
      expect(stderr).toMatch(/--cfg ours/);
    }
  });
});

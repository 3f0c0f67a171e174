import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '@waybill/core/testing';
import { parse } from 'smol-toml';
import { backendVersion, setupVersion } from './backend-version';
import { readIni } from './read-ini';

const folder = temporaryFolder();

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true });
    writeFileSync(join(folder.path, path), text);
  }
}

const system = (backend: string): string =>
  `[build-system]\nrequires = []\nbuild-backend = "${backend}"\n[project]\nname = "my-demo"\ndynamic = ["version"]\n`;

describe('backendVersion', () => {
  it.each<[string, string, Record<string, string>, string]>([
    [
      'setuptools, attribute',
      `${system('setuptools.build_meta')}[tool.setuptools.dynamic]\nversion = { attr = "demo.about.VERSION" }`,
      { 'src/demo/about.py': 'VERSION = "1.2.3"\n' },
      '1.2.3',
    ],
    [
      'setuptools, attribute in the folder of `package-dir`',
      `${system('setuptools.build_meta')}[tool.setuptools]\npackage-dir = { "" = "source" }\ndynamic.version = { attr = "demo.__version__" }`,
      { 'source/demo/__init__.py': '__version__ = "1.2.3"\n', 'src/demo/__init__.py': '__version__ = "9"\n' },
      '1.2.3',
    ],
    [
      'setuptools, attribute in the folder of `packages.find`',
      `${system('setuptools.build_meta')}[tool.setuptools]\npackages.find.where = ["py"]\ndynamic.version = { attr = "demo.__version__" }`,
      { 'py/demo/__init__.py': '__version__ = "1.2.3"\n' },
      '1.2.3',
    ],
    [
      'setuptools, file',
      `${system('setuptools.build_meta')}[tool.setuptools.dynamic]\nversion = { file = ["VERSION"] }`,
      { VERSION: '1.2.3\n' },
      '1.2.3',
    ],
    ['setuptools, setup.cfg', system('setuptools.build_meta'), { 'setup.cfg': '[metadata]\nversion = 1.2.3\n' }, '1.2.3'],
    [
      'hatchling',
      `${system('hatchling.build')}[tool.hatch.version]\npath = "demo/__about__.py"`,
      { 'demo/__about__.py': "__version__ = 'v1.2.3'\n" },
      '1.2.3',
    ],
    [
      'hatchling, pattern',
      `${system('hatchling.build')}[tool.hatch.version]\npath = "x.txt"\npattern = "(?i)release (?P<version>[^ ]+)"`,
      { 'x.txt': 'RELEASE 1.2.3 of today' },
      '1.2.3',
    ],
    ['flit', system('flit_core.buildapi'), { 'my_demo/__init__.py': '"""Doc."""\n__version__ = "1.2.3"\n' }, '1.2.3'],
    [
      'pdm',
      `${system('pdm.backend')}[tool.pdm.version]\nsource = "file"\npath = "my_demo.py"`,
      { 'my_demo.py': '__version__: str = "1.2.3"  # bumped by hand\r\n' },
      '1.2.3',
    ],
    [
      'scikit-build-core',
      `${system('scikit_build_core.build')}[tool.scikit-build.metadata.version]\nprovider = "scikit_build_core.metadata.regex"\ninput = "a.py"`,
      { 'a.py': '__version__ = "1.2.3"' },
      '1.2.3',
    ],
    ['meson-python', system('mesonpy'), { 'meson.build': "project('x', 'c',\n  version: '1.2.3')\n" }, '1.2.3'],
  ])('reads that of %s', (_, manifest, files, version) => {
    write(files);
    expect(backendVersion(parse(manifest), folder.path)?.text).toBe(version);
  });

  it.each<[string, string, Record<string, string>]>([
    ['setuptools-scm', `${system('setuptools.build_meta')}[tool.setuptools_scm]`, {}],
    ['hatch-vcs', `${system('hatchling.build')}[tool.hatch.version]\nsource = "vcs"`, {}],
    [
      'an attribute that is computed',
      `${system('setuptools.build_meta')}[tool.setuptools.dynamic]\nversion = { attr = "demo.V" }`,
      { 'demo.py': 'V = f()\n' },
    ],
    [
      'a text that more is made of',
      `${system('hatchling.build')}[tool.hatch.version]\nsource = "code"\npath = "demo.py"`,
      { 'demo.py': '__version__ = ".".join(["1", "0"])\n' },
    ],
    ['a pattern that only Python reads', `${system('hatchling.build')}[tool.hatch.version]\npath = "a"\npattern = "(?P<version>(?#x)["`, { a: '1' }],
    ['a backend that nobody knows', system('strange'), {}],
  ])('leaves %s to git and the user', (_, manifest, files) => {
    write(files);
    expect(backendVersion(parse(manifest), folder.path)).toBeUndefined();
  });
});

describe('setupVersion', () => {
  it.each<[string, Record<string, string>, string | undefined]>([
    ['a text', { 'setup.cfg': '[metadata]\nname = demo\nversion = 1.2.3' }, '1.2.3'],
    ['an attribute', { 'setup.cfg': '[metadata]\nversion = attr: demo.__version__', 'demo/__init__.py': '__version__ = "1.2.3"' }, '1.2.3'],
    ['a file', { 'setup.cfg': '[metadata]\nversion = file: V', V: '1.2.3' }, '1.2.3'],
    ['setup.py', { 'setup.py': 'from setuptools import setup\nsetup(\n    name="demo",\n    version="1.2.3",\n)' }, '1.2.3'],
    ['setup.py on one line', { 'setup.py': 'setup(version="1.2.3")' }, '1.2.3'],
    ['a setup.py that computes it', { 'setup.py': 'setup(name="demo", version=find())' }, undefined],
  ])('reads %s', (_, files, version) => {
    write(files);
    expect(setupVersion(folder.path)?.text).toBe(version);
  });
});

it('readIni reads sections, folded values and comments', () => {
  expect(readIni('[a]\n# x\nk-e = 1\nlist =\n  one\n  two\n; y\n[b c]\nz: 2\n')).toEqual({ a: { k_e: '1', list: 'one\ntwo' }, 'b c': { z: '2' } });
});

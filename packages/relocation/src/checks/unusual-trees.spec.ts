import type { BundleEntry } from '../bundle-facts';
import { runStaticChecks } from '../run-static-checks';
import { elf, factsOf, file, pyc, script } from '../testing/build-facts';
import { pythonApp } from '../testing/good-bundles';
import { add, alter, describeFindings, findingsOf, POLICY } from '../testing/plant-fault';

describe('byte code for a Python whose name or magic number is not known', () => {
  const windows = (...entries: BundleEntry[]) => factsOf([file('python/Lib/os.py'), ...entries], 'windows-x86_64');
  const osPyc = (magic: number) => pyc('python/Lib/__pycache__/os.cpython-312.pyc', { magic });

  it('is held to the version in the manifest where the standard library’s folder has none (Windows)', () => {
    const manifest = file('share/waybill/manifest.json', { text: JSON.stringify({ runtime: { version: '3.12.4' }, entries: [] }) });
    expect(describeFindings(findingsOf('bytecode', windows(manifest, osPyc(3413))))).toEqual([
      expect.stringContaining('The byte code was written by another Python'),
    ]);
    expect(findingsOf('bytecode', windows(manifest, osPyc(3531)))).toEqual([]);
  });

  it('is held to itself, with a warning', () => {
    const cached = (name: string, magic: number) => [
      file(`python/lib/python3.15/${name}.py`),
      pyc(`python/lib/python3.15/__pycache__/${name}.cpython-315.pyc`, { magic }),
    ];
    const warning = 'warning python The magic number of Python 3.15 is not known: its byte code was only compared with itself';
    expect(describeFindings(findingsOf('bytecode', factsOf([...cached('os', 3700), ...cached('re', 3700)])))).toEqual([warning]);
    expect(describeFindings(findingsOf('bytecode', factsOf([...cached('os', 3700), ...cached('re', 3413)])))).toEqual([
      warning,
      expect.stringContaining('error python/lib/python3.15/__pycache__/re.cpython-315.pyc The byte code was written by another Python'),
    ]);
  });
});

it.each([
  ['of Windows', 'home = C:\\Python312\n'],
  ['with an empty home', 'home =\ninclude-system-site-packages = false\n'],
  ['with its home behind other keys', 'uv = 0.9\nHome= /usr/bin\n'],
])('a virtual environment %s cannot be moved', (_, text) => {
  const found = describeFindings(findingsOf('python-metadata', factsOf([file('v/pyvenv.cfg', { text })])));
  expect(found).toContainEqual(expect.stringContaining('error v/pyvenv.cfg The folder is a virtual environment'));
});

describe('modes', () => {
  const tree = (...modes: number[]) =>
    describeFindings(findingsOf('tree-entries', factsOf(modes.map((mode, index) => file(`d/f${index}`, { mode })))));

  it('that keep others out of most of the tree are red, and of all of it a warning', () => {
    expect(tree(0o644, 0o600, 0o600, 0o700)).toEqual([1, 2, 3].map((index) => expect.stringContaining(`error d/f${index} Others than its owner`)));
    expect(tree(0o600, 0o700)).toEqual([expect.stringContaining('warning - Nothing in the tree can be read by others')]);
  });

  it('that let everybody write are red, and in all of the tree a warning', () => {
    expect(tree(0o644, 0o666)).toEqual([expect.stringContaining('error d/f1 Everybody may write to the file')]);
    expect(tree(0o666, 0o777)).toEqual([expect.stringContaining('warning - Everybody may write to everything')]);
    expect(tree(0o664, 0o775)).toEqual([]);
  });

  it('of many files are told by some', () => {
    expect(tree(0o644, ...Array.from({ length: 3000 }, () => 0o600))).toHaveLength(20);
  });
});

describe('packages whose dist-info is not there', () => {
  const withRequired = (requires: string, ...more: BundleEntry[]) => {
    const metadata = `Metadata-Version: 2.1\nName: pure\nVersion: 1.0\n${requires}\n\nRequires-Dist: text\n`;
    const entries = pythonApp((all) => [...alter('python/vendor/pure-1.0.dist-info/METADATA', () => ({ text: metadata }))(all), ...more]);
    return describeFindings(findingsOf('python-metadata', entries)).filter((line) => /dist-info|requires/.test(line));
  };

  it('are red where another package requires them and their code is there', () => {
    expect(withRequired('Requires-Dist: Other_Pkg>=1', file('python/vendor/other_pkg/__init__.py'))).toContainEqual(
      expect.stringContaining('error python/vendor/other_pkg The code of `Other_Pkg` is there without its dist-info'),
    );
  });

  it('are a warning where there is no code of that name', () => {
    expect(withRequired('Requires-Dist: other')).toEqual([expect.stringContaining('The package requires `other`, which is not installed')]);
  });

  it('may be absent when a marker or an extra asks for them, and when they are there', () => {
    expect(withRequired('Requires-Dist: other; python_version < "3"\nRequires-Dist: x>=1 ; extra == "y"\nRequires-Dist: Rusty')).toEqual([]);
  });
});

it.each([
  ["import sys; sys.path.insert(0, '/srv/app/src')", 1],
  ["import os; p = os.path.join(sys._getframe(1).f_locals['sitedir'], 'ns'); x = '/usr/bin'", 0],
])('a .pth that runs %s', (text, count) => {
  expect(
    findingsOf('python-metadata', factsOf([file('lib/python3.11/site-packages/a.pth', { text })])).filter(({ path }) => path?.endsWith('.pth')),
  ).toHaveLength(count);
});

it.each([
  ['a source of Cython', 0o644, []],
  ['the same that may be executed', 0o755, [expect.stringContaining('info python/vendor/numpy/x.pxd The `#!` line names no absolute path')]],
])('`#!python` of %s', (_, mode, expected) => {
  const results = runStaticChecks(pythonApp(add(script('python/vendor/numpy/x.pxd', '#!python\n', mode))), POLICY);
  expect(describeFindings(results.find(({ check }) => check === 'shebangs')!.findings)).toEqual(expected);
});

it('any number of entries has an answer', () => {
  const facts = factsOf(Array.from({ length: 150_000 }, (_, index) => file(`d/f${index}`)));
  expect(findingsOf('tree-entries', facts)).toEqual([]);
});

it('a folder called as a workspace of one part (`/app`) is no path of it', () => {
  const at = (path: string) => findingsOf('build-paths', factsOf([file('share/app/x')]), { ...POLICY, leakTokens: [{ id: 'workspace', path }] });
  expect([at('/app').length > 0, at('/share/app').length > 0]).toEqual([false, true]);
});

describe('extension modules of a free-threaded runtime', () => {
  const foundIn = (folder: string, ...names: string[]) => {
    const modules = names.map((name) => elf(`lib/${folder}/site-packages/${name}`));
    return describeFindings(findingsOf('binary-format', factsOf([file(`lib/${folder}/os.py`), ...modules])));
  };
  const found = (tag: string, folder: string) => foundIn(folder, `m.cpython-${tag}-x86_64-linux-gnu.so`);

  it('are tagged with a `t`, and no others are', () => {
    expect([found('313t', 'python3.13t'), found('313', 'python3.13')]).toEqual([[], []]);
    expect([found('313', 'python3.13t'), found('313t', 'python3.13')].flat()).toEqual([
      expect.stringContaining('The extension module is for Python 3.13 and is never imported'),
      expect.stringContaining('The extension module is for Python 3.13t and is never imported'),
    ]);
  });

  it('are not those of the stable ABI with a lock, which make no other one usable', () => {
    const told = (text: string) => expect.stringContaining(`The extension module is for Python ${text} and is never imported`);
    expect(foundIn('python3.13t', 'm.abi3.so', 'm.cpython-313-x86_64-linux-gnu.so')).toEqual([told('3 with a lock (abi3)'), told('3.13')]);
    expect([foundIn('python3.15t', 'm.abi3t.so'), foundIn('python3.13', 'm.abi3.so', 'n.abi3t.so')]).toEqual([[], []]);
  });
});

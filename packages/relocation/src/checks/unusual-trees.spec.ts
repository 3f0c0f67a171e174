import type { BundleEntry } from '../bundle-facts';
import { elf, factsOf, file, pyc } from '../testing/build-facts';
import { describeFindings, findingsOf, POLICY } from '../testing/plant-fault';

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

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { temporaryFolder } from '@waybill/core/testing';
import { readPyc } from './read-pyc';
import { sourceHash } from './source-hash';

const folder = temporaryFolder();
const SOURCE = `"""doc"""\nimport os\nX = {1: (2.5, 3j, 10**30, "é", b"x", frozenset({1, 2}), ...)}\ndef f(a, *, b=1):\n    def g(): return a, "text"\n    return g\nclass C:\n    x: int = 1\n    def m(self): return [y for y in range(3)]\n`;

/** Every Python of the machine from 3.9 on: the format changes between them. */
function pythons(): string[] {
  const versions = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions');
  const others = existsSync(versions)
    ? readdirSync(versions)
        .filter((name) => /^3\.(9|1\d)\./.test(name))
        .map((name) => join(versions, name, 'bin/python3'))
    : [];
  return ['python3', ...others];
}

function compile(python: string, mode: string, shown: string, text = SOURCE): Buffer {
  const source = join(folder.path, 'm.py');
  writeFileSync(source, text);
  const code =
    'import py_compile, sys; py_compile.compile(sys.argv[1], sys.argv[2], dfile=sys.argv[3], invalidation_mode=py_compile.PycInvalidationMode[sys.argv[4]])';
  execFileSync(python, ['-I', '-c', code, source, join(folder.path, 'm.pyc'), shown, mode]);
  return readFileSync(join(folder.path, 'm.pyc'));
}

describe.each(pythons())('byte code of %s', (python) => {
  it('hash-based: flags and co_filename', () => {
    expect(readPyc(compile(python, 'UNCHECKED_HASH', 'python/caf\u00e9/m.py'))).toEqual({
      magic: expect.any(Number),
      flags: 1,
      sourceHash: expect.any(String),
      fileName: 'python/caf\u00e9/m.py',
    });
  });

  it('its hash is that of the source', () => {
    for (const length of [0, 1, 7, 8, 9, 1000]) {
      const pyc = readPyc(compile(python, 'UNCHECKED_HASH', 'm.py', `#${'x'.repeat(length)}`));
      expect(sourceHash(readFileSync(join(folder.path, 'm.py')), pyc.magic)).toBe(pyc.sourceHash);
    }
  });

  it('cut off anywhere, or longer than it was, it is damaged; the whole is not', () => {
    const whole = compile(python, 'UNCHECKED_HASH', 'm.py');
    expect(readPyc(whole)).not.toHaveProperty('damaged');
    for (let length = 17; length < whole.length; length += 1) expect(readPyc(whole.subarray(0, length)).damaged).toBe(true);
    expect(readPyc(Buffer.concat([whole, Buffer.from('x')])).damaged).toBe(true);
    expect(readPyc(whole.subarray(0, 40), false)).not.toHaveProperty('damaged');
  });

  it('by time: time and size of the source', () => {
    const pyc = readPyc(compile(python, 'TIMESTAMP', '/build/m.py'));
    expect(pyc).toMatchObject({ flags: 0, fileName: '/build/m.py', sourceSize: Buffer.byteLength(SOURCE) });
    expect(pyc.sourceMtime).toBeGreaterThan(1_600_000_000);
  });
});

it('damaged byte code has no name, and ends', () => {
  const whole = compile('python3', 'UNCHECKED_HASH', 'm.py');
  for (let length = 16; length < whole.length; length += 7) expect(['m.py', undefined]).toContain(readPyc(whole.subarray(0, length)).fileName);
  const flipped = Buffer.from(whole);
  for (let at = 16; at < flipped.length; at += 1) {
    flipped[at] = (flipped[at]! + 0x5b) & 0xff;
    expect(['string', 'undefined']).toContain(typeof readPyc(flipped).fileName);
  }
});

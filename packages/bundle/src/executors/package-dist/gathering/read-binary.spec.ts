import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileC } from '../../../testing/real-world';
import { checkLibpython, findBinary, readBinary } from './read-binary';

const ARCHITECTURE = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const OTHER = ARCHITECTURE === 'x86_64' ? 183 : 62;

describe('the program of a bundle', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'waybill-binary-'));
    compileC(join(root, 'libpython3.99.so.1.0'), 'int Py_Main(void) { return 0; }', ['-shared', '-fPIC', '-Wl,-soname,libpython3.99.so.1.0']);
    compileC(join(root, 'good'), 'extern int Py_Main(void); int main(void) { return Py_Main(); }', [join(root, 'libpython3.99.so.1.0')]);
    compileC(join(root, 'plain'), 'int main(void) { return 0; }');
    compileC(join(root, 'fixed'), 'int main(void) { return 0; }', ['-static']);
    compileC(join(root, 'static-pie'), 'int main(void) { return 0; }', ['-static-pie', '-fPIE']);
    compileC(join(root, 'object.o'), 'int x;', ['-c']);
    writeFileSync(join(root, 'script'), '#!/usr/bin/env python3\nprint(1)\n', { mode: 0o755 });
    writeFileSync(join(root, 'text'), 'hello\n', { mode: 0o755 });
    writeFileSync(join(root, 'empty'), '', { mode: 0o755 });
    const bytes = readFileSync(join(root, 'good'));
    writeFileSync(join(root, 'cut'), bytes.subarray(0, 100), { mode: 0o755 });
    bytes.writeUInt16LE(OTHER, 18);
    writeFileSync(join(root, 'foreign'), bytes, { mode: 0o755 });
    cpSync(join(root, 'good'), join(root, 'locked'));
    chmodSync(join(root, 'locked'), 0o644);
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('is read: what it needs, what libpython it is linked to', async () => {
    const binary = await readBinary('good', root, ARCHITECTURE);
    expect(binary).toMatchObject({ path: 'good', libpython: 'libpython3.99.so.1.0', architecture: ARCHITECTURE });
    expect(binary.needed).toContain('libc.so.6');
    expect(() => checkLibpython(binary, ['libpython3.99.so.1.0'])).not.toThrow();
  });

  it.each([
    ['BUNDLE_BINARY_SCRIPT', 'script'],
    ['BUNDLE_BINARY_FORMAT', 'text'],
    ['BUNDLE_BINARY_FORMAT', 'empty'],
    ['BUNDLE_BINARY_FORMAT', 'cut'],
    ['BUNDLE_BINARY_FORMAT', 'object.o'],
    ['BUNDLE_BINARY_FORMAT', 'libpython3.99.so.1.0'],
    ['BUNDLE_BINARY_STATIC', 'fixed'],
    ['BUNDLE_BINARY_STATIC', 'static-pie'],
    ['BUNDLE_BINARY_ARCHITECTURE', 'foreign'],
    ['BUNDLE_BINARY_MODE', 'locked'],
  ])('%s: refuses %s', async (code, path) => {
    await expect(readBinary(path, root, ARCHITECTURE)).rejects.toMatchObject({ code });
  });

  it.each([
    ['another version', 'good', ['libpython3.11.so.1.0'], '`libpython3.99.so.1.0`'],
    ['no libpython', 'plain', ['libpython3.11.so.1.0'], 'none'],
    ['a runtime without libpython', 'good', [], '`libpython3.99.so.1.0`'],
  ])('BUNDLE_BINARY_LIBPYTHON: %s, naming expected and actual', async (_what, path, sonames, actual) => {
    const binary = await readBinary(path, root, ARCHITECTURE);
    try {
      checkLibpython(binary, sonames);
    } catch (error) {
      expect(error).toMatchObject({ code: 'BUNDLE_BINARY_LIBPYTHON', message: expect.stringContaining('no `libpython` match') as string });
      expect((error as { details: string[] }).details.join('\n')).toContain(`actual ${actual}`);
    }
    expect.assertions(2);
  });

  it('is found by its path, or by a glob of one', async () => {
    expect(await findBinary('good', root)).toBe('good');
    expect(await findBinary('goo[d]', root)).toBe('good');
  });

  it('BUNDLE_BINARY_MISSING: a path or glob of nothing, a folder', async () => {
    for (const pattern of ['gone', 'gone*', '.']) await expect(findBinary(pattern, root)).rejects.toMatchObject({ code: 'BUNDLE_BINARY_MISSING' });
  });

  it('BUNDLE_BINARY_AMBIGUOUS: names both', async () => {
    await expect(findBinary('{good,plain}', root)).rejects.toMatchObject({
      code: 'BUNDLE_BINARY_AMBIGUOUS',
      message: expect.stringContaining('`good` and `plain`') as string,
    });
  });
});

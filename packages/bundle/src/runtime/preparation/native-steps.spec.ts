import { closeSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@waybill/core/testing';
import { fakeProcesses, type FakeAnswer } from '@waybill/plugin-kit/testing';
import type { ProcessRequest, ResolvedTool } from '@waybill/core';
import type { RuntimeFacts, RuntimePorts } from '../runtime-facts';
import { buildNative } from '../testing/build-native';
import { writeTree } from '../testing/write-tree';
import { compileBytecode } from './compile-bytecode';
import { hasDebugData, textRanges } from './debug-sections';
import { checkUnharmed, inBatches, readNativeFiles } from './elf-index';
import { testPreparedRuntime } from './run-prepared';
import { planSearchPaths, rpathOf } from './set-search-paths';
import { reduceToDebugData, setDebugDataAside, stripFiles } from './strip-files';

const folder = temporaryFolder();
const tool = (id: string): ResolvedTool => ({ id, path: `/tools/${id}`, prefixArgs: [], version: '1', source: 'path' });
const ports = (answer: (request: ProcessRequest) => FakeAnswer | undefined): RuntimePorts & { processes: ReturnType<typeof fakeProcesses> } => ({
  tools: { resolve: () => Promise.reject(new Error('no tools')) },
  environment: { PATH: '/bin', PYTHONPATH: '/evil', LD_LIBRARY_PATH: '/evil' },
  processes: fakeProcesses(answer),
});
const refused = (code: string): unknown => expect.objectContaining({ code, fix: expect.stringMatching(/\S/) });

const LOADER = '/lib64/ld-linux-x86-64.so.2';

describe('readNativeFiles', () => {
  it('takes what a loader loads: no object files (T5), no text, no damaged file', () => {
    const object = buildNative();
    object.writeUInt16LE(1, 16);
    writeTree(folder.path, {
      'a.so': buildNative({ soname: 'a.so' }),
      'python.o': object,
      'text.so': 'INPUT(libc.so.6)',
      'short.so': buildNative().subarray(0, 40),
      empty: '',
    });
    expect(readNativeFiles(folder.path, ['a.so', 'python.o', 'text.so', 'short.so', 'empty']).map(({ path }) => path)).toEqual(['a.so']);
  });
});

describe('checkUnharmed', () => {
  it.each<[string, Buffer]>([
    ['lost its name', buildNative({ needed: ['libz.so.1'] })],
    ['needs something else', buildNative({ soname: 'a.so', needed: ['libz.so.2'] })],
    ['cannot be read', Buffer.from('\x7fELF')],
  ])('refuses a file that %s', (_, after) => {
    writeTree(folder.path, { 'a.so': buildNative({ soname: 'a.so', needed: ['libz.so.1'] }) });
    const before = readNativeFiles(folder.path, ['a.so']);
    writeFileSync(join(folder.path, 'a.so'), after);
    expect(() => checkUnharmed(folder.path, before, 'strip')).toThrow(refused('BUNDLE_ELF_DAMAGED') as Error);
  });

  it('lets search paths change', () => {
    writeTree(folder.path, { 'a.so': buildNative({ soname: 'a.so', runpath: '/home/me/lib' }) });
    const before = readNativeFiles(folder.path, ['a.so']);
    writeFileSync(join(folder.path, 'a.so'), buildNative({ soname: 'a.so', rpath: '$ORIGIN' }));
    expect(checkUnharmed(folder.path, before, 'patchelf')[0]?.elf.rpath).toBe('$ORIGIN');
  });
});

describe('planSearchPaths', () => {
  const EVERYWHERE = ['python/runtime/lib', 'lib'];
  const natives = (tree: Record<string, Buffer>) => {
    writeTree(folder.path, tree);
    return readNativeFiles(folder.path, Object.keys(tree));
  };
  const holder = (name: string): string | undefined => ({ 'libpython3.11.so.1.0': 'python/runtime/lib', 'libz.so.1': 'lib' })[name];

  it('gives every executable all folders, and a library those that it needs', () => {
    const [python, zlib, plain] = natives({
      'python/runtime/bin/python3.11': buildNative({ interpreter: LOADER, needed: ['libpython3.11.so.1.0', 'libc.so.6'] }),
      'python/runtime/lib/python3.11/lib-dynload/zlib.so': buildNative({ needed: ['libz.so.1', 'libc.so.6'] }),
      'python/runtime/lib/python3.11/lib-dynload/math.so': buildNative({ needed: ['libm.so.6'] }),
    });
    expect(rpathOf(python!, holder, EVERYWHERE)).toBe('$ORIGIN/../lib:$ORIGIN/../../../lib');
    expect(rpathOf(zlib!, holder, EVERYWHERE)).toBe('$ORIGIN/../../../../../lib');
    expect(rpathOf(plain!, holder, EVERYWHERE)).toBeUndefined();
  });

  it('takes absolute paths away, turns RUNPATH into RPATH, and leaves alone what is right', () => {
    const files = natives({
      'lib/a.so': buildNative({ needed: ['libm.so.6'], runpath: '/home/me/lib' }),
      'lib/b.so': buildNative({ needed: ['libz.so.1'], runpath: '$ORIGIN' }),
      'lib/c.so': buildNative({ needed: ['libz.so.1'], rpath: '$ORIGIN' }),
      'lib/d.so': buildNative({ needed: ['$ORIGIN/../lib/libpython3.11.so.1.0'] }),
    });
    expect(planSearchPaths(files, holder, EVERYWHERE)).toEqual([
      { rpath: undefined, paths: ['lib/a.so'] },
      { rpath: '$ORIGIN', paths: ['lib/b.so'] },
    ]);
  });
});

describe('strip', () => {
  const native = () => {
    writeTree(folder.path, { 'a.so': buildNative({ soname: 'a.so' }) });
    return readNativeFiles(folder.path, ['a.so']);
  };

  it('says what the tool said', async () => {
    const world = ports(() => ({ exitCode: 1, stderr: "Unable to recognise the format of the input file `a.so'" }));
    await expect(stripFiles(folder.path, native(), tool('strip'), world)).rejects.toMatchObject({
      code: 'BUNDLE_STRIP',
      details: [expect.stringContaining('Unable to recognise')],
    });
  });

  it('makes few calls of many files', () => {
    expect(inBatches([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(inBatches([], 2)).toEqual([]);
  });

  it('keeps debug data only of files that have some and a build id', async () => {
    expect(hasDebugData(join(folder.path, native()[0]!.path))).toBe(false);
    const world = ports(() => ({}));
    const symbols = join(folder.path, 'symbols');
    const kept = setDebugDataAside(folder.path, native(), symbols);
    expect(kept).toEqual([]);
    await reduceToDebugData(symbols, kept, tool('strip'), world);
    expect(world.processes.requests).toEqual([]);
  });
});

describe('testPreparedRuntime', () => {
  const runtime = { version: '3.11.7' } as RuntimeFacts;
  const told = (more: object = {}) => {
    const home = join(folder.path, 'python/runtime');
    return {
      stdout: `waybill:${JSON.stringify({ version: '3.11.7', prefix: home, stdlib: `${home}/lib/python3.11`, libpython: [`${home}/lib/libpython3.11.so.1.0`], ...more })}\n`,
    };
  };
  const test = (answer: FakeAnswer) => {
    const world = ports(() => answer);
    return { world, done: testPreparedRuntime(folder.path, 'python/runtime/bin/python3.11', runtime, world) };
  };

  it('believes a runtime that says it is all inside, and shows it nothing of the caller', async () => {
    const { world, done } = test(told());
    await done;
    expect(Object.keys(world.processes.requests[0]!.env).sort()).toEqual(['LC_ALL', 'PATH', 'PYTHONHASHSEED', 'TZ']);
  });

  it.each<[string, () => FakeAnswer]>([
    ['lost its version (T41)', () => told({ version: '(main,' })],
    ['takes another prefix', () => told({ prefix: '/usr' })],
    ['takes another library', () => told({ stdlib: '/usr/lib/python3.11' })],
    ['maps another libpython (T1)', () => told({ libpython: ['/usr/lib/libpython3.11.so.1.0'] })],
    ['does not start', () => ({ exitCode: 127, stderr: 'error while loading shared libraries' })],
    ['prints nothing (T42)', () => ({ exitCode: 0 })],
  ])('refuses one that %s', async (_, answer) => {
    await expect(test(answer()).done).rejects.toEqual(refused('BUNDLE_RUNTIME_BROKEN'));
  });
});

describe('compileBytecode', () => {
  const compile = (answer: FakeAnswer) =>
    compileBytecode(
      { root: folder.path, python: 'python/runtime/bin/python3.11', folders: ['python/vendor'] },
      ports(() => answer),
    );

  it('names files with an error in them, in order', async () => {
    expect(
      await compile({ stdout: '*** Error compiling\n', stderr: 'waybill-failed:python/vendor/z.py\nwaybill-failed:python/vendor/a.py\n' }),
    ).toEqual(['python/vendor/a.py', 'python/vendor/z.py']);
  });

  it.each([
    ['the bundle’s own, alone (T2)', 'python/runtime/bin/python3.11', undefined],
    ['the one that it was copied from, with the libraries that it was asked with', '/opt/python/bin/python3.11', '/evil'],
  ])('runs %s', async (_, python, libraryPath) => {
    const world = ports(() => ({}));
    await compileBytecode({ root: folder.path, python, folders: [] }, world);
    expect(world.processes.requests[0]!.env['LD_LIBRARY_PATH']).toBe(libraryPath);
  });

  it('refuses an interpreter that cannot compile', async () => {
    await expect(compile({ exitCode: 1, stderr: `${folder.path}/x: No module named 'compileall'` })).rejects.toMatchObject({
      code: 'BUNDLE_BYTECODE',
      details: expect.not.arrayContaining([expect.stringContaining(folder.path)]),
    });
  });
});

it('reads what strip would take away from the section table', () => {
  writeTree(folder.path, { 'node-like': readFileSync(process.execPath).subarray(0, 64) });
  expect(hasDebugData(join(folder.path, 'node-like'))).toBe(false);
});

describe('textRanges', () => {
  const NAMES = '\0.text\0.rodata\0.debug_str\0.bss\0.strtab\0';
  /** Name, type, flags, offset and size of each section; the table stands behind the names, at 256. */
  const SECTIONS = [
    ['.text', 1, 6, 64, 32],
    ['.rodata', 1, 2, 96, 32],
    ['.debug_str', 1, 0x30, 128, 32],
    ['.bss', 8, 3, 160, 4096],
    ['.strtab', 3, 0, 160, NAMES.length],
  ] as const;

  function rangesOf(change: (bytes: Buffer) => void = () => undefined) {
    const bytes = Buffer.alloc(256 + SECTIONS.length * 64);
    bytes.write('\x7fELF\x02\x01\x01', 'latin1');
    bytes.writeUInt32LE(1, 20);
    bytes.writeBigUInt64LE(256n, 40);
    [64, SECTIONS.length, SECTIONS.length - 1].forEach((value, index) => bytes.writeUInt16LE(value, 58 + 2 * index));
    bytes.write(NAMES, 160, 'latin1');
    SECTIONS.forEach(([name, type, flags, offset, size], index) => {
      const at = 256 + index * 64;
      bytes.writeUInt32LE(NAMES.indexOf(name), at);
      bytes.writeUInt32LE(type, at + 4);
      [
        [8, flags],
        [24, offset],
        [32, size],
      ].forEach(([field, value]) => bytes.writeBigUInt64LE(BigInt(value!), at + field!));
    });
    change(bytes);
    writeTree(folder.path, { 'a.so': bytes });
    const file = join(folder.path, 'a.so');
    const descriptor = openSync(file, 'r');
    const ranges = textRanges(descriptor, statSync(file).size);
    closeSync(descriptor);
    return ranges.map(({ offset, size }) => [offset, size]);
  }

  it('leaves machine code and debug data out', () => {
    expect(rangesOf()).toEqual([
      [96, 32],
      [160, NAMES.length],
    ]);
  });

  it.each<[string, (bytes: Buffer) => void]>([
    ['no section table', (bytes) => void bytes.writeUInt16LE(0, 60)],
    ['a table beyond the end', (bytes) => void bytes.writeBigUInt64LE(1_000_000n, 40)],
    ['a section beyond the end', (bytes) => void bytes.writeBigUInt64LE(1_000_000n, 256 + 64 + 32)],
    ['a count that no linker writes', (bytes) => void bytes.writeUInt16LE(0xffff, 60)],
  ])('is the whole file with %s', (_, change) => {
    expect(rangesOf(change)).toEqual([[0, 256 + SECTIONS.length * 64]]);
  });
});

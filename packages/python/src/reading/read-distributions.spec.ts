import { createHash, randomBytes } from 'node:crypto';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesAsSource, readElf } from '@waybill/binary';
import { buildMachO } from '@waybill/binary/testing';
import { hashBytes, writeArchive } from '@waybill/core';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import { checkWheel } from '@waybill/distributions';
import { writeSdistFile, writeWheelFile } from '../testing/write-distributions';
import { readSdist } from './read-sdist';
import { readWheel } from './read-wheel';

const folder = temporaryFolder();
const at = (name: string): string => join(folder.path, name);
const itWithPython = skipUnless(spawnSync('python3', ['--version']).status === 0, 'python3 is not installed');

describe('readWheel', () => {
  it('gives the facts of a good wheel', async () => {
    const file = await writeWheelFile(at('my_demo-1.0-py3-none-any.whl'), {
      name: 'my_demo',
      files: { 'demo/__init__.py': 'x = 1\n', 'my_demo-1.0.dist-info/entry_points.txt': '[console_scripts]\ndemo = demo:main\n' },
      metadata: 'Requires-Dist: six\n\n# Größe\n',
    });
    expect(await readWheel(file)).toMatchObject({
      kind: 'wheel',
      fileName: 'my_demo-1.0-py3-none-any.whl',
      container: { format: 'zip' },
      distInfos: ['my_demo-1.0.dist-info'],
      metadata: { name: 'my_demo', version: '1.0', requiresDist: ['six'], description: '# Größe\n' },
      wheel: { wheelVersion: '1.0', rootIsPurelib: true, tags: ['py3-none-any'] },
      entryPoints: [{ group: 'console_scripts', name: 'demo', target: 'demo:main' }],
      topLevels: ['demo'],
      natives: [],
      faults: [],
    });
    const { members, record } = await readWheel(file);
    expect(members.find(({ path }) => path === 'demo/__init__.py')).toEqual({
      path: 'demo/__init__.py',
      kind: 'file',
      mode: 0o644,
      size: 6,
      sha256: hashBytes('x = 1\n'),
      mtimeSeconds: 1_700_000_000,
    });
    expect(record!.map(({ path }) => path).sort()).toEqual(members.map(({ path }) => path).sort());
  });

  it('reads native files by their content, also those too large for memory, and leaves no file behind', async () => {
    const program = readFileSync('/bin/sh');
    const large = Buffer.concat([program, randomBytes(33 * 1024 * 1024)]);
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('waybill-member-'));
    const file = await writeWheelFile(at('demo-1.0-cp311-cp311-linux_x86_64.whl'), {
      files: {
        'demo/_x.so': large,
        'demo/_y.so': program,
        'demo/dll': Buffer.from('MZ'.padEnd(60, '\0') + '\x80\0\0\0'),
        'demo/broken.so': Buffer.from('\x7fELF'),
      },
    });
    const { natives } = await readWheel(file);
    const own = readElf(bytesAsSource(program));
    expect(natives).toEqual([
      { path: 'demo/_x.so', format: 'elf', elf: own.ok && own.facts },
      { path: 'demo/_y.so', format: 'elf', elf: own.ok && own.facts },
      { path: 'demo/dll', format: 'pe', refusal: expect.any(String) as string },
      { path: 'demo/broken.so', format: 'elf', refusal: expect.any(String) as string },
    ]);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('waybill-member-'))).toEqual(before);
  });

  it('tells linker scripts from other texts under the name of a library', async () => {
    const file = await writeWheelFile(at('demo-1.0-py3-none-any.whl'), {
      files: {
        'demo/liba.so': 'INPUT(liba.so.1 -lm)\n',
        'demo/libb.so': `/* GNU ld script\n   ${'x'.repeat(2000)} */\nGROUP ( libb.so.1 )\n`,
        'demo/libc.so': 'GROUP ( libc.so.6 )\n',
        'demo/libd.so': 'version of a pointer, no INPUT(x)\n',
        'demo/libe.so': '',
      },
    });
    const { members } = await readWheel(file);
    expect(members.flatMap(({ path, linkerScript }) => (linkerScript ? [path] : []))).toEqual(['demo/liba.so', 'demo/libb.so', 'demo/libc.so']);
  });

  it.each(['sha384', 'sha512'] as const)('compares rows of RECORD by %s, and tells a size that is no number', async (algorithm) => {
    const row = (path: string, of: string): string => `${path},${algorithm}=${createHash(algorithm).update(of).digest('base64url')}`;
    const file = await writeWheelFile(at('demo-1.0-py3-none-any.whl'), {
      files: { 'demo/a.py': 'a', 'demo/b.py': 'b' },
      override: { 'demo-1.0.dist-info/RECORD': `${row('demo/a.py', 'a')},1\n${row('demo/b.py', 'other')},many\n` },
    });
    const facts = await readWheel(file);
    expect(facts.faults).toEqual([{ path: 'demo-1.0.dist-info/RECORD', message: 'line 2 gives the size `many`, which is no number of bytes' }]);
    const found = checkWheel(facts).filter(({ check, message }) => check === 'record' && !message.includes('does not name'));
    expect(found.map(({ path, message }) => `${path!.replace(/^[^/]*\//, '')}: ${message}`)).toEqual([
      'demo-1.0.dist-info/RECORD: The file cannot be read: line 2 gives the size `many`, which is no number of bytes',
      'demo/b.py: The file is not the one that RECORD names',
    ]);
  });

  it('reads symbols of Mach-O files, and refuses one that is cut', async () => {
    const { bytes } = buildMachO({ symbols: [['_PyList_New', 1]], fileType: 8 });
    const file = await writeWheelFile(at('demo-1.0-cp39-abi3-macosx_11_0_arm64.whl'), {
      files: { 'demo/_x.abi3.so': bytes, 'demo/_y.abi3.so': bytes.subarray(0, bytes.length - 40) },
    });
    const { natives } = await readWheel(file);
    expect(natives[0]).toMatchObject({ format: 'mach-o', machoSymbols: [{ name: 'PyList_New', defined: false }] });
    expect(natives[1]).toMatchObject({ format: 'mach-o', refusal: expect.stringContaining('ends at') as string });
  });

  it('tells texts that do not parse', async () => {
    const file = await writeWheelFile(at('demo-1.0-py3-none-any.whl'), {
      files: {},
      override: {
        'demo-1.0.dist-info/METADATA': Buffer.from('Name: caf\xe9\nnonsense\n', 'latin1'),
        'demo-1.0.dist-info/RECORD': 'a,b\n',
        'demo-1.0.dist-info/WHEEL': undefined,
      },
    });
    const { faults, wheel, record } = await readWheel(file);
    expect([wheel, record]).toEqual([undefined, []]);
    expect(faults).toEqual([
      { path: 'demo-1.0.dist-info/METADATA', message: 'is not UTF-8' },
      { path: 'demo-1.0.dist-info/METADATA', message: 'line 2 is no header `Name: value`' },
      { path: 'demo-1.0.dist-info/RECORD', message: 'line 1 is no row of path, hash and size' },
    ]);
  });

  it('WHEEL_CONTAINER: a tar that is not packed', async () => {
    await writeArchive({
      format: 'tar',
      entries: [{ kind: 'directory', path: 'x', mode: 0o755 }],
      output: at('demo-1.0-py3-none-any.whl'),
      mtimeSeconds: 0,
    });
    await expect(readWheel(at('demo-1.0-py3-none-any.whl'))).rejects.toMatchObject({ code: 'WHEEL_CONTAINER' });
  });

  itWithPython('a bomb and a cut file are errors with a code', async () => {
    const bomb = 'import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as f: f.writestr("zeros", bytes(200_000_000))';
    execFileSync('python3', ['-c', bomb, at('bomb.whl')]);
    await expect(readWheel(at('bomb.whl'))).rejects.toMatchObject({ code: 'ARCHIVE_LIMIT' });
    writeFileSync(at('cut.whl'), readFileSync(at('bomb.whl')).subarray(0, 5000));
    await expect(readWheel(at('cut.whl'))).rejects.toMatchObject({ code: 'ARCHIVE_DAMAGED' });
  });
});

describe('readSdist', () => {
  it('gives the facts of a good sdist', async () => {
    const file = await writeSdistFile(at('demo-1.0.tar.gz'), { files: { 'pyproject.toml': '', 'src/demo.py': 'x = 1\n' } });
    expect(await readSdist(file)).toMatchObject({
      kind: 'sdist',
      fileName: 'demo-1.0.tar.gz',
      container: { format: 'tar.gz', gzip: { mtimeSeconds: 0 } },
      topFolders: ['demo-1.0'],
      metadata: { name: 'demo', version: '1.0' },
      hasPyproject: true,
      natives: [],
      faults: [],
    });
    expect((await readSdist(file)).members[0]).toMatchObject({ owner: { uid: 0, gid: 0, user: '', group: '' } });
  });

  it('tells several top folders, and no pyproject below one of them', async () => {
    const file = await writeSdistFile(at('demo-1.0.tar.gz'), { files: { 'inner/pyproject.toml': '' } });
    expect(await readSdist(file)).toMatchObject({ topFolders: ['demo-1.0'], hasPyproject: false });
  });
});

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProcesses, createTools, hashFile, listArchive, UV } from '@waybill/core';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import { parseRecordText, recordHash } from '@waybill/distributions';
import { writeWheelFile } from '../testing/write-distributions';
import { replaceBuildPaths } from './replace-build-paths';
import { repackSdist } from './repack-sdist';
import { repackWheel } from './repack-wheel';

const SDE = 1_580_601_600;
const MORNING = 1_700_000_001;
const folder = temporaryFolder();
const at = (name: string): string => join(folder.path, name);
const hasPython = spawnSync('python3', ['--version']).status === 0;
const itWithPython = skipUnless(hasPython, 'python3 is not installed');

const python = (source: string, ...args: string[]): string => execFileSync('python3', ['-c', source, ...args], { encoding: 'utf8' });

/** A tar.gz as a backend under another umask, clock, user and order of the file system writes it. */
const WRITE_SDIST = `
import io, json, sys, tarfile
path, variant = sys.argv[1], json.loads(sys.argv[2])
members = [("demo-1.0/", "5", "", 0o755), ("demo-1.0/PKG-INFO", "0", "Name: demo\\n", 0o644), ("demo-1.0/run.sh", "0", "#!/bin/sh\\n", 0o755),
  ("demo-1.0/README", "0", "hello\\n", 0o644), ("demo-1.0/link", "2", "README", 0o777), ("demo-1.0/same", "1", "demo-1.0/README", 0o644)]
members += [tuple(item) for item in variant.get("more", [])]
with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT if variant.get("pax") else tarfile.GNU_FORMAT) as tar:
    for name, kind, text, mode in (members[:1] + members[:0:-1] if variant.get("reverse") and not variant.get("more") else members):
        if kind == "1" and variant.get("reverse"):
            kind, text = "0", "hello\\n"
        info = tarfile.TarInfo(name.rstrip("/"))
        info.type, info.mode, info.mtime, info.uid, info.uname = kind.encode(), mode & ~variant["umask"], variant["mtime"], variant["uid"], variant["user"]
        data = b"" if kind in "125" else text.encode()
        info.linkname, info.size = (text if kind in "12" else ""), len(data)
        tar.addfile(info, io.BytesIO(data))
`;
const A = { umask: 0o22, mtime: 1_600_000_000.5, uid: 0, user: '', pax: true };
const B = { umask: 0o77, mtime: MORNING, uid: 1000, user: 'ada', reverse: true };

async function sdist(name: string, variant: object): Promise<string> {
  mkdirSync(at('made'), { recursive: true });
  python(WRITE_SDIST, at(`made/${name}`), JSON.stringify(variant));
  return at(`made/${name}`);
}

describe('repackSdist', () => {
  itWithPython('makes one file of what backends write under other circumstances, and the same again of that', async () => {
    const first = await repackSdist({ input: await sdist('a.tar.gz', A), output: at('a.tar.gz'), mtimeSeconds: SDE });
    const second = await repackSdist({ input: await sdist('b.tar.gz', B), output: at('b.tar.gz'), mtimeSeconds: SDE });
    const third = await repackSdist({ input: at('a.tar.gz'), output: at('c.tar.gz'), mtimeSeconds: SDE });
    expect(second).toEqual(first);
    expect(third).toEqual(first);
    expect(first).toEqual({ ...(await hashFile(at('a.tar.gz'))), changed: [] });
    expect((await listArchive(at('a.tar.gz'))).map(({ path, kind, mode, mtimeSeconds }) => [path, kind, mode.toString(8), mtimeSeconds])).toEqual([
      ['demo-1.0/', 'directory', '755', SDE],
      ['demo-1.0/PKG-INFO', 'file', '644', SDE],
      ['demo-1.0/README', 'file', '644', SDE],
      ['demo-1.0/link', 'symlink', '777', SDE],
      ['demo-1.0/run.sh', 'file', '755', SDE],
      ['demo-1.0/same', 'file', '644', SDE],
    ]);
    const names = python('import sys, tarfile; print(tarfile.open(sys.argv[1]).extractfile("demo-1.0/same").read())', at('a.tar.gz'));
    expect(names.trim()).toBe("b'hello\\n'");
    expect(readdirSync(folder.path).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it.each<[string, string, unknown[]]>([
    ['WHEEL_MEMBER_LINK', 'a link out of the sdist', ['demo-1.0/evil', '2', '../../etc/passwd', 0o777]],
    ['WHEEL_MEMBER_LINK', 'an absolute link', ['demo-1.0/evil', '2', '/etc/passwd', 0o777]],
    ['WHEEL_MEMBER_LINK', 'a link beside the top folder', ['demo-1.0/evil', '2', '../x', 0o777]],
    ['WHEEL_MEMBER_LINK', 'a hard link to nothing', ['demo-1.0/evil', '1', 'demo-1.0/none', 0o644]],
    ['WHEEL_MEMBER_KIND', 'a pipe', ['demo-1.0/evil', '6', '', 0o644]],
    ['ARCHIVE_ENTRY_NAME', 'a path upwards', ['demo-1.0/../../evil', '0', 'x', 0o644]],
    ['ARCHIVE_ENTRY_NAME', 'a path that comes twice', ['demo-1.0/README', '0', 'x', 0o644]],
  ])('%s: %s', async (code, _what, member) => {
    const input = await sdist('evil.tar.gz', { ...A, more: [member] });
    await expect(repackSdist({ input, output: at('out.tar.gz'), mtimeSeconds: SDE })).rejects.toMatchObject({ code });
    expect(readdirSync(folder.path)).toEqual(['made']);
  });
});

const WRITE_WHEEL = `
import sys, time, zipfile
source, target = zipfile.ZipFile(sys.argv[1]), zipfile.ZipFile(sys.argv[2], "w", zipfile.ZIP_DEFLATED if sys.argv[3] == "9" else zipfile.ZIP_STORED)
for info in reversed(source.infolist()):
    other = zipfile.ZipInfo(info.filename, (2031, 5, 6, 7, 8, 10))
    other.external_attr = (info.external_attr >> 16 & ~0o077) << 16
    target.writestr(other, source.read(info))
target.close()
`;
const BUILD = '/tmp/waybill-build-demo-1234abcd/src';
const SBOM = 'demo-1.0.dist-info/sboms/demo.cyclonedx.json';
const wheel = () =>
  writeWheelFile(at('in/demo-1.0-py3-none-any.whl'), {
    files: {
      'demo/__init__.py': `root = ${JSON.stringify(BUILD)}\n`,
      'demo/tool.sh': '#!/bin/sh\n',
      [SBOM]: JSON.stringify({ 'bom-ref': `path+file://${BUILD}#demo@1.0`, other: `${BUILD}2` }),
      'demo-1.0.data/scripts/run': '#!python\n',
    },
    modes: { 'demo/tool.sh': 0o755 },
  });

itWithPython('repackSdist keeps the last PKG-INFO of two, as unpacking does', async () => {
  const more = [['demo-1.0/PKG-INFO', '0', 'Name: demo\nVersion: 2\n', 0o644]];
  await repackSdist({ input: await sdist('a.tar.gz', { ...A, more }), output: at('a.tar.gz'), mtimeSeconds: SDE });
  const files = (await listArchive(at('a.tar.gz'))).filter(({ path }) => path.endsWith('PKG-INFO'));
  expect(files.map(({ path, size }) => [path, size])).toEqual([['demo-1.0/PKG-INFO', 22]]);
});

describe('repackWheel', () => {
  itWithPython('makes one file of what backends write under other circumstances, and the same again of that', async () => {
    const input = await wheel();
    for (const [name, level] of [
      ['x.whl', '9'],
      ['y.whl', '0'],
    ] as const)
      python(WRITE_WHEEL, input, at(name), level);
    const repacked = await Promise.all(
      [input, at('x.whl'), at('y.whl')].map((file, index) => repackWheel({ input: file, output: at(`${index}.whl`), mtimeSeconds: SDE })),
    );
    const again = await repackWheel({ input: at('0.whl'), output: at('again.whl'), mtimeSeconds: SDE });
    expect(new Set([...repacked, again].map(({ sha256 }) => sha256)).size).toBe(1);
    expect((await listArchive(at('0.whl'))).map(({ path, mode, mtimeSeconds }) => [path, mode.toString(8), mtimeSeconds])).toEqual([
      ['demo-1.0.data/scripts/run', '644', SDE],
      ['demo/__init__.py', '644', SDE],
      ['demo/tool.sh', '755', SDE],
      ['demo-1.0.dist-info/METADATA', '644', SDE],
      ['demo-1.0.dist-info/WHEEL', '644', SDE],
      [SBOM, '644', SDE],
      ['demo-1.0.dist-info/RECORD', '644', SDE],
    ]);
    expect(python('import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).testzip())', at('0.whl')).trim()).toBe('None');
  });

  it('takes build folders out of generated SBOMs, and out of nothing else, and keeps RECORD true', async () => {
    const { changed } = await repackWheel({ input: await wheel(), output: at('out.whl'), mtimeSeconds: SDE, buildPaths: [BUILD] });
    expect(changed).toEqual(['demo-1.0.dist-info/RECORD', SBOM]);
    const read = (path: string): string => execFileSync('unzip', ['-p', at('out.whl'), path], { encoding: 'utf8' });
    expect(JSON.parse(read(SBOM))).toEqual({ 'bom-ref': 'path+file://.#demo@1.0', other: `${BUILD}2` });
    expect(read('demo/__init__.py')).toContain(BUILD);
    const row = parseRecordText(read('demo-1.0.dist-info/RECORD')).find(({ path }) => path === SBOM)!;
    writeFileSync(at('sbom'), read(SBOM));
    const now = await hashFile(at('sbom'));
    expect(row).toEqual({ path: SBOM, hash: recordHash(now.sha256), size: now.size });
  });

  it('writes RECORD again only when a member changed', async () => {
    const { changed } = await repackWheel({ input: await wheel(), output: at('out.whl'), mtimeSeconds: SDE, buildPaths: ['/elsewhere'] });
    expect(changed).toEqual([]);
  });

  it('WHEEL_RECORD_MISSING: an SBOM changed and no RECORD names it', async () => {
    const input = await writeWheelFile(at('in/x.whl'), { files: { [SBOM]: BUILD }, override: { 'demo-1.0.dist-info/RECORD': undefined } });
    const repacking = repackWheel({ input, output: at('out.whl'), mtimeSeconds: SDE, buildPaths: [BUILD] });
    await expect(repacking).rejects.toMatchObject({ code: 'WHEEL_RECORD_MISSING' });
  });

  itWithPython('a hostile zip is an error with a code and leaves nothing', async () => {
    const write = 'import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], "w") as f:\n  for name in sys.argv[2:]: f.writestr(name, "x")';
    for (const names of [['../../evil.py'], ['/evil.py'], ['a.py', 'a.py']]) {
      python(write, at('evil.whl'), ...names);
      await expect(repackWheel({ input: at('evil.whl'), output: at('out.whl'), mtimeSeconds: SDE })).rejects.toMatchObject({
        code: 'ARCHIVE_ENTRY_NAME',
      });
    }
    python(
      'import sys, zipfile\ni = zipfile.ZipInfo("link"); i.create_system = 3; i.external_attr = 0o120777 << 16\nzipfile.ZipFile(sys.argv[1], "w").writestr(i, "/etc/passwd")',
      at('evil.whl'),
    );
    await expect(repackWheel({ input: at('evil.whl'), output: at('out.whl'), mtimeSeconds: SDE })).rejects.toMatchObject({
      code: 'WHEEL_MEMBER_KIND',
    });
    expect(readdirSync(folder.path)).toEqual(['evil.whl']);
  });

  itWithPython('pip installs the result', async () => {
    await repackWheel({ input: await wheel(), output: at('demo-1.0-py3-none-any.whl'), mtimeSeconds: SDE, buildPaths: [BUILD] });
    execFileSync('python3', ['-m', 'pip', 'install', '--quiet', '--no-deps', '--no-index', '--target', at('site'), at('demo-1.0-py3-none-any.whl')]);
    expect(readFileSync(at('site/demo/__init__.py'), 'utf8')).toContain('root');
  });

  itWithPython('uv installs the result', async () => {
    await repackWheel({ input: await wheel(), output: at('demo-1.0-py3-none-any.whl'), mtimeSeconds: SDE });
    const uv = await createTools({ processes: createProcesses(), environment: process.env }).resolve(UV);
    const args = ['pip', 'install', '--quiet', '--no-deps', '--no-index', '--target', at('site'), at('demo-1.0-py3-none-any.whl')];
    execFileSync(uv.path, [...uv.prefixArgs, ...args], { env: { ...process.env, UV_CACHE_DIR: at('cache') } });
    expect(readdirSync(at('site'))).toContain('demo');
  });
});

it.each([
  ['/b/src', 'file:///b/src/x and "/b/src"', 'file://./x and "."'],
  ['/b/src', '/b/src2 /b/src-x', '/b/src2 /b/src-x'],
  ['/b/my src', 'file:///b/my%20src/x', 'file://./x'],
  ['C:\\b\\src', '"C:\\\\b\\\\src\\\\x"', '".\\\\x"'],
  ['/b/src', 'download_url=file:%2F%2F%2Fb%2Fsrc%2Fx', 'download_url=file:%2F%2F.%2Fx'],
])('%s in %j', (path, text, expected) => {
  expect(replaceBuildPaths(text, [path])).toBe(expected);
});

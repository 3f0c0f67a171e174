import { execFileSync } from 'node:child_process';
import { copyFileSync, linkSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createProcesses, hashBytes } from '@waybill/core';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import type { BundleEntry } from '@waybill/relocation';
import { recordHash } from '@waybill/distributions';
import { existsSync } from 'node:fs';
import { parseGetcap } from './read-capabilities';
import { readBundleFacts } from './read-bundle-facts';
import { WINDOW_BYTES } from './read-file-facts';

const folder = temporaryFolder();
const TOKEN = '/work/secret-place';
const put = (path: string, data: string | Buffer): string => {
  const file = join(folder.path, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, data);
  return file;
};
async function read(): Promise<Map<string, BundleEntry>> {
  const facts = await readBundleFacts(folder.path, { platform: 'linux-x86_64', leakTokens: [{ id: 'workspace', path: TOKEN }] });
  return new Map(facts.entries.map((entry) => [entry.path, entry]));
}

/** A zip made by Python, as wheels and jars are. */
const zip = (path: string, content: string, prefix = ''): string => {
  const file = put(path, prefix);
  const code =
    'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1], "a", zipfile.ZIP_DEFLATED); z.writestr("a/b.txt", sys.argv[2]); z.writestr("stored", "x", zipfile.ZIP_STORED); z.close()';
  execFileSync('python3', ['-I', '-c', code, file, content]);
  return file;
};

it('digest, content, ELF facts, shebang, texts', async () => {
  copyFileSync('/bin/ls', join(folder.path, 'tool'));
  put('run', '#!/bin/sh\necho 1\n');
  put('pkg/x.pth', 'src\n');
  put('data', Buffer.from([0, 1, 2]));
  const entries = await read();
  expect(entries.get('tool')).toMatchObject({
    content: 'elf',
    elf: { needed: expect.arrayContaining(['libc.so.6']) },
    sha256: hashBytes(readFileSync('/bin/ls')),
  });
  expect(entries.get('run')).toMatchObject({ content: 'script', shebang: '#!/bin/sh\n', text: '#!/bin/sh\necho 1\n' });
  expect(entries.get('pkg/x.pth')).toMatchObject({ content: 'text', text: 'src\n' });
  expect(entries.get('data')).not.toHaveProperty('text');
});

it('the hash of a source, by the magic number of the byte code that was made from it', async () => {
  put('lib/m.py', 'x = 1\n');
  put('lib/other.py', 'x = 1\n');
  execFileSync('python3', ['-I', '-m', 'compileall', '-q', '--invalidation-mode', 'unchecked-hash', join(folder.path, 'lib/m.py')]);
  const entries = await read();
  const { pyc } = [...entries.values()].find(({ path }) => path.endsWith('.pyc'))!;
  expect(entries.get('lib/m.py')!.sourceHash).toEqual({ magic: pyc!.magic, hash: pyc!.sourceHash });
  expect(entries.get('lib/other.py')).not.toHaveProperty('sourceHash');
});

it('a damaged ELF file is a refusal, not an exception', async () => {
  copyFileSync('/bin/ls', join(folder.path, 'cut'));
  truncateSync(join(folder.path, 'cut'), 900);
  expect((await read()).get('cut')).toMatchObject({ content: 'elf', elfRefusal: { reason: expect.any(String) } });
});

it('paths of the machine in text, in zip and gzip members, behind a program, in both encodings', async () => {
  put('plain', `x=${TOKEN}/y`);
  put('wide', Buffer.from(`${TOKEN}/y`, 'utf16le'));
  zip('a.whl', `${'x'.repeat(9999)}${TOKEN}/y`);
  zip('app.pyz', `${TOKEN}/y`, '#!/usr/bin/env python3\n');
  put('b.gz', gzipSync(`${TOKEN}/z`));
  const entries = await read();
  expect(entries.get('plain')!.leaks).toMatchObject([{ token: 'workspace', offset: 2, encoding: 'utf8' }]);
  expect(entries.get('wide')!.leaks).toMatchObject([{ encoding: 'utf16le' }]);
  expect(entries.get('a.whl')!.leaks).toMatchObject([{ member: 'a/b.txt', offset: 9999 }]);
  expect(entries.get('app.pyz')).toMatchObject({ content: 'script', leaks: [{ member: 'a/b.txt' }] });
  expect(entries.get('b.gz')!.leaks).toMatchObject([{ member: 'content', offset: 0 }]);
});

it.each([
  ['cut off', (file: string) => truncateSync(file, readFileSync(file).length - 30)],
  ['a byte of a member changed', (file: string) => writeFileSync(file, flip(readFileSync(file), 40))],
])('an archive that is damaged says so: %s', async (_, damage) => {
  damage(zip('a.zip', 'some text that is packed, some text that is packed'));
  expect((await read()).get('a.zip')!.archiveFault).toEqual(expect.any(String));
});

it('paths in archives within archives, down to the third, and what is packed so that nobody can look into it', async () => {
  const pack = `
import bz2, io, lzma, gzip, sys, zipfile
token = sys.argv[1].encode()
def zipped(name, content):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as z: z.writestr(name, content)
    return held.getvalue()
put = lambda name, content: open(sys.argv[2] + "/" + name, "wb").write(content)
put("two.zip", zipped("in.whl", zipped("x.txt", token + b"/q")))
put("mixed.zip", zipped("in.gz", gzip.compress(zipped("y.txt", token + b"/q"))))
put("tar.gz", gzip.compress(b"z" * 70000 + zipped("no.txt", token)))
put("deep.zip", zipped("1", zipped("2", zipped("3", zipped("4", zipped("5", token))))))
put("damaged.zip", zipped("in.zip", zipped("x", b"y" * 99)[:-9]))
put("sealed.zip", zipped("in.xz", lzma.compress(token)))
put("plain.bz2", bz2.compress(token))
put("BZh.txt", b"BZh1 is how it begins")
`;
  execFileSync('python3', ['-c', pack, TOKEN, folder.path]);
  const found = await read();
  const membersOf = (path: string) => found.get(path)!.leaks?.map(({ member }) => member);
  expect([membersOf('two.zip'), membersOf('mixed.zip')]).toEqual([['in.whl!x.txt'], ['in.gz!content!y.txt']]);
  const sealed = ['tar.gz', 'deep.zip', 'damaged.zip', 'sealed.zip', 'plain.bz2', 'BZh.txt'].map((path) => found.get(path)!.sealed);
  expect(sealed).toEqual([
    undefined,
    ['`1!2!3!4`: an archive too deep within others'],
    ['`in.zip`: a damaged zip'],
    ['`in.xz`: xz'],
    ['bzip2'],
    undefined,
  ]);
  expect(['deep.zip', 'damaged.zip', 'sealed.zip'].map((path) => found.get(path)!.archiveFault)).toEqual([undefined, undefined, undefined]);
});

it('paths in archives within a tar, in its names and in those of a zip', async () => {
  const pack = `
import gzip, io, lzma, sys, tarfile, zipfile
token = sys.argv[1]
def zipped(name, content):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as z: z.writestr(name, content)
    return held.getvalue()
def tarred(name, mode, **members):
    with tarfile.open(sys.argv[2] + "/" + name, "w" + mode) as t:
        for member, content in members.items():
            info = tarfile.TarInfo(member.replace("__", "/")); info.size = len(content); t.addfile(info, io.BytesIO(content))
tarred("a.tar", "", pad=b"x" * 100000, in_whl=zipped("x.txt", token + "/q"))
tarred("a.tgz", ":gz", pad=b"x" * 100000, in_gz=gzip.compress(token.encode() + b"/q"))
tarred("name.tgz", ":gz", **{(token[1:] + "/q").replace("/", "__"): b"x"})
tarred("sealed.tgz", ":gz", in_xz=lzma.compress(b"y"))
open(sys.argv[2] + "/name.zip", "wb").write(zipped(token[1:] + "/q", b"x"))
open(sys.argv[2] + "/two.zip", "wb").write(zipped("a.tgz", open(sys.argv[2] + "/a.tgz", "rb").read()))
open(sys.argv[2] + "/cut.tar", "wb").write(open(sys.argv[2] + "/a.tar", "rb").read()[:50000])
`;
  execFileSync('python3', ['-c', pack, TOKEN, folder.path]);
  const found = await read();
  const membersOf = (path: string) => found.get(path)!.leaks?.map(({ member }) => member);
  expect(['a.tar', 'a.tgz', 'name.tgz', 'name.zip', 'two.zip'].map(membersOf)).toEqual([
    ['in_whl!x.txt'],
    ['content!in_gz!content'],
    ['content!work/secret-place/q'],
    ['work/secret-place/q'],
    ['a.tgz!content!in_gz!content'],
  ]);
  expect(['sealed.tgz', 'cut.tar'].map((path) => found.get(path)!.sealed)).toEqual([['`content!in_xz`: xz'], ['`content`: a damaged tar']]);
});

it('a gzip that is cut off says so', async () => {
  put('x.gz', gzipSync('y'.repeat(99_999)).subarray(0, 60));
  expect((await read()).get('x.gz')!.archiveFault).toEqual(expect.any(String));
});

const flip = (bytes: Buffer, at: number): Buffer => Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ 0xff : byte)));

it('files larger than the window: the same digest, leaks at the border once', async () => {
  const big = Buffer.alloc(WINDOW_BYTES * 2 + 1234, 0x2e);
  big.write(`${TOKEN}/a`, WINDOW_BYTES - 7);
  big.write(`${TOKEN}/b`, WINDOW_BYTES * 2 - TOKEN.length);
  put('big', big);
  const entry = (await read()).get('big')!;
  expect(entry.sha256).toBe(hashBytes(big));
  expect(entry.leaks!.map(({ offset }) => offset)).toEqual([WINDOW_BYTES - 7, WINDOW_BYTES * 2 - TOKEN.length]);
});

it('a RECORD larger than the window has its text, one beyond all measure has none', async () => {
  const long = 'a.py,,\n'.repeat(WINDOW_BYTES / 4);
  put('site/a-1.dist-info/RECORD', long);
  truncateSync(put('site/b-1.dist-info/RECORD', ''), 64 * 1024 ** 2 + 1);
  const entries = await read();
  expect(entries.get('site/a-1.dist-info/RECORD')!.text === long).toBe(true);
  expect(entries.get('site/b-1.dist-info/RECORD')).not.toHaveProperty('text');
});

it('what stands unchanged in RECORD', async () => {
  put('site/pkg/a.py', 'a = 1\n');
  put('site/pkg/b.py', 'b = 2\n');
  const hash = (text: string): string => recordHash(hashBytes(text));
  put('site/pkg-1.dist-info/RECORD', `pkg/a.py,${hash('a = 1\n')},6\npkg/b.py,${hash('other')},6\n../outside,,\npkg-1.dist-info/RECORD,,\n`);
  const entries = await read();
  expect(entries.get('site/pkg/a.py')!.recorded).toBe(true);
  expect(entries.get('site/pkg/b.py')).not.toHaveProperty('recorded');
});

it('links and special files are named, never opened', async () => {
  symlinkSync('nowhere', join(folder.path, 'link'));
  execFileSync('mkfifo', [join(folder.path, 'pipe')]);
  linkSync(put('one', 'x'), join(folder.path, 'two'));
  const entries = await read();
  expect(entries.get('link')).toMatchObject({ kind: 'symlink', linkTarget: 'nowhere' });
  expect(entries.get('pipe')).toMatchObject({ kind: 'special', special: 'fifo' });
  expect(entries.get('one')!.hardLinkGroup).toBe(entries.get('two')!.hardLinkGroup);
});

it('reads both forms of getcap', () => {
  expect(parseGetcap('/b', '/b/bin/app cap_net_raw=ep\n/b/x y = cap_setuid+ep\nnoise\n/else/z cap_a=ep\n')).toEqual(['bin/app', 'x y']);
});

const capable = process.getuid?.() === 0 && existsSync('/usr/sbin/setcap') && existsSync('/usr/sbin/getcap');
skipUnless(capable, 'capabilities can be set by root with libcap2-bin alone')('file capabilities', async () => {
  copyFileSync('/bin/ls', join(folder.path, 'tool'));
  execFileSync('/usr/sbin/setcap', ['cap_net_raw+ep', join(folder.path, 'tool')]);
  const facts = await readBundleFacts(folder.path, {
    platform: 'linux-x86_64',
    leakTokens: [],
    processes: createProcesses(),
    environment: { PATH: '/usr/bin:/bin' },
  });
  expect(facts.entries.find(({ path }) => path === 'tool')).toMatchObject({ fileCapabilities: true });
});

it('a file that went while the tree was read is a coded error', async () => {
  const items = [{ path: 'gone', kind: 'file' as const, mode: 0o644, size: 1, mtimeMs: 0 }];
  await expect(readBundleFacts(folder.path, { platform: 'linux-x86_64', leakTokens: [], items })).rejects.toMatchObject({ code: 'FILE_FAILED' });
});

it('says when capabilities cannot be read', async () => {
  const skipped: string[] = [];
  await readBundleFacts(folder.path, { platform: 'linux-x86_64', leakTokens: [], onSkipped: (what, reason) => skipped.push(`${what}: ${reason}`) });
  expect(skipped).toEqual(['file capabilities: no program was started to read them']);
});

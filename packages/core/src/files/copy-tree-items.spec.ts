import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, readFileSync, readdirSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileCore, runCore, skipUnless, temporaryFolder } from '../testing';
import { copyTreeItems } from './copy-tree-items';

const folder = temporaryFolder();
const at = (...parts: string[]): string => join(folder.path, ...parts);
const modeOf = (path: string): number => statSync(path).mode & 0o7777;
const source = (name: string, text = name, mode = 0o644): string => {
  mkdirSync(at('source'), { recursive: true });
  writeFileSync(at('source', name), text);
  chmodSync(at('source', name), mode);
  return at('source', name);
};
const root = process.getuid?.() === 0;
/** A mount namespace of its own, so that a file system can be full or read-only for one process. */
const namespaces = spawnSync('unshare', ['-Urm', 'true']).status === 0;

describe('copyTreeItems', () => {
  it('copies content and modes, and makes the folders in between', async () => {
    const umask = process.umask(0o077);
    try {
      await copyTreeItems(at('to'), [
        { from: source('a', 'A', 0o755), to: 'x/y/a' },
        { from: source('b', 'B', 0o600), to: 'b' },
        { from: source('c'), to: 'x/c', mode: 0o444 },
      ]);
    } finally {
      process.umask(umask);
    }
    expect(readFileSync(at('to/x/y/a'), 'utf8')).toBe('A');
    expect([modeOf(at('to/x')), modeOf(at('to/x/y')), modeOf(at('to/x/y/a')), modeOf(at('to/b')), modeOf(at('to/x/c'))]).toEqual([
      0o755, 0o755, 0o755, 0o600, 0o444,
    ]);
  });

  it.each([0o644, 0o755, 0o600, 0o444, 0o4755, 0o2711])('keeps the mode %o whatever the umask', async (mode) => {
    const from = source('a', 'A', mode);
    const umask = process.umask(0o077);
    try {
      await copyTreeItems(at('to'), [{ from, to: 'a' }]);
    } finally {
      process.umask(umask);
    }
    expect(modeOf(at('to/a'))).toBe(mode);
  });

  it.each(['/none', '../source/a', 'ä b'])('copies a symlink to %s as it is', async (target) => {
    source('a');
    symlinkSync(target, at('source', 'link'));
    await copyTreeItems(at('to'), [{ from: at('source', 'link'), to: 'sub/link', mode: 0o600 }]);
    expect(readlinkSync(at('to/sub/link'))).toBe(target);
  });

  it('copies folders themselves, with modes that let nothing in', async () => {
    mkdirSync(at('source', 'closed'), { recursive: true });
    chmodSync(at('source', 'closed'), 0o555);
    await copyTreeItems(at('to'), [
      { from: at('source', 'closed'), to: 'closed' },
      { from: source('a'), to: 'closed/sub/a' },
      { from: at('source'), to: 'open', mode: 0o700 },
    ]);
    expect([modeOf(at('to/closed')), modeOf(at('to/closed/sub')), modeOf(at('to/open'))]).toEqual([0o555, 0o755, 0o700]);
    expect(readdirSync(at('to/open'))).toEqual([]);
  });

  it('keeps the modes of folders that were there', async () => {
    mkdirSync(at('to', 'sub'), { recursive: true });
    chmodSync(at('to', 'sub'), 0o700);
    await copyTreeItems(at('to'), [{ from: source('a'), to: 'sub/a' }]);
    expect(modeOf(at('to/sub'))).toBe(0o700);
  });

  it('replaces what is there, and never writes through a link', async () => {
    mkdirSync(at('to'));
    symlinkSync(source('outside', 'untouched'), at('to', 'a'));
    await copyTreeItems(at('to'), [{ from: source('a', 'new'), to: 'a' }]);
    expect(lstatSync(at('to/a')).isFile()).toBe(true);
    expect(readFileSync(at('source/outside'), 'utf8')).toBe('untouched');
  });

  it('writes what a rewrite makes of the content, with the mode that was asked for', async () => {
    const before = process.umask(0o077);
    try {
      const rewrite = (content: Buffer): Buffer => Buffer.from(content.toString().toUpperCase());
      await copyTreeItems(at('to'), [{ from: source('a', 'abc', 0o600), to: 'sub/b', mode: 0o644, rewrite }]);
    } finally {
      process.umask(before);
    }
    expect(readFileSync(at('to/sub/b'), 'utf8')).toBe('ABC');
    expect(statSync(at('to/sub/b')).mode & 0o777).toBe(0o644);
    expect(readFileSync(at('source/a'), 'utf8')).toBe('abc');
  });

  it('copies many', async () => {
    const items = Array.from({ length: 300 }, (_, index) => ({ from: source(`f${index}`, String(index)), to: `d${index % 7}/f${index}` }));
    await copyTreeItems(at('to'), items);
    expect(items.map(({ to }) => readFileSync(at('to', to), 'utf8'))).toEqual(items.map((_, index) => String(index)));
  });

  it.each<[string, () => { from: string; to: string }, string]>([
    ['leads out', () => ({ from: source('a'), to: '../a' }), 'FILE_NAME'],
    ['leads out by a detour', () => ({ from: source('a'), to: 'x/../../a' }), 'FILE_NAME'],
    ['is absolute', () => ({ from: source('a'), to: '/tmp/a' }), 'FILE_NAME'],
    ['goes through a file', () => (mkdirSync(at('to')), writeFileSync(at('to/f'), ''), { from: source('a'), to: 'f/a' }), 'FILE_KIND'],
    ['goes through a link', () => (mkdirSync(at('to')), symlinkSync(folder.path, at('to/l')), { from: source('a'), to: 'l/a' }), 'FILE_KIND'],
    ['is a folder there', () => (mkdirSync(at('to/b'), { recursive: true }), { from: source('a'), to: 'b' }), 'FILE_KIND'],
    ['comes from nowhere', () => ({ from: at('none'), to: 'a' }), 'FILE_MISSING'],
    ['comes from a FIFO', () => (execFileSync('mkfifo', [at('pipe')]), { from: at('pipe'), to: 'a' }), 'FILE_KIND'],
  ])('refuses an item that %s', async (_, item, code) => {
    await expect(copyTreeItems(at('to'), [item()])).rejects.toMatchObject({ code });
    expect(readdirSync(folder.path)).not.toContain('a');
  });

  skipUnless(root, 'only root can become a user without permission')('says whether it may not read or may not write', async () => {
    const core = compileCore(folder.path);
    chmodSync(folder.path, 0o755);
    mkdirSync(at('to'));
    const copy = (from: string): string => `await core.copyTreeItems(${JSON.stringify(at('to'))}, [{ from: ${JSON.stringify(from)}, to: 'a' }])`;
    const closed = await runCore(core, copy(source('a', 'A', 0o644)), { uid: 65534 });
    expect(JSON.parse(closed.stdout)).toMatchObject({ code: 'FILE_NOT_WRITABLE' });
    chmodSync(at('to'), 0o777);
    const unreadable = await runCore(core, copy(source('a', 'A', 0o600)), { uid: 65534 });
    expect(JSON.parse(unreadable.stdout)).toMatchObject({ code: 'FILE_NOT_READABLE', message: expect.stringContaining('source/a') as string });
    expect(readdirSync(at('to'))).toEqual([]);
  });

  describe('on a file system of its own', () => {
    const mounted = async (options: string, before = ''): Promise<{ code: string; message: string; left: string[] }> => {
      const core = compileCore(folder.path);
      mkdirSync(at('to'));
      const script = `
        const { execFileSync } = require('node:child_process'); const fs = require('node:fs');
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', ${JSON.stringify(at('to'))}]);
        ${before}
        ${options === '' ? '' : `execFileSync('mount', ['-o', ${JSON.stringify(options)}, ${JSON.stringify(at('to'))}]);`}
        const error = await core.copyTreeItems(${JSON.stringify(at('to'))}, [{ from: ${JSON.stringify(source('big', 'x'.repeat(1_000_000)))}, to: 'sub/big' }]).catch((e) => e);
        console.log(JSON.stringify({ code: error.code, message: error.message, fix: error.fix, left: fs.readdirSync(${JSON.stringify(at('to'))}, { recursive: true }) }));`;
      const { stdout, stderr } = await runCore(core, script, { wrap: ['unshare', '-Urm'] });
      expect(stderr).toBe('');
      return JSON.parse(stdout) as { code: string; message: string; left: string[] };
    };

    skipUnless(namespaces, 'unshare -Urm is not allowed')('says that the disk is full and leaves nothing half-written', async () => {
      expect(await mounted('')).toMatchObject({ code: 'FILE_DISK_FULL', message: expect.stringContaining('sub/big') as string, left: ['sub'] });
    });

    skipUnless(namespaces, 'unshare -Urm is not allowed')('says that it is read-only', async () => {
      expect(await mounted('remount,ro')).toMatchObject({
        code: 'FILE_NOT_WRITABLE',
        message: expect.stringContaining('read-only file system') as string,
        left: [],
      });
    });
  });
});

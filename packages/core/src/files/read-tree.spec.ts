import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, statSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { compileCore, runCore, skipUnless, temporaryFolder } from '../testing';
import { comparePaths } from './compare-paths';
import { readTree } from './read-tree';

const folder = temporaryFolder();
const at = (...parts: string[]): string => join(folder.path, ...parts);
const linux = process.platform === 'linux';

describe('readTree', () => {
  it('tells of files what lstat tells, following nothing', async () => {
    mkdirSync(at('sub'), { mode: 0o750 });
    writeFileSync(at('sub', 'tool'), 'four', { mode: 0o755 });
    chmodSync(at('sub', 'tool'), 0o4755);
    utimesSync(at('sub', 'tool'), 1, 2);
    symlinkSync('sub', at('link'));
    symlinkSync('/none', at('dangling'));
    symlinkSync('.', at('loop'));
    const items = await readTree(folder.path);
    expect(items.map(({ mtimeMs: _, ...item }) => (item.kind === 'symlink' ? { ...item, mode: 0 } : item))).toEqual([
      { path: 'dangling', kind: 'symlink', mode: 0, size: 0, linkTarget: '/none' },
      { path: 'link', kind: 'symlink', mode: 0, size: 0, linkTarget: 'sub' },
      { path: 'loop', kind: 'symlink', mode: 0, size: 0, linkTarget: '.' },
      { path: 'sub', kind: 'directory', mode: statSync(at('sub')).mode & 0o7777, size: 0 },
      { path: 'sub/tool', kind: 'file', mode: 0o4755, size: 4 },
    ]);
    expect(items.at(-1)?.mtimeMs).toBe(2_000);
  });

  it('orders by the bytes of the whole paths', async () => {
    const names = ['a', 'a.b', 'a/b', 'a-b', 'B', 'ä', 'z', '\u{1F600}', '\uFF5E', 'a0'];
    mkdirSync(at('a'));
    for (const name of names.filter((one) => one !== 'a')) writeFileSync(at(name), '');
    const paths = (await readTree(folder.path)).map(({ path }) => path);
    expect(paths).toEqual([...names].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right))));
  });

  it('marks the files of a hard-link group', async () => {
    for (const name of ['one', 'other']) writeFileSync(at(name), '');
    linkSync(at('one'), at('two'));
    const [one, other, two] = await readTree(folder.path);
    expect(one?.hardLinkGroup).toMatch(/^\d+:\d+$/);
    expect(two?.hardLinkGroup).toBe(one?.hardLinkGroup);
    expect(other).not.toHaveProperty('hardLinkGroup');
  });

  it('marks special files without opening them', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(at('socket'), resolve));
    const items = await readTree(folder.path);
    server.close();
    expect(items).toMatchObject([
      { path: 'pipe', kind: 'special', special: 'fifo' },
      { path: 'socket', kind: 'special', special: 'socket' },
    ]);
  });

  skipUnless(process.getuid?.() === 0 && linux, 'only root can make devices')('marks devices', async () => {
    execFileSync('mknod', [at('null'), 'c', '1', '3']);
    execFileSync('mknod', [at('disk'), 'b', '7', '200']);
    expect(await readTree(folder.path)).toMatchObject([
      { kind: 'special', special: 'block' },
      { kind: 'special', special: 'character' },
    ]);
  });

  it('follows the root itself when that is a symlink', async () => {
    mkdirSync(at('real'));
    writeFileSync(at('real', 'x'), '');
    symlinkSync('real', at('link'));
    expect((await readTree(at('link'))).map(({ path }) => path)).toEqual(['x']);
  });

  it('reads an empty folder', async () => {
    expect(await readTree(folder.path)).toEqual([]);
  });

  it.each<[string, () => string, string]>([
    ['is not there', () => at('none'), 'FILE_MISSING'],
    ['is a file', () => (writeFileSync(at('file'), ''), at('file')), 'FILE_KIND'],
    ['is a loop of symlinks', () => (symlinkSync('me', at('me')), at('me')), 'FILE_FAILED'],
  ])('says so when the root %s', async (_, root, code) => {
    await expect(readTree(root())).rejects.toMatchObject({ code });
  });

  skipUnless(linux, 'other systems do not take such names')('refuses a name that is not UTF-8', async () => {
    const path = Buffer.concat([Buffer.from(`${folder.path}/x`), Buffer.from([0xe4])]);
    writeFileSync(path, '');
    const error: unknown = await readTree(folder.path).catch((cause: unknown) => cause);
    unlinkSync(path);
    expect(error).toMatchObject({ code: 'FILE_NAME', message: expect.stringContaining('it is not UTF-8') as string });
  });

  skipUnless(process.getuid?.() === 0, 'only root can become a user without permission')('says which folder it may not read', async () => {
    const core = compileCore(folder.path);
    chmodSync(folder.path, 0o755);
    mkdirSync(at('tree', 'closed'), { recursive: true, mode: 0o755 });
    chmodSync(at('tree', 'closed'), 0o700);
    const { stdout } = await runCore(core, `await core.readTree(${JSON.stringify(at('tree'))})`, { uid: 65534 });
    expect(JSON.parse(stdout)).toMatchObject({ code: 'FILE_NOT_READABLE', message: expect.stringContaining('/tree/closed') as string });
  });
});

describe('comparePaths', () => {
  it('orders as the bytes do, all pairs of edges', () => {
    const edges = ['', 'a', '\u007f', '\u0080', '\u07ff', '\u0800', '\ud7ff', '\ue000', '\ufffd', '\u{10000}', '\u{10ffff}'];
    const texts = edges.flatMap((left) => edges.map((right) => left + right));
    for (const left of texts) {
      for (const right of texts) expect(Math.sign(comparePaths(left, right))).toBe(Buffer.compare(Buffer.from(left), Buffer.from(right)));
    }
  });
});

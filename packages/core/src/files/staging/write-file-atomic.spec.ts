import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileCore, killAtCall, runCore, skipUnless, temporaryFolder } from '../../testing';
import { writeFileAtomic } from './write-file-atomic';

const folder = temporaryFolder();
const file = (): string => join(folder.path, 'sub', 'file');
const root = process.getuid?.() === 0;

describe('writeFileAtomic', () => {
  it.each<[string, string | Uint8Array, Buffer]>([
    ['text as UTF-8', 'grün', Buffer.from('grün')],
    ['bytes', new Uint8Array([0, 255]), Buffer.from([0, 255])],
    ['nothing', '', Buffer.alloc(0)],
  ])('writes %s and makes the folder', async (_, data, expected) => {
    await writeFileAtomic(file(), data);
    expect(readFileSync(file())).toEqual(expected);
    expect(readdirSync(join(folder.path, 'sub'))).toEqual(['file']);
  });

  it.each([0o644, 0o600, 0o755, 0o444])('gives the mode %o whatever the umask and the mode before', async (mode) => {
    await writeFileAtomic(file(), 'old', { mode: 0o640 });
    const umask = process.umask(0o077);
    try {
      await writeFileAtomic(file(), 'new', { mode });
    } finally {
      process.umask(umask);
    }
    expect(statSync(file()).mode & 0o7777).toBe(mode);
  });

  it('replaces a symlink, never what it leads to', async () => {
    writeFileSync(join(folder.path, 'elsewhere'), 'untouched');
    mkdirSync(join(folder.path, 'sub'));
    symlinkSync('../elsewhere', file());
    await writeFileAtomic(file(), 'new');
    expect(readFileSync(join(folder.path, 'elsewhere'), 'utf8')).toBe('untouched');
    expect(readFileSync(file(), 'utf8')).toBe('new');
  });

  it.each<[string, () => void, string]>([
    ['a folder stands in its place', () => mkdirSync(file(), { recursive: true }), 'FILE_KIND'],
    ['a file stands where its folder must be', () => writeFileSync(join(folder.path, 'sub'), ''), 'FILE_KIND'],
  ])('says so when %s', async (_, make, code) => {
    make();
    await expect(writeFileAtomic(file(), 'x')).rejects.toMatchObject({ code });
  });

  it('says so when the name is too long', async () => {
    await expect(writeFileAtomic(join(folder.path, 'x'.repeat(300)), '')).rejects.toMatchObject({ code: 'FILE_NAME' });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  skipUnless(root, 'only root can become a user without permission')('says so when it may not write there, and how to mend it', async () => {
    const core = compileCore(folder.path);
    chmodSync(folder.path, 0o755);
    const { stdout } = await runCore(core, `await core.writeFileAtomic(${JSON.stringify(file())}, 'x')`, { uid: 65534 });
    expect(JSON.parse(stdout)).toMatchObject({ code: 'FILE_NOT_WRITABLE', fix: expect.stringContaining('chmod u+w') as string });
  });

  it('leaves the old file or the new one when it is killed, wherever that is, and the next write is clean', async () => {
    const run = killAtCall(folder.path, `await core.writeFileAtomic(${JSON.stringify(file())}, 'new'.repeat(1e6))`);
    for (let call = 1, killed = true; killed; call += 1) {
      for (const when of ['before', 'after'] as const) {
        await writeFileAtomic(file(), 'old');
        killed = run(call, when).killed;
        expect(['old', 'new'.repeat(1e6)]).toContain(readFileSync(file(), 'utf8'));
        await writeFileAtomic(file(), 'next');
        expect(readdirSync(join(folder.path, 'sub'))).toEqual(['file']);
      }
    }
    expect(existsSync(file())).toBe(true);
  });
});

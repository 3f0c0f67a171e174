import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { killAtCall, temporaryFolder } from '../../testing';
import { worldDigest } from './process-identity';
import { withStagedFolder } from './with-staged-folder';

const folder = temporaryFolder();
const dist = (): string => join(folder.path, 'dist');
const final = (): string => join(dist(), 'out');
/** A pid that no process has: the highest of the kernel is 4,194,304. */
const DEAD = 4_194_305;

const fill =
  (text: string) =>
  async (stage: string): Promise<string> => {
    writeFileSync(join(stage, 'a'), text);
    writeFileSync(join(stage, 'b'), text);
    return text;
  };

const content = (): string[] => readdirSync(final()).map((name) => readFileSync(join(final(), name), 'utf8'));

describe('withStagedFolder', () => {
  it('makes the folder, and the folders above it, and gives what the work gives', async () => {
    expect(await withStagedFolder(final(), fill('new'))).toBe('new');
    expect(content()).toEqual(['new', 'new']);
    expect(readdirSync(dist())).toEqual(['out']);
  });

  it('replaces the previous folder whole', async () => {
    mkdirSync(final(), { recursive: true });
    writeFileSync(join(final(), 'stale'), '');
    await withStagedFolder(final(), fill('new'));
    expect(readdirSync(final())).toEqual(['a', 'b']);
  });

  it.each<[string, () => void]>([
    ['a file', () => writeFileSync(final(), '')],
    ['a symlink, which is not followed', () => symlinkSync(folder.path, final())],
  ])('replaces %s', async (_, make) => {
    mkdirSync(dist());
    make();
    await withStagedFolder(final(), fill('new'));
    expect(content()).toEqual(['new', 'new']);
    expect(readdirSync(dist())).toEqual(['out']);
  });

  it('does not show the folder before the work is done', async () => {
    await withStagedFolder(final(), async (stage) => {
      expect(stage).toMatch(/\/dist\/\.out\.staging-\d+-[0-9a-f]+$/);
      expect(existsSync(final())).toBe(false);
    });
    expect(existsSync(final())).toBe(true);
  });

  it('changes nothing when the work fails, and leaves nothing behind, not even what cannot be written to', async () => {
    await withStagedFolder(final(), fill('old'));
    const work = withStagedFolder(final(), async (stage) => {
      mkdirSync(join(stage, 'closed'));
      writeFileSync(join(stage, 'closed', 'x'), '');
      chmodSync(join(stage, 'closed'), 0o500);
      throw new Error('failed');
    });
    await expect(work).rejects.toThrow('failed');
    expect(content()).toEqual(['old', 'old']);
    expect(readdirSync(dist())).toEqual(['out']);
  });

  it('puts the previous folder back when the new one cannot be moved there', async () => {
    await withStagedFolder(final(), fill('old'));
    const work = withStagedFolder(final(), async (stage) => rmSync(stage, { recursive: true }));
    await expect(work).rejects.toMatchObject({ code: 'FILE_MISSING' });
    expect(content()).toEqual(['old', 'old']);
    expect(readdirSync(dist())).toEqual(['out']);
  });

  it('lets two works for one place end one after the other', async () => {
    const results = await Promise.all(['1', '2', '3', '4'].map((text) => withStagedFolder(final(), fill(text))));
    expect(results).toEqual(['1', '2', '3', '4']);
    expect(new Set(content()).size).toBe(1);
    expect(readdirSync(dist())).toEqual(['out']);
  });

  it('takes long names', async () => {
    const name = 'ä'.repeat(120);
    await withStagedFolder(join(dist(), name), fill('new'));
    expect(readdirSync(dist())).toEqual([name]);
  });

  it.each<[string, string, boolean]>([
    ['of a dead process', `.out.staging-${DEAD}-${worldDigest()}00000000`, false],
    ['of a dead process that had moved the old one away', `.out.old-${DEAD}-${worldDigest()}00000000`, false],
    ['of a running process', `.out.staging-${process.pid}-${worldDigest()}00000000`, true],
    ['of another boot or container, today', `.out.staging-${DEAD}-0000000000000000`, true],
    ['of another place', `.other.staging-${DEAD}-${worldDigest()}00000000`, true],
    ['whose name only looks like one', `.out.staging-${DEAD}-backup`, true],
  ])('knows leftovers %s', async (_, name, kept) => {
    mkdirSync(join(dist(), name), { recursive: true });
    await withStagedFolder(final(), fill('new'));
    expect(existsSync(join(dist(), name))).toBe(kept);
  });

  it('removes leftovers of another boot after a day', async () => {
    const path = join(dist(), `.out.staging-${DEAD}-0000000000000000`);
    mkdirSync(path, { recursive: true });
    const past = Date.now() / 1_000 - 25 * 60 * 60;
    utimesSync(path, past, past);
    await withStagedFolder(final(), fill('new'));
    expect(existsSync(path)).toBe(false);
  });

  it('leaves the old folder or none when it is killed, wherever that is, and the next run is clean', async () => {
    const code = `await core.withStagedFolder(${JSON.stringify(final())}, async (stage) => { for (const name of ['a', 'b']) await promises.writeFile(stage + '/' + name, 'new'); });`;
    const run = killAtCall(folder.path, code);
    const seen = new Set<string>();
    for (let call = 1, killed = true; killed; call += 1) {
      for (const when of ['before', 'after'] as const) {
        await withStagedFolder(final(), fill('old'));
        killed = run(call, when).killed;
        const state = existsSync(final()) ? content().join() : 'none';
        seen.add(state);
        expect(['old,old', 'none', 'new,new']).toContain(state);
        await withStagedFolder(final(), fill('next'));
        expect(content()).toEqual(['next', 'next']);
        expect(readdirSync(dist())).toEqual(['out']);
      }
    }
    expect([...seen].sort()).toEqual(['new,new', 'none', 'old,old']);
  });
});

import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { MANIFEST_PATH, manifestDigest, parseManifest } from '@waybill/artifacts';
import { listArchive } from '@waybill/core';
import { archiveFolder } from './archive-folder';
import { sealAndArchive, type SealRequest } from './seal-and-archive';

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
const MANIFEST: SealRequest['manifest'] = {
  name: 'chat',
  version: '1.0',
  platform: 'linux-x86_64',
  kind: 'python-app',
  layout: { launcher: 'chat', python: 'python/runtime/bin/python3.11' },
  runtime: { version: '3.11.7', provider: 'interpreter', source: 'interpreter 3.11.7' },
  launcher: { kind: 'native' },
  carried: [],
  pruned: [],
};

describe('sealAndArchive', () => {
  let base: string;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'waybill-seal-'));
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const plant = (root: string, files: Record<string, string>) => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    return root;
  };
  const tree = (name: string) => {
    const root = plant(join(base, name, 'tree'), {
      chat: 'launcher',
      'python/a.py': 'a = 1\n',
      'python/a-b.py': '',
      'lib/x.so': 'x'.repeat(3_000_000),
    });
    chmodSync(join(root, 'chat'), 0o755);
    mkdirSync(join(root, 'empty/deeper'), { recursive: true });
    symlinkSync('x.so', join(root, 'lib/y.so'));
    return root;
  };
  const seal = (root: string, more: Partial<SealRequest> = {}) =>
    sealAndArchive({
      root,
      manifest: MANIFEST,
      topFolder: 'chat-1.0',
      archives: [{ format: 'tar.gz', output: join(dirname(root), 'out.tar.gz') }],
      mtimeSeconds: 1_580_601_600,
      ...more,
    });

  it('writes a manifest of every file, to the folder and as the last entry of the archive', async () => {
    const root = tree('one');
    const { manifest, files, bytes, digest } = await seal(root);
    expect(manifest.entries).toEqual([
      { path: 'chat', type: 'file', mode: '0755', size: 8, sha256: sha256('launcher') },
      { path: 'lib/x.so', type: 'file', mode: '0644', size: 3_000_000, sha256: sha256('x'.repeat(3_000_000)) },
      { path: 'lib/y.so', type: 'symlink', target: 'x.so' },
      { path: 'python/a-b.py', type: 'file', mode: '0644', size: 0, sha256: sha256('') },
      { path: 'python/a.py', type: 'file', mode: '0644', size: 6, sha256: sha256('a = 1\n') },
    ]);
    const text = readFileSync(join(root, MANIFEST_PATH), 'utf8');
    expect(parseManifest(text).entries).toEqual(manifest.entries);
    expect(digest).toBe(manifestDigest(manifest.entries));
    expect({ files, bytes }).toEqual({ files: 6, bytes: 3_000_014 + Buffer.byteLength(text) });
    const listed = await listArchive(join(dirname(root), 'out.tar.gz'));
    expect(listed.at(-1)).toMatchObject({ path: `chat-1.0/${MANIFEST_PATH}` });
    expect(listed.map(({ path }) => path.replace(/\/$/, ''))).not.toContain('chat-1.0/empty');
  });

  it('gives the same bytes from another place, with other times and modes', async () => {
    const [one, two] = [tree('one'), tree('another/place')];
    chmodSync(join(two, 'chat'), 0o700);
    chmodSync(join(two, 'python/a.py'), 0o600);
    chmodSync(join(two, 'lib'), 0o700);
    utimesSync(join(two, 'python/a.py'), 1, 1);
    const [first, second] = [await seal(one), await seal(two)];
    expect(second.archives).toEqual(first.archives);
    expect(readFileSync(join(two, MANIFEST_PATH))).toEqual(readFileSync(join(one, MANIFEST_PATH)));
    expect(statSync(join(two, 'chat')).mode & 0o777).toBe(0o755);
  });

  it('seals again what was sealed before', async () => {
    const root = tree('one');
    const first = await seal(root);
    expect((await seal(root)).archives).toEqual(first.archives);
  });

  it('writes several formats of the same content', async () => {
    const root = tree('one');
    const formats = ['tar.gz', 'tar.zst', 'zip'] as const;
    const { archives } = await seal(root, { archives: formats.map((format) => ({ format, output: join(base, `out.${format}`) })) });
    const contents = await Promise.all(
      formats.map(async (format) =>
        (await listArchive(join(base, `out.${format}`))).filter(({ kind }) => kind !== 'directory').map(({ path, size }) => [path, size]),
      ),
    );
    expect(contents[1]).toEqual(contents[0]);
    expect(contents[2]!.map(([path]) => path)).toEqual(contents[0]!.map(([path]) => path));
    expect(archives.map(({ sha256: digest }) => digest)).toEqual(formats.map((format) => sha256(readFileSync(join(base, `out.${format}`)))));
  });

  it('takes digests that are known, and tells what paths of this machine it saw', async () => {
    const root = plant(join(base, 'leaks'), { 'a.bin': `${'x'.repeat(1_048_570)}/home/builder/work/a.c\0`, 'b.txt': 'nothing\n' });
    const known = new Map([['b.txt', { sha256: 'f'.repeat(64), size: 8 }]]);
    const { leaks, manifest } = await seal(root, { known, leakTokens: [{ id: 'workspace', path: '/home/builder/work' }] });
    expect(leaks).toMatchObject([{ path: 'a.bin', token: 'workspace', offset: 1_048_570 }]);
    expect(manifest.entries[1]).toMatchObject({ path: 'b.txt', sha256: 'f'.repeat(64) });
  });

  it('BUNDLE_INCLUDE_SPECIAL: refuses a pipe before it reads anything', async () => {
    const root = tree('one');
    execFileSync('mkfifo', [join(root, 'lib/pipe')]);
    await expect(seal(root)).rejects.toMatchObject({ code: 'BUNDLE_INCLUDE_SPECIAL' });
  });
});

describe('archiveFolder', () => {
  it('writes nothing for an empty folder or none', async () => {
    const root = mkdtempSync(join(tmpdir(), 'waybill-symbols-'));
    const request = { format: 'tar.gz' as const, output: join(root, 'x.tar.gz'), mtimeSeconds: 1_580_601_600 };
    expect(await archiveFolder(join(root, 'none'), 'top', request)).toBeUndefined();
    mkdirSync(join(root, 'tree'));
    expect(await archiveFolder(join(root, 'tree'), 'top', request)).toBeUndefined();
    writeFileSync(join(root, 'tree/a'), 'a');
    expect(await archiveFolder(join(root, 'tree'), 'top', request)).toMatchObject({ size: statSync(join(root, 'x.tar.gz')).size });
    rmSync(root, { recursive: true });
  });
});

import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gzipSync } from 'node:zlib';
import { temporaryFolder } from '../../testing';
import type { ExtractLimits } from '../archive-entry';
import { craftTar, craftZip, type CraftedEntry } from '../testing/craft-archives';
import { extractArchive } from './extract-archive';
import { listArchive } from './list-archive';
import { readArchiveEntries } from './read-archive-entries';
import { RATIO_FLOOR_BYTES } from './read-meter';

const folder = temporaryFolder();

const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

interface Attempt {
  limits?: Partial<ExtractLimits>;
  sha256?: string;
  stripComponents?: number;
}

const archivePath = (): string => join(folder.path, 'archive');
const destination = (): string => join(folder.path, 'out');

function unpack(bytes: Buffer, attempt: Attempt = {}): Promise<{ files: number; bytes: number }> {
  writeFileSync(archivePath(), bytes);
  mkdirSync(destination(), { recursive: true });
  return extractArchive({ archive: archivePath(), destination: destination(), ...attempt });
}

/** The code of the refusal; that nothing is left behind is part of every refusal. */
async function refusal(bytes: Buffer, attempt: Attempt = {}): Promise<string> {
  const error = await unpack(bytes, attempt).then(
    () => undefined,
    (reason: { code?: string }) => reason,
  );
  expect(readdirSync(destination())).toEqual([]);
  expect(readdirSync(folder.path).sort()).toEqual(['archive', 'out']);
  return error?.code ?? 'unpacked';
}

const file = (path: string, content = 'x'): CraftedEntry => ({ path, content });
const directory = (path: string): CraftedEntry => ({ path, type: '5', mode: 0o755 });
const symlink = (path: string, linkTarget: string): CraftedEntry => ({ path, type: '2', linkTarget });
const hardLink = (path: string, linkTarget: string): CraftedEntry => ({ path, type: '1', linkTarget });

function paxPath(path: string): string {
  const rest = ` path=${path}\n`;
  return `${rest.length + String(rest.length + 2).length}${rest}`;
}

describe('what a tar must not do', () => {
  test.each<[string, readonly CraftedEntry[], string]>([
    ['an absolute path', [file('/etc/passwd')], 'ARCHIVE_PATH'],
    ['a path upwards', [file('a/../../x')], 'ARCHIVE_PATH'],
    ['a path upwards that comes back', [file('../out/x')], 'ARCHIVE_PATH'],
    ['a path upwards for those who read backslashes', [file('a\\..\\..\\x')], 'ARCHIVE_PATH'],
    ['a drive', [file('C:/x')], 'ARCHIVE_PATH'],
    ['a UNC path', [file('\\\\host\\x')], 'ARCHIVE_PATH'],
    ['a name that is not UTF-8', [{ path: 'a', rawName: 'caf\xe9' }], 'ARCHIVE_PATH'],
    ['a NUL in a pax path', [{ path: 'x', type: 'x', content: paxPath('a\0b') }, file('a')], 'ARCHIVE_PATH'],
    ['a folder upwards', [directory('../x')], 'ARCHIVE_PATH'],
    ['an absolute link', [symlink('a', '/etc')], 'ARCHIVE_LINK_OUTSIDE'],
    ['a link outwards', [symlink('a/b', '../../x')], 'ARCHIVE_LINK_OUTSIDE'],
    ['a link outwards through another', [directory('d/e/f'), symlink('s', 'd/e/f'), symlink('t', 's/../../../..')], 'ARCHIVE_LINK_OUTSIDE'],
    [
      'a link outwards through one that comes later',
      [symlink('deep/t', 's/../../x'), directory('x'), symlink('deep/s', '.')],
      'ARCHIVE_LINK_OUTSIDE',
    ],
    ['a file through a link', [directory('d'), symlink('l', 'd'), file('l/x')], 'ARCHIVE_THROUGH_LINK'],
    ['a folder through a link', [directory('d'), symlink('l', 'd'), directory('l/x')], 'ARCHIVE_THROUGH_LINK'],
    ['a link through a link', [directory('d'), symlink('l', 'd'), symlink('l/x', 'y')], 'ARCHIVE_THROUGH_LINK'],
    ['a hard link to nothing', [hardLink('a', 'b')], 'ARCHIVE_HARD_LINK'],
    ['a hard link outside', [hardLink('a', '../archive')], 'ARCHIVE_PATH'],
    ['a hard link to an absolute path', [hardLink('a', '/etc/passwd')], 'ARCHIVE_PATH'],
    ['a hard link to a symlink', [file('f'), symlink('l', 'f'), hardLink('a', 'l')], 'ARCHIVE_HARD_LINK'],
    ['a hard link to itself', [file('f'), hardLink('f', 'f')], 'ARCHIVE_HARD_LINK'],
    ['a file that becomes a link', [file('a'), symlink('a', 'b')], 'ARCHIVE_DUPLICATE'],
    ['a link that becomes a file', [symlink('a', 'b'), file('a')], 'ARCHIVE_DUPLICATE'],
    ['a folder that becomes a link', [directory('a'), symlink('a', 'b')], 'ARCHIVE_DUPLICATE'],
    ['a file that becomes a folder', [file('a'), file('a/b')], 'ARCHIVE_DUPLICATE'],
    ['a folder that becomes a file', [file('a/b'), file('a')], 'ARCHIVE_DUPLICATE'],
    ['a named pipe', [{ path: 'p', type: '6' }], 'ARCHIVE_SPECIAL'],
    ['a character device', [{ path: 'p', type: '3' }], 'ARCHIVE_SPECIAL'],
    ['a block device', [{ path: 'p', type: '4' }], 'ARCHIVE_SPECIAL'],
    ['a GNU sparse file', [{ path: 'p', type: 'S' }], 'ARCHIVE_SPECIAL'],
    ['a pax sparse file', [{ path: 'x', type: 'x', content: '22 GNU.sparse.major=1\n' }, file('p')], 'ARCHIVE_SPECIAL'],
  ])('refuses %s', async (_, entries, code) => {
    expect(await refusal(craftTar([file('before'), ...entries]))).toBe(code);
  });
});

describe('what a zip must not do', () => {
  const SYMLINK = 0o120777;
  test.each<[string, Buffer, string]>([
    ['an absolute path', craftZip([{ path: '/x' }]), 'ARCHIVE_PATH'],
    ['a path upwards', craftZip([{ path: '../x' }]), 'ARCHIVE_PATH'],
    ['a path upwards with backslashes', craftZip([{ path: '..\\x' }]), 'ARCHIVE_PATH'],
    ['a link outwards', craftZip([{ path: 'l', unixMode: SYMLINK, content: '../x' }]), 'ARCHIVE_LINK_OUTSIDE'],
    ['a file through a link', craftZip([{ path: 'l', unixMode: SYMLINK, content: 'd' }, { path: 'l/x' }]), 'ARCHIVE_THROUGH_LINK'],
    ['a link as long as a bomb', craftZip([{ path: 'l', unixMode: SYMLINK, content: Buffer.alloc(70_000, 97) }]), 'ARCHIVE_DAMAGED'],
    ['a device', craftZip([{ path: 'd', unixMode: 0o020644 }]), 'ARCHIVE_SPECIAL'],
    ['a checksum that does not fit', craftZip([{ path: 'f', content: 'abc', crc32: 1 }]), 'ARCHIVE_DAMAGED'],
    [
      'a size that does not fit',
      craftZip([{ path: 'f', content: 'abc', spoil: (header, which) => which === 'central' && header.writeUInt32LE(2, 24) }]),
      'ARCHIVE_DAMAGED',
    ],
    [
      'encryption',
      craftZip([{ path: 'f', content: 'abc', spoil: (header, which) => header.writeUInt16LE(0x801, which === 'local' ? 6 : 8) }]),
      'ARCHIVE_UNSUPPORTED',
    ],
    [
      'another compression',
      craftZip([{ path: 'f', content: 'abc', spoil: (header, which) => header.writeUInt16LE(12, which === 'local' ? 8 : 10) }]),
      'ARCHIVE_UNSUPPORTED',
    ],
    ['a directory that is cut', craftZip([{ path: 'f', content: 'abc' }]).subarray(0, 60), 'ARCHIVE_DAMAGED'],
  ])('refuses %s', async (_, bytes, code) => {
    expect(await refusal(bytes)).toBe(code);
  });
});

describe('damage', () => {
  const noise = createHash('shake256', { outputLength: 40_000 }).update('noise').digest();
  const tar = craftTar([file('a', 'a'.repeat(700)), { path: 'b', content: noise }]);

  test.each<[string, Buffer, string]>([
    ['an empty file', Buffer.alloc(0), 'ARCHIVE_FORMAT'],
    ['text', Buffer.from('no archive at all'.repeat(100)), 'ARCHIVE_FORMAT'],
    ['a tar cut in a header', tar.subarray(0, 1536 + 100), 'ARCHIVE_DAMAGED'],
    ['a tar cut in a file', tar.subarray(0, 3000), 'ARCHIVE_DAMAGED'],
    ['a tar cut between two entries', craftTar([file('a')], { end: false }), 'ARCHIVE_DAMAGED'],
    [
      'a header with a wrong sum',
      Buffer.concat([craftTar([file('a')], { end: false }), Buffer.alloc(512, 7), Buffer.alloc(1024)]),
      'ARCHIVE_DAMAGED',
    ],
    ['a size below zero', craftTar([{ path: 'a', size: -1000 }]), 'ARCHIVE_DAMAGED'],
    ['a size that is no number', craftTar([{ path: 'a', rawSize: 'o0000000005\0' }]), 'ARCHIVE_DAMAGED'],
    ['a size in a binary form that is none', craftTar([{ path: 'a', rawSize: '\xb00000000005\0' }]), 'ARCHIVE_DAMAGED'],
    ['a header of an older format', craftTar([file('b'), { path: 'a', magic: '\0\0\0\0\0\0\0\0' }]), 'ARCHIVE_DAMAGED'],
    ['a link with content', craftTar([{ path: 'l', type: '2', linkTarget: 'x', content: 'x' }]), 'ARCHIVE_DAMAGED'],
    ['a header longer than any', craftTar([{ path: 'x', type: 'x', content: Buffer.alloc(1024 * 1024 + 1) }, file('a')]), 'ARCHIVE_DAMAGED'],
    ['a pax header for nothing', craftTar([file('a'), { path: 'x', type: 'x', content: paxPath('b') }]), 'ARCHIVE_DAMAGED'],
    ['a pax record without end', craftTar([{ path: 'x', type: 'x', content: '11 path=abc' }, file('a')]), 'ARCHIVE_DAMAGED'],
    ['a pax record longer than its header', craftTar([{ path: 'x', type: 'x', content: '99 path=abc\n' }, file('a')]), 'ARCHIVE_DAMAGED'],
    ['a pax record of length 0', craftTar([{ path: 'x', type: 'x', content: '0 path=abc\n' }, file('a')]), 'ARCHIVE_DAMAGED'],
    ['a pax size that is none', craftTar([{ path: 'x', type: 'x', content: '11 size=-1\n' }, file('a')]), 'ARCHIVE_DAMAGED'],
    ['a header that is missing', Buffer.concat([craftTar([file('a')], { end: false }), Buffer.alloc(512), craftTar([file('b')])]), 'ARCHIVE_DAMAGED'],
    ['a second tar behind the end of the first', Buffer.concat([craftTar([file('a')]), craftTar([file('b')])]), 'ARCHIVE_DAMAGED'],
    ['a gzip cut short', gzipSync(tar).subarray(0, 20_000), 'ARCHIVE_DAMAGED'],
    ['a gzip without its sum', gzipSync(tar).subarray(0, -8), 'ARCHIVE_DAMAGED'],
    ['a gzip with a flipped bit', flipped(gzipSync(tar, { level: 0 }), 30_000), 'ARCHIVE_DAMAGED'],
    ['a gzip of something else', gzipSync('text '.repeat(1000)), 'ARCHIVE_DAMAGED'],
  ])('refuses %s', async (_, bytes, code) => {
    expect(await refusal(bytes)).toBe(code);
  });

  it('refuses every cut of a tar.gz and of a zip', async () => {
    const zip = craftZip([
      { path: 'a', content: 'abc' },
      { path: 'b', content: noise, streamed: true },
    ]);
    for (const whole of [gzipSync(tar), zip]) {
      for (let length = 4; length < whole.length; length += 1777) {
        expect(['ARCHIVE_DAMAGED', 'ARCHIVE_FORMAT']).toContain(await refusal(whole.subarray(0, length)));
      }
    }
  });

  it('refuses a file that is not the expected one, whatever else is wrong with it', async () => {
    const right = gzipSync(craftTar([file('a')]));
    const wrong = { sha256: sha256(Buffer.from('another')) };
    expect(await refusal(right, wrong)).toBe('ARCHIVE_DIGEST');
    expect(await refusal(right.subarray(0, -10), { sha256: sha256(right) })).toBe('ARCHIVE_DIGEST');
    expect(await refusal(Buffer.concat([right, Buffer.from('more')]), { sha256: sha256(right) })).toBe('ARCHIVE_DIGEST');
    expect(await refusal(craftZip([{ path: 'a' }]), wrong)).toBe('ARCHIVE_DIGEST');
    await expect(unpack(right, { sha256: sha256(right).toUpperCase() })).resolves.toEqual({ files: 1, bytes: 1 });
  });

  it('tells what the packed file is when all of it was read, and of a zip file nothing', async () => {
    const tar = craftTar([file('a', 'a'.repeat(5_000)), file('b')]);
    const digestOf = async (bytes: Buffer, all = true): Promise<unknown> => {
      writeFileSync(archivePath(), bytes);
      let told: unknown;
      const tell = (digest: unknown): void => void (told = digest);
      for await (const entry of readArchiveEntries(archivePath(), { onDigest: tell })) {
        expect([entry.kind, told]).toEqual(['file', undefined]);
        if (!all) break;
      }
      return told;
    };
    for (const bytes of [tar, gzipSync(tar), Buffer.concat([tar, Buffer.alloc(20_480)])]) {
      expect(await digestOf(bytes)).toEqual({ sha256: sha256(bytes), size: bytes.length });
      expect(await digestOf(bytes, false)).toBeUndefined();
    }
    expect(await digestOf(craftZip([{ path: 'a' }]))).toBeUndefined();
    await expect(digestOf(gzipSync(tar).subarray(0, -9))).rejects.toMatchObject({ code: 'ARCHIVE_DAMAGED' });
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 4;
  return copy;
}

describe('limits', () => {
  const zeros = Buffer.alloc(RATIO_FLOOR_BYTES + 1024 * 1024);

  test.each<[string, Buffer, Partial<ExtractLimits>]>([
    ['entries', craftTar([file('a'), file('b'), file('c')]), { maxEntries: 2 }],
    ['the size of an entry', craftTar([file('a', 'abc')]), { maxEntryBytes: 2 }],
    ['the size of all', craftTar([file('a', 'abc'), file('b', 'abc')]), { maxTotalBytes: 5 }],
    ['the size of all, said and not there', craftTar([{ path: 'a', size: 9 * 1024 ** 3 - 1, content: 'abc' }]), {}],
    ['the ratio of a tar.gz', gzipSync(craftTar([{ path: 'a', content: zeros }])), {}],
    ['the ratio of a zip', craftZip([{ path: 'a', content: zeros }]), {}],
  ])('holds %s', async (_, bytes, limits) => {
    expect(await refusal(bytes, { limits })).toBe('ARCHIVE_LIMIT');
  });

  it('lets small archives pack as well as they can', async () => {
    const bytes = gzipSync(craftTar([{ path: 'a', content: Buffer.alloc(2 ** 20) }]), { level: constants.Z_BEST_COMPRESSION });
    await expect(unpack(bytes)).resolves.toEqual({ files: 1, bytes: 2 ** 20 });
  });

  it('holds the limits when it lists too', async () => {
    writeFileSync(archivePath(), gzipSync(craftTar([{ path: 'a', content: zeros }])));
    await expect(listArchive(archivePath())).rejects.toMatchObject({ code: 'ARCHIVE_LIMIT' });
  });
});

describe('the destination', () => {
  it('must be there', async () => {
    writeFileSync(archivePath(), craftTar([file('a')]));
    await expect(extractArchive({ archive: archivePath(), destination: join(folder.path, 'none') })).rejects.toMatchObject({
      code: 'ARCHIVE_DESTINATION',
    });
  });

  it('must be empty, and what it holds stays', async () => {
    mkdirSync(destination());
    writeFileSync(join(destination(), 'mine'), '');
    await expect(unpack(craftTar([file('a')]))).rejects.toMatchObject({ code: 'ARCHIVE_DESTINATION' });
    expect(readdirSync(destination())).toEqual(['mine']);
  });

  it('is told apart from the archive when it cannot be written', async () => {
    expect(await refusal(craftTar([file(`${'n'.repeat(60)}/x`), { path: 'x', type: 'x', content: paxPath('n'.repeat(300)) }, file('y')]))).toBe(
      'FILE_NAME',
    );
  });
});

describe('the archive', () => {
  it('must be a file that can be read', async () => {
    mkdirSync(destination());
    const extract = (archive: string): Promise<unknown> => extractArchive({ archive, destination: destination() });
    await expect(extract(join(folder.path, 'none'))).rejects.toMatchObject({ code: 'FILE_MISSING' });
    await expect(extract(folder.path)).rejects.toMatchObject({ code: 'FILE_KIND' });
  });
});

describe('what is kept', () => {
  it('keeps modes without setuid, setgid and sticky bits, whatever the umask', async () => {
    const entries = [0o755, 0o640, 0o4755, 0o2711, 0o1777, 0o000].map((mode) => ({ path: `f${mode.toString(8)}`, mode, content: 'x' }));
    const before = process.umask(0o077);
    try {
      await unpack(craftTar([...entries, { path: 'd', type: '5', mode: 0o2750 }, { path: 'd/locked', type: '5', mode: 0o500 }, file('d/locked/x')]));
    } finally {
      process.umask(before);
    }
    const modes = Object.fromEntries(readdirSync(destination()).map((name) => [name, lstatSync(join(destination(), name)).mode & 0o7777]));
    expect(modes).toEqual({ d: 0o750, f0: 0, f1777: 0o777, f2711: 0o711, f4755: 0o755, f640: 0o640, f755: 0o755 });
    expect(lstatSync(join(destination(), 'd/locked')).mode & 0o7777).toBe(0o700);
    chmodSync(join(destination(), 'f0'), 0o600);
  });

  it('keeps links that stay inside, dangling and circular ones too', async () => {
    const links = { 'lib/so': 'so.1', 'lib/up': '../bin', dangling: 'nothing', 'a/round': '../b/round', 'b/round': '../a/round', self: '.' };
    await unpack(craftTar([file('lib/so.1'), directory('bin'), ...Object.entries(links).map(([path, target]) => symlink(path, target))]));
    for (const [path, target] of Object.entries(links)) expect(readlinkSync(join(destination(), path))).toBe(target);
  });

  it('keeps hard links, empty files and folders, strange names', async () => {
    const entries = [
      file('a', 'one'),
      hardLink('b', './a'),
      file('empty', ''),
      directory('none/'),
      file('sp ace\n\ttab', 'x'),
      file('back\\slash', 'x'),
    ];
    await expect(unpack(craftTar(entries))).resolves.toEqual({ files: 5, bytes: 5 });
    expect(lstatSync(join(destination(), 'a')).ino).toBe(lstatSync(join(destination(), 'b')).ino);
    expect(readdirSync(destination()).sort()).toEqual(['a', 'b', 'back\\slash', 'empty', 'none', 'sp ace\n\ttab']);
  });

  it('reads numbers up to their end, as all programs do', async () => {
    await expect(unpack(craftTar([{ path: 'a', content: 'xyz', rawSize: '   3\0junk' }]))).resolves.toEqual({ files: 1, bytes: 3 });
  });

  it('takes the last of two equal things', async () => {
    await unpack(
      craftTar([file('a', 'old'), hardLink('b', 'a'), file('a', 'new'), directory('d'), directory('d'), symlink('l', 'a'), symlink('l', 'b')]),
    );
    expect(readFileSync(join(destination(), 'a'), 'utf8')).toBe('new');
    expect(readFileSync(join(destination(), 'b'), 'utf8')).toBe('old');
    expect(readlinkSync(join(destination(), 'l'))).toBe('b');
  });

  it('strips leading components, and what has no more of them', async () => {
    const entries = [directory('top'), file('top/a', 'x'), hardLink('top/b', 'top/a'), file('alone'), symlink('top/d/l', '../a')];
    await expect(unpack(craftTar(entries), { stripComponents: 1 })).resolves.toEqual({ files: 2, bytes: 1 });
    expect(readdirSync(destination()).sort()).toEqual(['a', 'b', 'd']);
  });

  it('counts a link that leads out only after stripping', async () => {
    expect(await refusal(craftTar([symlink('top/l', '../x')]), { stripComponents: 1 })).toBe('ARCHIVE_LINK_OUTSIDE');
  });

  it('gives zip entries without unix modes usual ones', async () => {
    const dos = (header: Buffer, which: string): void => void (which === 'central' && header.writeUInt16LE(20, 4) && header.writeUInt32LE(0, 38));
    await unpack(
      craftZip([
        { path: 'd/', spoil: dos },
        { path: 'd/f', content: 'x', spoil: dos },
      ]),
    );
    expect(lstatSync(join(destination(), 'd')).mode & 0o777).toBe(0o755);
    expect(lstatSync(join(destination(), 'd/f')).mode & 0o777).toBe(0o644);
  });

  it('unpacks an archive with nothing in it', async () => {
    for (const bytes of [craftTar([]), gzipSync(craftTar([])), craftZip([])]) {
      await expect(unpack(bytes)).resolves.toEqual({ files: 0, bytes: 0 });
    }
    expect(existsSync(destination())).toBe(true);
  });
});

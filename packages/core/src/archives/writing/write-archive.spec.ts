import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { skipUnless, temporaryFolder } from '../../testing';
import type { ArchiveEntry, ArchiveFormat, WriteArchiveRequest, WrittenArchive } from '../archive-entry';
import { extractArchive } from '../reading/extract-archive';
import { listArchive } from '../reading/list-archive';
import { fileEntry, noise, sampleEntries } from '../testing/sample-entries';
import { fileContent } from './file-content';
import { writeArchive } from './write-archive';
import { writeZstd } from './write-zstd';

const folder = temporaryFolder();
const MTIME_SECONDS = 1580601600;
const FORMATS: readonly ArchiveFormat[] = ['tar', 'tar.gz', 'tar.zst', 'zip'];

const has = (command: string): boolean => spawnSync(command, ['--version']).error === undefined;
const output = (): string => join(folder.path, 'archive');

function write(format: ArchiveFormat, request: Partial<WriteArchiveRequest> = {}): Promise<WrittenArchive> {
  return writeArchive({ format, entries: sampleEntries(), output: output(), mtimeSeconds: MTIME_SECONDS, ...request });
}

/** path → kind, mode and content or target, as it lies on disk. */
function treeOf(root: string, below = ''): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const name of readdirSync(join(root, below))) {
    const path = join(below, name);
    const info = lstatSync(join(root, path));
    const mode = (info.mode & 0o7777).toString(8);
    if (info.isSymbolicLink()) tree[path] = `-> ${readlinkSync(join(root, path))}`;
    else if (info.isDirectory()) Object.assign(tree, { [path]: mode }, treeOf(root, path));
    else
      tree[path] = `${mode} ${createHash('sha256')
        .update(readFileSync(join(root, path)))
        .digest('hex')}`;
  }
  return tree;
}

/** What must lie on disk when the sample is unpacked; folders that have no entry of their own get usual modes. */
async function expectedTree(): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  for (const entry of sampleEntries()) {
    const parents = entry.path.split('/').slice(0, -1);
    parents.forEach((_, index) => (tree[parents.slice(0, index + 1).join('/')] ??= '755'));
    if (entry.kind === 'symlink') tree[entry.path] = `-> ${entry.linkTarget}`;
    else if (entry.kind === 'directory') tree[entry.path] = entry.mode.toString(8);
    else {
      const hash = createHash('sha256');
      for await (const chunk of entry.open()) hash.update(chunk);
      tree[entry.path] = `${entry.mode.toString(8)} ${hash.digest('hex')}`;
    }
  }
  return tree;
}

const PYTHON_ZIP = [
  'import os, stat, sys, zipfile',
  'archive = zipfile.ZipFile(sys.argv[1])',
  'assert archive.testzip() is None',
  'for info in archive.infolist():',
  '    mode = info.external_attr >> 16',
  '    path = os.path.join(sys.argv[2], info.filename)',
  '    if stat.S_ISLNK(mode):',
  '        os.makedirs(os.path.dirname(path), exist_ok=True)',
  '        os.symlink(archive.read(info), os.fsencode(path))',
  '    else:',
  '        archive.extract(info, sys.argv[2])',
  '        os.chmod(path, mode & 0o7777)',
].join('\n');
const PYTHON_TAR = 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])';

interface ForeignTool {
  tool: string;
  formats: readonly ArchiveFormat[];
  needs: readonly string[];
  command: (archive: string, into: string) => [string, ...string[]];
  /** It leaves control characters of names away. */
  tidiesNames?: boolean;
}

const FOREIGN_TOOLS: readonly ForeignTool[] = [
  { tool: 'GNU tar', formats: ['tar', 'tar.gz'], needs: ['tar'], command: (archive, into) => ['tar', '-xpf', archive, '-C', into] },
  {
    tool: 'GNU tar with zstd',
    formats: ['tar.zst'],
    needs: ['tar', 'zstd'],
    command: (archive, into) => ['tar', '-I', 'zstd', '-xpf', archive, '-C', into],
  },
  { tool: 'bsdtar', formats: FORMATS, needs: ['bsdtar'], command: (archive, into) => ['bsdtar', '-xpf', archive, '-C', into] },
  {
    tool: 'Python’s tarfile',
    formats: ['tar', 'tar.gz'],
    needs: ['python3'],
    command: (archive, into) => ['python3', '-c', PYTHON_TAR, archive, into],
  },
  { tool: 'Python’s zipfile', formats: ['zip'], needs: ['python3'], command: (archive, into) => ['python3', '-c', PYTHON_ZIP, archive, into] },
  { tool: 'unzip', formats: ['zip'], needs: ['unzip'], command: (archive, into) => ['unzip', '-q', archive, '-d', into], tidiesNames: true },
];

describe('round trips', () => {
  it.each(FORMATS)('%s: what goes in comes out', async (format) => {
    const written = await write(format);
    const into = join(folder.path, 'out');
    mkdirSync(into);
    const { files } = await extractArchive({ archive: output(), destination: into, sha256: written.sha256 });
    expect(files).toBe(sampleEntries().filter((entry) => entry.kind === 'file').length);
    expect(treeOf(into)).toEqual(await expectedTree());
    expect(written.size).toBe(lstatSync(output()).size);
  });

  it.each(FORMATS)('%s: the list has every entry in the given order', async (format) => {
    await write(format);
    const listed = await listArchive(output());
    const expected = sampleEntries().map((entry) => ({
      path: entry.kind === 'directory' ? `${entry.path}/` : entry.path,
      kind: entry.kind,
      mode: entry.kind === 'symlink' ? 0o777 : entry.mode,
      size: entry.kind === 'file' ? entry.size : 0,
      mtimeSeconds: MTIME_SECONDS,
      ...(format === 'zip' ? {} : { owner: { uid: 0, gid: 0, user: '', group: '' } }),
      ...(entry.kind === 'symlink' ? { linkTarget: entry.linkTarget } : {}),
    }));
    expect(listed).toEqual(expected);
  });

  for (const { tool, formats, needs, command, tidiesNames } of FOREIGN_TOOLS) {
    const missing = needs.filter((need) => !has(need));
    const test = skipUnless(missing.length === 0, `${missing.join(' and ')} is not installed`);
    for (const format of formats) {
      test(`${tool} unpacks ${format} to the same tree`, async () => {
        await write(format);
        const into = join(folder.path, 'out');
        mkdirSync(into);
        const [program, ...args] = command(output(), into);
        execFileSync(program, args, { env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' }, umask: 0o022 } as object);
        const expected = Object.entries(await expectedTree());
        expect(treeOf(into)).toEqual(Object.fromEntries(expected.map(([path, is]) => [tidiesNames ? path.replace(/[\t\n]/g, '') : path, is])));
      });
    }
  }

  skipUnless(has('tar') && has('zstd'), 'tar or zstd is not installed')(
    'reads what GNU tar writes, in its own format, with hard links and --long windows',
    async () => {
      const from = join(folder.path, 'from');
      mkdirSync(join(from, 'd'.repeat(120)), { recursive: true });
      writeFileSync(join(from, 'a'), noise(3_000_000));
      writeFileSync(join(from, 'd'.repeat(120), 'é'.repeat(60)), 'x');
      execFileSync('ln', [join(from, 'a'), join(from, 'b')]);
      execFileSync('ln', ['-s', `${'d'.repeat(120)}/${'é'.repeat(60)}`, join(from, 'l')]);
      for (const form of ['gnu', 'pax', 'ustar'].slice(0, 2)) {
        for (const packer of ['gzip', 'zstd -19 --long=27', 'zstd -1 -T2']) {
          const into = join(folder.path, `out-${form}-${packer}`);
          mkdirSync(into);
          execFileSync('tar', [`--format=${form}`, '-I', packer, '-cf', output(), '-C', from, '.']);
          await extractArchive({ archive: output(), destination: into });
          expect(treeOf(into)).toEqual(treeOf(from));
        }
      }
    },
  );
});

describe('the same bytes', () => {
  /** A change here changes the bytes of every release: then `archiveWriterVersion` must change too. */
  it.each([
    ['tar', '32a8280b6bf281c0'],
    ['tar.gz', '1741f0dd3f22fb37'],
    ['tar.zst', 'b700a8b16c73fefd'],
    ['zip', '62ffad0654f358e0'],
  ] as const)('%s: of the sample, everywhere and always', async (format, sha256) => {
    expect((await write(format)).sha256.slice(0, 16)).toBe(sha256);
  });

  it.each(FORMATS)('%s: whatever the umask, the time zone and how the content arrives', async (format) => {
    const before = await write(format);
    const umask = process.umask(0o077);
    const zone = process.env['TZ'];
    process.env['TZ'] = 'Pacific/Kiritimati';
    try {
      const rechunked = sampleEntries().map((entry) => (entry.kind === 'file' ? { ...entry, open: () => whole(entry) } : entry));
      expect(await write(format, { entries: rechunked })).toEqual(before);
    } finally {
      process.umask(umask);
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });

  it('tar and zip say the given time, zip none before 1980', async () => {
    const seconds = async (format: ArchiveFormat, mtimeSeconds: number): Promise<string> => {
      const { sha256 } = await write(format, { mtimeSeconds, entries: [fileEntry('a', 'x')] });
      return sha256;
    };
    expect(await seconds('zip', 0)).toBe(await seconds('zip', Date.UTC(1980, 0, 1) / 1000));
    expect(await seconds('zip', MTIME_SECONDS)).not.toBe(await seconds('zip', 0));
    expect(await seconds('tar', MTIME_SECONDS)).not.toBe(await seconds('tar', 0));
  });
});

async function* whole(entry: Extract<ArchiveEntry, { kind: 'file' }>): AsyncGenerator<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry.open()) chunks.push(chunk);
  yield Buffer.concat(chunks);
}

describe('what it refuses', () => {
  const sized = (size: number, content: string): ArchiveEntry => ({ ...(fileEntry('f', content) as Extract<ArchiveEntry, { kind: 'file' }>), size });
  const failing: ArchiveEntry = { kind: 'file', path: 'f', mode: 0o644, size: 1, open: () => fileContent('/nowhere/at/all') };
  const throwing: ArchiveEntry = {
    ...failing,
    open: () => {
      throw new Error('no');
    },
  };
  const named = (path: string): ArchiveEntry => fileEntry(path, '');

  const CASES: readonly [string, readonly ArchiveEntry[], string][] = [
    ['content that is too short', [sized(3, 'ab')], 'ARCHIVE_ENTRY_SIZE'],
    ['content that is too long', [sized(1, 'ab')], 'ARCHIVE_ENTRY_SIZE'],
    ['content that should not be', [sized(0, 'a')], 'ARCHIVE_ENTRY_SIZE'],
    ['a file that is not there', [failing], 'ARCHIVE_ENTRY_READ'],
    ['a file that does not open', [throwing], 'ARCHIVE_ENTRY_READ'],
    ['no name', [named('')], 'ARCHIVE_ENTRY_NAME'],
    ['an absolute name', [named('/a')], 'ARCHIVE_ENTRY_NAME'],
    ['a name with a drive', [named('c:/a')], 'ARCHIVE_ENTRY_NAME'],
    ['a name upwards', [named('a/../b')], 'ARCHIVE_ENTRY_NAME'],
    ['a name with empty parts', [named('a//b')], 'ARCHIVE_ENTRY_NAME'],
    ['a name with a slash at its end', [named('a/')], 'ARCHIVE_ENTRY_NAME'],
    ['a name with a NUL', [named('a\0b')], 'ARCHIVE_ENTRY_NAME'],
    ['a name with a backslash', [named('a\\b')], 'ARCHIVE_ENTRY_NAME'],
    ['a name that is no text', [named('a\ud800')], 'ARCHIVE_ENTRY_NAME'],
    ['a link to nothing', [{ kind: 'symlink', path: 'l', linkTarget: '' }], 'ARCHIVE_ENTRY_NAME'],
    ['a name that comes twice', [named('a'), { kind: 'symlink', path: 'a', linkTarget: 'b' }], 'ARCHIVE_ENTRY_NAME'],
  ];

  describe.each(FORMATS)('%s', (format) => {
    it.each(CASES)('%s, and leaves nothing', async (_, entries, code) => {
      const error = await write(format, { entries: [fileEntry('before', noise(300_000)), ...entries, fileEntry('after', 'x')] }).catch(
        (reason: unknown) => reason,
      );
      expect(error).toMatchObject({ code });
      expect(readdirSync(folder.path)).toEqual([]);
    });
  });

  it('a place that cannot be written', async () => {
    await expect(write('tar', { output: join(folder.path, 'none', 'archive') })).rejects.toMatchObject({ code: 'FILE_MISSING' });
  });

  skipUnless(lstatSync('/dev/full', { throwIfNoEntry: false }) !== undefined, 'there is no /dev/full')('a full disk', async () => {
    symlinkSync('/dev/full', output());
    await expect(write('tar')).rejects.toMatchObject({ code: 'FILE_DISK_FULL' });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('zstd where its writer does not load', async () => {
    const frames = writeZstd((async function* () {})(), 3, () => Promise.reject(new Error('no such module')));
    await expect(frames.next()).rejects.toMatchObject({ code: 'ARCHIVE_ZSTD_UNAVAILABLE' });
  });
});

import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { crc32 } from 'node:zlib';
import { temporaryFolder } from '../../testing';
import type { ArchiveEntry, ArchiveFormat } from '../archive-entry';
import { listArchive } from '../reading/list-archive';
import { readArchiveEntries } from '../reading/read-archive-entries';
import { fileEntry } from '../testing/sample-entries';
import { renderTarHeader } from '../tar/tar-header';
import { writeArchive } from './write-archive';
import { renderCentralHeader, renderDescriptor, renderEnd, renderLocalHeader, zipTime, type ZipRecord } from '../zip/zip-records';

const folder = temporaryFolder();
const output = (): string => join(folder.path, 'archive');
const MIB = 1024 * 1024;
const FULL = process.env['WAYBILL_TEST_FULL'] === '1';

/** In the long run: beyond what ustar (8 GiB) and 32-bit zip records (4 GiB) can say. */
const SIZE = FULL ? 9 * 1024 * MIB : 600 * MIB;
const NO_LIMITS = { maxTotalBytes: Infinity, maxEntryBytes: Infinity, maxRatio: Infinity };
/** What a whole executor may grow to is 300 MB; Jest alone takes up to 200, so that growth of what is held is measured. */
const MOST_GROWTH_BYTES = 150 * MIB;

/** Bytes from one look at the memory to the next: a look collects garbage, which takes up to a second beside other tests. */
const SAMPLED_BYTES = SIZE / 6;

/** A file of zeros that costs nothing to read; calls back as it is read. */
function zeros(path: string, size: number, onRead: (bytes: number) => void): ArchiveEntry {
  const chunk = Buffer.alloc(MIB);
  const open = async function* (): AsyncGenerator<Uint8Array> {
    for (let left = size; left > 0; left -= chunk.length) {
      yield chunk.subarray(0, Math.min(left, chunk.length));
      onRead(chunk.length);
    }
  };
  return { kind: 'file', path, mode: 0o644, size, open };
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Of what cannot be collected: how much garbage waits beside it depends on how busy the machine is. */
function growth(): { sample: (bytes: number) => void; bytes: () => number } {
  const held = (): number => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = held();
  let [peak, passed] = [before, 0];
  const sample = (bytes: number): void => {
    passed += bytes;
    if (passed < SAMPLED_BYTES) return;
    passed = 0;
    peak = Math.max(peak, held());
  };
  return { sample, bytes: () => peak - before };
}

const PYTHON_SIZES = [
  'import sys, tarfile, zipfile',
  'path = sys.argv[1]',
  'if zipfile.is_zipfile(path): print(*[info.file_size for info in zipfile.ZipFile(path).infolist()])',
  'else: print(*[info.size for info in tarfile.open(path)])',
].join('\n');
const sizesByPython = (): number[] => execFileSync('python3', ['-c', PYTHON_SIZES, output()], { encoding: 'utf8' }).trim().split(' ').map(Number);

describe('a large file', () => {
  const formats: readonly [ArchiveFormat, number][] = [
    ['tar.gz', 1],
    ['tar.zst', 1],
    ['zip', 1],
  ];
  it.each(formats)(
    '%s: takes and gives back any size in bounded memory',
    async (format, level) => {
      const { sample, bytes } = growth();
      const entries = [zeros('big', SIZE, sample), fileEntry('after', 'x')];
      await writeArchive({ format, entries, output: output(), mtimeSeconds: 0, level });
      const read: [string, number][] = [];
      for await (const entry of readArchiveEntries(output(), { limits: NO_LIMITS })) {
        let size = 0;
        for await (const chunk of entry.content()) {
          size += chunk.length;
          sample(chunk.length);
        }
        read.push([entry.path, size]);
      }
      expect(read).toEqual([
        ['big', SIZE],
        ['after', 1],
      ]);
      expect(bytes()).toBeLessThan(MOST_GROWTH_BYTES);
    },
    FULL ? 900_000 : 240_000,
  );
});

describe('many entries', () => {
  it('zip: more than 65,535', async () => {
    const count = 66_000;
    const entries = Array.from({ length: count }, (_, n) => fileEntry(`f/${n}`, n % 1000 === 0 ? 'x' : ''));
    await writeArchive({ format: 'zip', entries, output: output(), mtimeSeconds: 0 });
    const listed = await listArchive(output());
    expect(listed.length).toBe(count);
    expect(listed.at(-1)?.path).toBe(`f/${count - 1}`);
    expect(sizesByPython().reduce((sum, size) => sum + size, 0)).toBe(66);
  });
});

/** The content is a hole in the file: nothing is written, and readers of headers jump over it. */
function withHole(before: Buffer, hole: number, after: readonly Buffer[]): void {
  const file = openSync(output(), 'w');
  writeSync(file, before);
  writeSync(file, Buffer.concat(after), 0, undefined, before.length + hole);
  closeSync(file);
}

describe('sizes that the old fields cannot hold', () => {
  const MANY_GIB = 9 * 1024 ** 3;

  it.each([8 * 1024 ** 3 - 512, 8 * 1024 ** 3, MANY_GIB])('tar: %d bytes, read by Python', (size) => {
    const header = (path: string, bytes: number): Buffer => renderTarHeader({ path, type: 'file', mode: 0o644, size: bytes, mtimeSeconds: 0 });
    withHole(header('big', size), size, [header('after', 1), Buffer.alloc(512, 'x'), Buffer.alloc(1024)]);
    expect(sizesByPython()).toEqual([size, 1]);
  });

  it.each([false, true])('zip: sizes and offsets (sizes behind the content: %s), read by Python and by us', async (streamed) => {
    const at = zipTime(0);
    const common = { unixMode: 0o100644, method: 0 as const, crc32: 0 };
    const big: ZipRecord = { ...common, path: 'big', streamed, packedSize: MANY_GIB, size: MANY_GIB, offset: 0 };
    const local = [renderLocalHeader(big, at)];
    const behind = streamed ? [renderDescriptor(big)] : [];
    const after: ZipRecord = {
      ...common,
      path: 'after',
      streamed: false,
      packedSize: 1,
      size: 1,
      offset: local[0]!.length + MANY_GIB + (behind[0]?.length ?? 0),
    };
    const own = Buffer.concat([renderLocalHeader({ ...after, crc32: crc32('x') }, at), Buffer.from('x')]);
    const central = Buffer.concat([renderCentralHeader(big, at), renderCentralHeader({ ...after, crc32: crc32('x') }, at)]);
    const end = renderEnd({ entries: 2, size: central.length, offset: after.offset + own.length });
    withHole(local[0]!, MANY_GIB, [...behind, own, central, end]);
    expect(sizesByPython()).toEqual([MANY_GIB, 1]);
    const read: unknown[] = [];
    for await (const entry of readArchiveEntries(output(), { limits: NO_LIMITS })) {
      read.push(entry.size);
      if (entry.path === 'after') for await (const chunk of entry.content()) read.push(Buffer.from(chunk).toString());
    }
    expect(read).toEqual([MANY_GIB, 1, 'x']);
  });
});

import { createHash } from 'node:crypto';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { withFileErrors } from '../../files/file-error';
import type { ArchiveEntry, ArchiveFormat, WriteArchiveRequest, WrittenArchive } from '../archive-entry';
import { checkedEntries } from './checked-entries';
import { DEFAULT_DEFLATE_LEVEL } from './deflate-block';
import { writeGzip } from './write-gzip';
import { writeTar } from '../tar/write-tar';
import { writeZip } from '../zip/write-zip';
import { DEFAULT_ZSTD_LEVEL, writeZstd } from './write-zstd';

type Encode = (entries: AsyncIterable<ArchiveEntry>, mtimeSeconds: number, level?: number) => AsyncIterable<Uint8Array>;

const ENCODERS: Readonly<Record<ArchiveFormat, Encode>> = {
  tar: (entries, mtime) => writeTar(entries, mtime),
  'tar.gz': (entries, mtime, level = DEFAULT_DEFLATE_LEVEL) => writeGzip(writeTar(entries, mtime), level),
  'tar.zst': (entries, mtime, level = DEFAULT_ZSTD_LEVEL) => writeZstd(writeTar(entries, mtime), level),
  zip: (entries, mtime, level = DEFAULT_DEFLATE_LEVEL) => writeZip(entries, mtime, level),
};

const WRITE_BYTES = 256 * 1024;

/**
 * Writes an archive whose bytes depend on the request alone: not on the clock, the machine, its cores, the user, the time zone or the Node that runs.
 * Memory is bounded whatever goes in. On any error (`ARCHIVE_ENTRY_…`, `FILE_…`, `ARCHIVE_ZSTD_UNAVAILABLE`) no file is left at `output`.
 */
export async function writeArchive(request: WriteArchiveRequest): Promise<WrittenArchive> {
  const { format, entries, output, mtimeSeconds, level } = request;
  const file = await withFileErrors('write', output, () => openSync(output, 'w', 0o644));
  try {
    const bytes = ENCODERS[format](checkedEntries(entries), mtimeSeconds, level);
    return await withOpenFile(file, () => writeHashed(file, output, bytes));
  } catch (error) {
    rmSync(output, { force: true });
    throw error;
  }
}

async function withOpenFile<T>(file: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    closeSync(file);
  }
}

/** Writes are synchronous so that they need no thread: all of them have work. */
async function writeHashed(file: number, output: string, bytes: AsyncIterable<Uint8Array>): Promise<WrittenArchive> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafeSlow(WRITE_BYTES);
  let filled = 0;
  let size = 0;
  const flush = async (): Promise<void> => {
    const full = buffer.subarray(0, filled);
    hash.update(full);
    await withFileErrors('write', output, () => writeWhole(file, full));
    size += filled;
    filled = 0;
  };
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length;) {
      const count = Math.min(WRITE_BYTES - filled, chunk.length - at);
      buffer.set(chunk.subarray(at, at + count), filled);
      filled += count;
      at += count;
      if (filled === WRITE_BYTES) await flush();
    }
  }
  await flush();
  return { size, sha256: hash.digest('hex') };
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}

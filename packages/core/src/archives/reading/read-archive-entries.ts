import { archiveErrors } from '../../errors/archive-errors';
import { WaybillError } from '../../errors/waybill-error';
import { toFileError } from '../../files/file-error';
import type { ContentDigest } from '../../hashing/content-digest';
import type { ExtractLimits } from '../archive-entry';
import { PackedFile } from './packed-file';
import type { ReadEntry } from './read-entry';
import { DEFAULT_EXTRACT_LIMITS, ReadMeter } from './read-meter';
import { readTar } from '../tar/read-tar';
import { readZip } from '../zip/read-zip';
import { unpackGzip, unpackNothing, unpackZstd, type Unpack } from './unpack-stream';

export interface ReadArchiveOptions {
  limits?: Partial<ExtractLimits>;
  /** Lower-case hex; checked when the last entry has been read, for zip files before the first (`ARCHIVE_DIGEST`). */
  sha256?: string;
  /** Is told what the packed file is when its last entry has been read, so that nobody has to read it again. Not of a zip file, in which readers jump. */
  onDigest?: (packed: ContentDigest) => void;
  /** What errors call the archive; its path by default. */
  shown?: string;
}

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const ZIP_MAGICS = [Buffer.from('PK\x03\x04'), Buffer.from('PK\x05\x06')];
const TAR_MAGIC = Buffer.from('ustar');
const TAR_MAGIC_AT = 257;
const TAR_HEADER_BYTES = 512;

/**
 * The entries of an archive (tar, tar.gz, tar.zst, zip; by content, not by name) in its order, in bounded memory. Paths are not checked:
 * `extractArchive` does that. An iteration that is left early checks no digest.
 * Throws `FILE_…`, `ARCHIVE_FORMAT`, `ARCHIVE_DAMAGED`, `ARCHIVE_UNSUPPORTED`, `ARCHIVE_LIMIT`, `ARCHIVE_DIGEST`.
 */
export async function* readArchiveEntries(archive: string, options: ReadArchiveOptions = {}): AsyncGenerator<ReadEntry> {
  const file = await PackedFile.open(archive);
  const { shown = archive } = options;
  try {
    const meter = new ReadMeter(shown, file.size, { ...DEFAULT_EXTRACT_LIMITS, ...options.limits });
    const unpack = unpackerOf(await file.head(TAR_HEADER_BYTES), shown);
    if (unpack === 'zip') await checkDigest(file, shown, options.sha256);
    yield* guarded(shown, unpack === 'zip' ? zipEntries(file, meter) : tarEntries(file, unpack, meter), (entry) => ({
      ...entry,
      content: () => guarded(shown, entry.content(), (chunk) => chunk),
    }));
    if (unpack === 'zip') return;
    await checkDigest(file, shown, options.sha256);
    options.onDigest?.(await file.digest());
  } finally {
    await file.close();
  }
}

function unpackerOf(head: Buffer, archive: string): Unpack | 'zip' {
  const startsWith = (magic: Buffer): boolean => head.subarray(0, magic.length).equals(magic);
  if (ZIP_MAGICS.some(startsWith)) return 'zip';
  if (startsWith(GZIP_MAGIC)) return unpackGzip;
  if (startsWith(ZSTD_MAGIC)) return unpackZstd;
  const isEmptyTar = head.length === TAR_HEADER_BYTES && head.every((byte) => byte === 0);
  if (isEmptyTar || head.subarray(TAR_MAGIC_AT, TAR_MAGIC_AT + TAR_MAGIC.length).equals(TAR_MAGIC)) return unpackNothing;
  throw archiveErrors.error('ARCHIVE_FORMAT', { archive });
}

async function* tarEntries(file: PackedFile, unpack: Unpack, meter: ReadMeter): AsyncGenerator<ReadEntry> {
  for await (const entry of readTar(metered(unpack(file.chunks()), meter))) {
    meter.entry(entry.path, entry.size);
    yield entry;
  }
}

async function* zipEntries(file: PackedFile, meter: ReadMeter): AsyncGenerator<ReadEntry> {
  for await (const entry of readZip(file.path, file.descriptor)) {
    meter.entry(entry.path, entry.size);
    yield { ...entry, content: () => metered(entry.content(), meter) };
  }
}

async function* metered(bytes: AsyncIterable<Uint8Array>, meter: ReadMeter): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    meter.unpacked(chunk.length);
    yield chunk;
  }
}

/** Whatever the reading libraries complain of is damage; our own errors pass. */
async function* guarded<T, R>(archive: string, source: AsyncIterable<T>, hand: (item: T) => R): AsyncGenerator<R> {
  try {
    for await (const item of source) yield hand(item);
  } catch (cause) {
    const coded = toFileError(cause, 'read', archive);
    if (coded instanceof WaybillError) throw coded;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw archiveErrors.error('ARCHIVE_DAMAGED', { archive, reason }, { cause });
  }
}

async function checkDigest(file: PackedFile, archive: string, expected: string | undefined): Promise<void> {
  if (expected === undefined) return;
  const { sha256: actual } = await file.digest();
  if (actual !== expected.toLowerCase()) throw archiveErrors.error('ARCHIVE_DIGEST', { archive, expected, actual });
}

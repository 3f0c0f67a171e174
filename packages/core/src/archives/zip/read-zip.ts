import { readSync } from 'node:fs';
import { crc32, inflateRawSync } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import { archiveErrors } from '../../errors/archive-errors';
import type { ReadEntry, ReadEntryKind } from '../reading/read-entry';
import { zipSeconds } from './zip-time';

const KIND_MASK = 0o170000;
const KINDS: Readonly<Record<number, ReadEntryKind>> = {
  0: 'file',
  0o100000: 'file',
  0o040000: 'directory',
  0o120000: 'symlink',
};
const UNIX_HOSTS = new Set([3, 19]);
const METHODS = new Set([0, 8]);
const LONGEST_TARGET_BYTES = 64 * 1024;
/** Up to here an entry is read in one piece: five streams for each of thousands of small files take most of the time. */
const WHOLE_BYTES = 256 * 1024;

/** The entries of a zip file in the order of its directory. Throws plain errors when it is damaged; sizes and sums are checked. */
export async function* readZip(archive: string, descriptor: number): AsyncGenerator<ReadEntry> {
  const { fromFdPromise, getFileNameLowLevel } = await import('yauzl');
  const zip = await fromFdPromise(descriptor, { autoClose: false, decodeStrings: false });
  for await (const entry of zip.eachEntry()) {
    const path = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true);
    yield await toReadEntry(path, entry, () => entryContent({ archive, path, zip, entry, descriptor }));
  }
}

async function toReadEntry(path: string, entry: Entry, content: () => AsyncIterable<Uint8Array>): Promise<ReadEntry> {
  const unixMode = UNIX_HOSTS.has(entry.versionMadeBy >> 8) ? entry.externalFileAttributes >>> 16 : 0;
  const kind = path.endsWith('/') ? 'directory' : (KINDS[unixMode & KIND_MASK] ?? 'special');
  const mode = unixMode & 0o7777 || (kind === 'directory' ? 0o755 : 0o644);
  const size = kind === 'file' ? entry.uncompressedSize : 0;
  const base = { path, kind, mode, size, mtimeSeconds: zipSeconds({ date: entry.lastModFileDate, time: entry.lastModFileTime }), content };
  if (kind === 'special') return { ...base, special: 'device, pipe or socket' };
  if (kind !== 'symlink') return base;
  if (entry.uncompressedSize > LONGEST_TARGET_BYTES) throw new Error(`the target of the link \`${path}\` is longer than any path`);
  return { ...base, linkTarget: await textOf(content()) };
}

interface OpenEntry {
  archive: string;
  path: string;
  zip: ZipFile;
  entry: Entry;
  descriptor: number;
}

async function* entryContent(open: OpenEntry): AsyncGenerator<Uint8Array> {
  const { archive, path, zip, entry } = open;
  const feature = featureOf(entry);
  if (feature !== undefined) throw archiveErrors.error('ARCHIVE_UNSUPPORTED', { archive, path, feature });
  const small = Math.max(entry.compressedSize, entry.uncompressedSize) <= WHOLE_BYTES;
  const chunks = small ? [await wholeContent(open)] : ((await zip.openReadStreamPromise(entry)) as AsyncIterable<Uint8Array>);
  let sum = 0;
  for await (const chunk of chunks) {
    sum = crc32(chunk, sum);
    yield chunk;
  }
  if (sum !== entry.crc32) throw new Error(`the checksum of \`${path}\` does not fit its content`);
}

async function wholeContent({ path, zip, entry, descriptor }: OpenEntry): Promise<Buffer> {
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  const packed = Buffer.alloc(entry.compressedSize);
  for (let at = 0; at < packed.length;) {
    const count = readSync(descriptor, packed, at, packed.length - at, fileDataStart + at);
    if (count === 0) throw new Error(`it ends within \`${path}\``);
    at += count;
  }
  const content = entry.compressionMethod === 0 ? packed : inflateRawSync(packed, { maxOutputLength: entry.uncompressedSize + 1 });
  if (content.length !== entry.uncompressedSize) throw new Error(`the size of \`${path}\` does not fit its content`);
  return content;
}

function featureOf(entry: Entry): string | undefined {
  if (entry.isEncrypted()) return 'encryption';
  return METHODS.has(entry.compressionMethod) ? undefined : `compression method ${entry.compressionMethod}`;
}

async function textOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of content) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

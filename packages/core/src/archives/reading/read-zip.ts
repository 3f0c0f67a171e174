import { crc32 } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import { archiveErrors } from '../../errors/archive-errors';
import type { ReadEntry, ReadEntryKind } from './read-entry';

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

/** The entries of a zip file in the order of its directory. Throws plain errors when it is damaged; sizes and sums are checked. */
export async function* readZip(archive: string, descriptor: number): AsyncGenerator<ReadEntry> {
  const { fromFdPromise, getFileNameLowLevel } = await import('yauzl');
  const zip = await fromFdPromise(descriptor, { autoClose: false, decodeStrings: false });
  for await (const entry of zip.eachEntry()) {
    const path = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true);
    yield await toReadEntry(archive, path, zip, entry);
  }
}

async function toReadEntry(archive: string, path: string, zip: ZipFile, entry: Entry): Promise<ReadEntry> {
  const unixMode = UNIX_HOSTS.has(entry.versionMadeBy >> 8) ? entry.externalFileAttributes >>> 16 : 0;
  const kind = path.endsWith('/') ? 'directory' : (KINDS[unixMode & KIND_MASK] ?? 'special');
  const content = (): AsyncIterable<Uint8Array> => entryContent(archive, path, zip, entry);
  const mode = unixMode & 0o7777 || (kind === 'directory' ? 0o755 : 0o644);
  const base = { path, kind, mode, size: kind === 'file' ? entry.uncompressedSize : 0, content };
  if (kind === 'special') return { ...base, special: 'device, pipe or socket' };
  if (kind !== 'symlink') return base;
  if (entry.uncompressedSize > LONGEST_TARGET_BYTES) throw new Error(`the target of the link \`${path}\` is longer than any path`);
  return { ...base, linkTarget: await textOf(content()) };
}

async function* entryContent(archive: string, path: string, zip: ZipFile, entry: Entry): AsyncGenerator<Uint8Array> {
  const feature = featureOf(entry);
  if (feature !== undefined) throw archiveErrors.error('ARCHIVE_UNSUPPORTED', { archive, path, feature });
  let sum = 0;
  for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Uint8Array>) {
    sum = crc32(chunk, sum);
    yield chunk;
  }
  if (sum !== entry.crc32) throw new Error(`the checksum of \`${path}\` does not fit its content`);
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

import { createHash, hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { readElf, type ByteSource } from '@waybill/binary';
import { coreErrors, type TreeItem } from '@waybill/core';
import type { BundleEntry, LeakHit } from '@waybill/relocation';
import { readPyc } from './read-pyc';
import { LeakStream, type LeakScanner } from './scan-leaks';
import { scanGzip, scanTar, scanZip } from './scan-members';
import { sourceHash } from './source-hash';
import { HEAD_BYTES, holdsPrivateKey, isTar, readShebang, sealedFormat, sniffContent, type Content } from './sniff-content';

/** Files up to this size are read at once; larger ones in windows of this size. One such buffer serves a whole tree. */
export const WINDOW_BYTES = 8 * 1024 ** 2;
const MOST_SCRIPT_BYTES = 256 * 1024;
/** RECORD of the largest wheels and the manifest of the largest bundles have some ten MiB; a policy that gets no text of a file says so. */
const MOST_TEXT_BYTES = 64 * 1024 ** 2;

/** Files whose text policies read, by name. */
const TEXT_NAMES =
  /(^|\/)(RECORD|METADATA|WHEEL|INSTALLER|entry_points\.txt|Makefile|pyvenv\.cfg|direct_url\.json|build-details\.json|patchlevel\.h|launcher\.conf|manifest\.json|pip\.(?:conf|ini)|\.npmrc|_sysconfigdata[^/]*\.py|__editable__[^/]*)$|\.(pth|egg-link|pc|_pth)$/;

/** A file of the tree and the buffer that it is read into. */
export interface FileReading {
  file: string;
  item: TreeItem;
  buffer: Buffer;
  scanner: LeakScanner;
  /** Of the hash-based byte code that was made from this file, which is hashed as that says. */
  sourceMagic?: number;
}

function openFile(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') throw coreErrors.error('FILE_NOT_READABLE', { path: file, action: 'read' }, { cause });
    throw coreErrors.error('FILE_FAILED', { path: file, action: 'read', systemCode: code, reason: message }, { cause });
  }
}

/** Everything that is known of one file, from reading it once. */
export async function readFileFacts(reading: FileReading): Promise<BundleEntry> {
  const descriptor = openFile(reading.file);
  let facts: Omit<BundleEntry, keyof TreeItem> & { content: Content; leaks: LeakHit[]; zipTail: boolean; tar: boolean; sealed: string[] };
  try {
    facts = reading.item.size <= WINDOW_BYTES ? readWhole(reading, descriptor) : readInWindows(reading, descriptor);
  } finally {
    closeSync(descriptor);
  }
  const { leaks, zipTail, tar, sealed: own, ...rest } = facts;
  const packed = await scanPacked(reading, facts.content, { zipTail, tar });
  const hits = [...leaks, ...(packed?.hits ?? [])];
  const sealed = [...own, ...(packed?.sealed ?? [])];
  return {
    ...reading.item,
    ...rest,
    ...(hits.length > 0 && { leaks: hits }),
    ...(sealed.length > 0 && { sealed }),
    ...(packed?.fault !== undefined && { archiveFault: packed.fault }),
  };
}

async function scanPacked({ file, item, scanner }: FileReading, content: Content, { zipTail, tar }: { zipTail: boolean; tar: boolean }) {
  if (content === 'gzip') return scanGzip(file, scanner);
  if (tar) return scanTar(file, scanner);
  return content === 'zip' || zipTail ? scanZip(file, item.size, scanner) : undefined;
}

function readWhole({ file, item, buffer, scanner, sourceMagic }: FileReading, descriptor: number) {
  const bytes = buffer.subarray(0, fill(descriptor, buffer, item.size + 1));
  const head = bytes.subarray(0, HEAD_BYTES);
  const content = sniffContent(head);
  return {
    size: bytes.length,
    sha256: hash('sha256', bytes),
    content,
    ...readByContent(content, head, bytes, { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) }),
    ...(TEXT_NAMES.test(file) && { text: bytes.toString('utf8') }),
    ...(content === 'script' && bytes.length <= MOST_SCRIPT_BYTES && { text: bytes.toString('utf8') }),
    ...(sourceMagic !== undefined && { sourceHash: { magic: sourceMagic, hash: sourceHash(bytes, sourceMagic) } }),
    ...(content === 'text' && holdsPrivateKey(head) && { privateKey: true }),
    leaks: scanner.isEmpty ? [] : scanner.scan(bytes),
    zipTail: content !== 'zip' && endsLikeZip(bytes),
    tar: isTar(head),
    sealed: [sealedFormat(head) ?? []].flat(),
  };
}

/** A large file, window by window; its ELF facts are read by offset, its pyc facts from the first window. */
function readInWindows({ file, item, buffer, scanner }: FileReading, descriptor: number) {
  const digest = createHash('sha256');
  const leaks = new LeakStream(scanner);
  const pieces: Buffer[] | undefined = TEXT_NAMES.test(file) && item.size <= MOST_TEXT_BYTES ? [] : undefined;
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  let size = 0;
  for (;;) {
    const length = fill(descriptor, buffer, WINDOW_BYTES);
    const bytes = buffer.subarray(0, length);
    if (size === 0) head = Buffer.from(bytes.subarray(0, HEAD_BYTES));
    if (length > 0) tail = Buffer.from(bytes.subarray(Math.max(0, length - ZIP_END_BYTES)));
    digest.update(bytes);
    pieces?.push(Buffer.from(bytes));
    leaks.push(bytes, length < WINDOW_BYTES);
    size += length;
    if (length < WINDOW_BYTES) break;
  }
  const content = sniffContent(head);
  const source = descriptorSource(descriptor, size);
  return {
    size,
    sha256: digest.digest('hex'),
    content,
    ...readByContent(content, head, head, source),
    ...(pieces !== undefined && { text: Buffer.concat(pieces).toString('utf8') }),
    leaks: leaks.hits,
    zipTail: content !== 'zip' && endsLikeZip(tail),
    tar: isTar(head),
    sealed: [sealedFormat(head) ?? []].flat(),
  };
}

function readByContent(
  content: Content,
  head: Buffer,
  bytes: Buffer,
  source: ByteSource,
): Pick<BundleEntry, 'elf' | 'elfRefusal' | 'pyc' | 'shebang'> {
  if (content === 'script') return { shebang: readShebang(head) };
  if (content === 'pyc') return { pyc: readPyc(bytes, bytes.length === source.size) };
  if (content !== 'elf') return {};
  const reading = readElf(source);
  return reading.ok ? { elf: reading.facts } : { elfRefusal: reading.refusal };
}

const ZIP_END_BYTES = 22;
const ZIP_END = 0x06054b50;

/** A zip behind something else (a zipapp, a self-extracting program). */
const endsLikeZip = (bytes: Buffer): boolean => bytes.length >= ZIP_END_BYTES && bytes.readUInt32LE(bytes.length - ZIP_END_BYTES) === ZIP_END;

/** Reads at the file's position until `length` bytes or its end. */
function fill(descriptor: number, buffer: Buffer, length: number): number {
  let filled = 0;
  for (;;) {
    const count = readSync(descriptor, buffer, filled, Math.min(length, buffer.length) - filled, null);
    filled += count;
    if (count === 0 || filled >= length) return filled;
  }
}

function descriptorSource(descriptor: number, size: number): ByteSource {
  return {
    size,
    read(offset, length) {
      const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - offset)));
      return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, offset));
    },
  };
}

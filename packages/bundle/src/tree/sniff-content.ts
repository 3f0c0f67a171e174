import type { BundleEntry } from '@waybill/relocation';
import { sniffBinary } from '@waybill/binary';

export type Content = NonNullable<BundleEntry['content']>;

/** Bytes at the start of a file that are enough to know what it is. */
export const HEAD_BYTES = 4096;
const PYC_HEADER_BYTES = 16;
/** TYPE_CODE of marshal, without and with FLAG_REF. */
const MARSHAL_CODE = [0x63, 0xe3];

/** What the content is, by its first bytes (at most `HEAD_BYTES`), whatever the file is called. */
export function sniffContent(head: Buffer): Content {
  if (head.length === 0) return 'empty';
  const binary = sniffBinary(head);
  if (binary) return binary;
  if (head[0] === 0x23 && head[1] === 0x21) return 'script';
  if (isPyc(head)) return 'pyc';
  if (head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6))) return 'zip';
  if (head[0] === 0x1f && head[1] === 0x8b && head[2] === 8) return 'gzip';
  return isText(head) ? 'text' : 'data';
}

/** PEM (RFC 7468) and OpenSSH. */
export const holdsPrivateKey = (head: Buffer): boolean =>
  head.includes('PRIVATE KEY-----') && /^-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----\r?$/m.test(head.toString('latin1'));

/** A tar (ustar, pax, GNU) by the mark in its first header. */
export const isTar = (head: Buffer): boolean => head.length >= TAR_MARK + 5 && head.toString('latin1', TAR_MARK, TAR_MARK + 5) === 'ustar';
const TAR_MARK = 257;

const SEALED: readonly (readonly [string, string])[] = [
  ['425a68', 'bzip2'],
  ['fd377a585a00', 'xz'],
  ['28b52ffd', 'zstd'],
  ['04224d18', 'lz4'],
  ['377abcaf271c', '7z'],
];
/** With which they begin: few other files do. */
const SEALED_BYTES = new Set(SEALED.map(([magic]) => Number.parseInt(magic.slice(0, 2), 16)));
/** Behind `BZh` and a digit: a block, or the end of a stream without any. */
const BZIP2 = /^425a683[1-9](?:314159265359|177245385090)/;

/** The name of a packed format that nothing here unpacks, by a content’s first bytes: what is in it was not looked at. */
export function sealedFormat(head: Buffer): string | undefined {
  if (!SEALED_BYTES.has(head[0] ?? -1)) return undefined;
  const start = head.toString('hex', 0, 12);
  const found = SEALED.find(([magic]) => start.startsWith(magic))?.[1];
  return found === 'bzip2' && !BZIP2.test(start) ? undefined : found;
}

/** CR LF behind the magic number, a flags word of at most 3, and a code object: every pyc since Python 3.7. */
function isPyc(head: Buffer): boolean {
  if (head.length <= PYC_HEADER_BYTES || head[2] !== 0x0d || head[3] !== 0x0a) return false;
  return head.readUInt32LE(4) <= 3 && MARSHAL_CODE.includes(head[PYC_HEADER_BYTES]!);
}

/** No control characters but white space and escape; a multi-byte character cut at the end does not matter. */
function isText(head: Buffer): boolean {
  for (const byte of head) {
    if (byte < 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09 && byte !== 0x0c && byte !== 0x1b) return false;
  }
  return true;
}

/** `#!` line with its line ending, at most `HEAD_BYTES` long. */
export function readShebang(head: Buffer): string {
  const end = head.indexOf(0x0a);
  return head.subarray(0, end === -1 ? head.length : end + 1).toString('utf8');
}

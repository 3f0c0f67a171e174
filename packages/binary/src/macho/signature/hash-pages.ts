import { createHash, hash } from 'node:crypto';
import type { ByteSource } from '../../byte-source';
import type { CodeDirectory } from './macho-signature-facts';
import { HASH_OF_TYPE } from './signature-constants';

/** Read at once. Large reads cost little, and small pages are hashed where they lie. */
const PIECE_BYTES = 1024 * 1024;

export interface PageTable {
  directory: Pick<CodeDirectory, 'hashType' | 'pageSize' | 'pageCount' | 'codeLimit'>;
  /** The digests of all pages, one after another. */
  digests: Uint8Array;
}

/** Numbers of the pages whose bytes are not those that the directory names. `start`: where the slice begins in the source. */
export function findBadPages(source: ByteSource, start: number, { directory, digests }: PageTable): number[] {
  const { pageSize, codeLimit } = directory;
  const { node, bytes: width } = HASH_OF_TYPE[directory.hashType];
  if (pageSize === 0 || pageSize > PIECE_BYTES) return findBadLargePages(source, start, { directory, digests });
  // One text for all, a character for a byte: comparing pieces of it is far cheaper than a view of bytes for each page.
  const expected = Buffer.from(digests.buffer, digests.byteOffset, digests.byteLength).toString('latin1');
  const bad: number[] = [];
  for (let at = 0, page = 0; at < codeLimit; at += PIECE_BYTES) {
    const piece = source.read(start + at, Math.min(PIECE_BYTES, codeLimit - at));
    for (let inPiece = 0; inPiece < piece.length; inPiece += pageSize, page += 1) {
      const digest = hash(node, piece.subarray(inPiece, inPiece + pageSize), 'binary');
      if (!expected.startsWith(width === digest.length ? digest : digest.slice(0, width), page * width)) bad.push(page);
    }
  }
  return bad;
}

function findBadLargePages(source: ByteSource, start: number, { directory, digests }: PageTable): number[] {
  const { node, bytes: width } = HASH_OF_TYPE[directory.hashType];
  const pageSize = directory.pageSize === 0 ? directory.codeLimit : directory.pageSize;
  const bad: number[] = [];
  for (let page = 0; page < directory.pageCount; page += 1) {
    const end = Math.min((page + 1) * pageSize, directory.codeLimit);
    const digest = createHash(node);
    for (let at = page * pageSize; at < end; at += PIECE_BYTES) digest.update(source.read(start + at, Math.min(PIECE_BYTES, end - at)));
    if (
      !digest
        .digest()
        .subarray(0, width)
        .equals(digests.subarray(page * width, (page + 1) * width))
    )
      bad.push(page);
  }
  return bad;
}

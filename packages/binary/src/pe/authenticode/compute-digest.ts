import { createHash } from 'node:crypto';
import type { ByteSource } from '../../byte-source';
import type { PeFacts } from '../../pe-facts';

const PIECE_BYTES = 1024 * 1024;
/** Signers pad the file to this before the certificate table. */
const PADDING = 8;

/**
 * Authenticode's digests of a file by algorithm (`sha1`, `sha256`, `sha384`, `sha512`), lower-case hex: of all its bytes but the checksum, the directory entry of the certificate table and the table with what lies
 * behind it. Of a file that is not signed: the digest that it will have, zeros filling it to 8 bytes. Microsoft's text adds section after section and would leave out gaps between them; signers and Windows hash them too.
 */
export function computeAuthenticodeDigests(source: ByteSource, facts: PeFacts, algorithms: readonly string[]): Map<string, string> {
  const hashes = new Map(algorithms.map((algorithm) => [algorithm, createHash(algorithm)]));
  const update = (bytes: Uint8Array): void => hashes.forEach((hash) => hash.update(bytes));
  const { checksum, certificateTable: table } = facts;
  const end = table && table.size > 0 ? table.offset : source.size;
  const ranges = [
    [0, checksum.offset],
    [checksum.offset + 4, table?.entryOffset ?? end],
    [(table?.entryOffset ?? end) + 8, end],
  ] as const;
  for (const [start, stop] of ranges) {
    for (let at = start; at < stop; at += PIECE_BYTES) update(source.read(at, Math.min(PIECE_BYTES, stop - at)));
  }
  if (end % PADDING !== 0) update(new Uint8Array(PADDING - (end % PADDING)));
  return new Map([...hashes].map(([algorithm, hash]) => [algorithm, hash.digest('hex')]));
}

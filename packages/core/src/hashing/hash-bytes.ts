import { createHash, hash } from 'node:crypto';
import { cryptoName, type DigestAlgorithm, type FileDigests } from './digest-algorithm';

/** sha256 of bytes (text as UTF-8), lower-case hex. */
export function hashBytes(data: Uint8Array | string): string {
  return hash('sha256', data);
}

/** Digests of bytes by several algorithms, lower-case hex. */
export function hashDigests(data: Uint8Array, algorithms: readonly DigestAlgorithm[]): FileDigests['digests'] {
  return Object.fromEntries(algorithms.map((algorithm) => [algorithm, createHash(cryptoName(algorithm)).update(data).digest('hex')]));
}

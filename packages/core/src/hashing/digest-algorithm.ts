/** Algorithms that sums files exist for, by the names of Waybill’s options. */
export const DIGEST_ALGORITHMS = ['sha256', 'sha384', 'sha512', 'blake2b'] as const;
export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number];

/** Size in bytes and digests (lower-case hex) of one file. */
export interface FileDigests {
  size: number;
  digests: Readonly<Partial<Record<DigestAlgorithm, string>>>;
}

/** Name of an algorithm in `node:crypto`. BLAKE2b has its full 512 bits, as b2sum has it. */
export const cryptoName = (algorithm: DigestAlgorithm): string => (algorithm === 'blake2b' ? 'blake2b512' : algorithm);

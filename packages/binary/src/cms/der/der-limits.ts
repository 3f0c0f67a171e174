/** How much of anything a signature may hold. Each limit lies far above real files and far below what would make a reader slow. */
export const DER_LIMITS = {
  /** Bytes of one structure. Signatures with their chains and timestamps have 4 to 20 KiB; Microsoft's catalogues of whole systems have some MiB. */
  bytes: 16 * 1024 * 1024,
  /** Elements looked at. A signature with six certificates and two timestamps has about 2,000. */
  elements: 200_000,
  /** Levels. Certificates inside a timestamp inside a nested signature lie at about 25. */
  depth: 64,
  /** Bytes of one object identifier. Real ones have 3 to 12; X.660's UUID arc reaches 20. */
  oidBytes: 64,
  /** Certificates of one structure. Real ones have 3 to 8. */
  certificates: 256,
  /** Signers of one structure. Real ones have one; a nested signature is a structure of its own. */
  signers: 64,
} as const;

/** How much of anything a signature may hold. Each limit lies far above real files and far below what would make a reader slow. */
export const SIGNATURE_LIMITS = {
  /** Bytes. A page of 4 KiB takes 52 bytes (SHA-1 and SHA-256): a browser framework of 250 MiB has a signature of 4 MiB. */
  bytes: 64 * 1024 * 1024,
  /** Parts. codesign writes at most eleven. */
  blobs: 64,
  /** Special slots. Eleven are defined. */
  specialSlots: 64,
  /** Bytes of an identifier or team: they are bundle names; PATH_MAX stands for both. */
  nameBytes: 1_024,
  /** Bytes of entitlements. Real ones have 1 to 8 KiB; the kernel refuses more than a page table of them. */
  entitlementBytes: 1024 * 1024,
} as const;

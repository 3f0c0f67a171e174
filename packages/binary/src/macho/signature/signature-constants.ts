import type { HashType } from './macho-signature-facts';

/** Numbers of `kern/cs_blobs.h` and of Apple's Security framework (`CSCommon.h`). */
export const BLOB = {
  embeddedSignature: 0xfade0cc0,
  codeDirectory: 0xfade0c02,
  requirements: 0xfade0c01,
  entitlements: 0xfade7171,
  entitlementsDer: 0xfade7172,
  wrapper: 0xfade0b01,
} as const;

export const SLOT = {
  codeDirectory: 0,
  infoPlist: 1,
  requirements: 2,
  resources: 3,
  entitlements: 5,
  diskImage: 6,
  entitlementsDer: 7,
  alternateFirst: 0x1000,
  alternateLast: 0x1005,
  cms: 0x10000,
  ticket: 0x10002,
} as const;

/** Above the special slots: further code directories, CMS, its older identification, and a ticket. */
export const KNOWN_SLOTS: ReadonlySet<number> = new Set([0x1000, 0x1001, 0x1002, 0x1003, 0x1004, 0x1005, 0x10000, 0x10001, 0x10002]);

/** Slots up to this are covered by special slots. */
export const LAST_SPECIAL_SLOT = 11;

export const SLOT_NAMES: Readonly<Record<number, string>> = {
  1: 'Info.plist',
  2: 'requirements',
  3: 'CodeResources',
  4: 'application-specific',
  5: 'entitlements',
  6: 'disk image',
  7: 'entitlements (DER)',
  8: 'launch constraint (self)',
  9: 'launch constraint (parent)',
  10: 'launch constraint (responsible)',
  11: 'library constraint',
};

/** `node` is node:crypto's name; `bytes` is what stands in a slot. */
export const HASHES: Readonly<Record<number, { type: HashType; node: string; bytes: number }>> = {
  1: { type: 'sha1', node: 'sha1', bytes: 20 },
  2: { type: 'sha256', node: 'sha256', bytes: 32 },
  3: { type: 'sha256-truncated', node: 'sha256', bytes: 20 },
  4: { type: 'sha384', node: 'sha384', bytes: 48 },
  5: { type: 'sha512', node: 'sha512', bytes: 64 },
};

export const HASH_OF_TYPE = Object.fromEntries(Object.values(HASHES).map((hash) => [hash.type, hash])) as Readonly<
  Record<HashType, (typeof HASHES)[number]>
>;

export const CDHASH_BYTES = 20;

export const FLAGS = { adhoc: 0x2 } as const;

export const FLAG_NAMES: readonly (readonly [number, string])[] = [
  [0x1, 'host'],
  [FLAGS.adhoc, 'adhoc'],
  [0x100, 'hard'],
  [0x200, 'kill'],
  [0x400, 'expires'],
  [0x800, 'restrict'],
  [0x1000, 'enforcement'],
  [0x2000, 'library-validation'],
  [0x10000, 'runtime'],
  [0x20000, 'linker-signed'],
];

export const EXECUTABLE_FLAG_NAMES: readonly (readonly [number, string])[] = [
  [0x1, 'main-binary'],
  [0x10, 'allow-unsigned'],
  [0x20, 'debugger'],
  [0x40, 'jit'],
  [0x80, 'skip-library-validation'],
  [0x100, 'can-load-cdhash'],
  [0x200, 'can-execute-cdhash'],
];

export function namesOf(bits: number, names: readonly (readonly [number, string])[]): string[] {
  return names.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name);
}

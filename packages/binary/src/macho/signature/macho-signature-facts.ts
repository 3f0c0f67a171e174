import type { Reading } from '../../binary-refusal';

/** The embedded code signature of one slice. Nothing here is verified. Offsets count from the beginning of the slice, in bytes. */
export interface MachOSignature {
  offset: number;
  /** Of the range that LC_CODE_SIGNATURE names; the signature itself may be shorter and is then followed by zeros. */
  size: number;
  blobs: readonly SignatureBlob[];
  /** The first is the one that CMS signs; others repeat it with other digests. At least one. */
  codeDirectories: readonly CodeDirectory[];
  /** Requirement set, with its header. */
  requirements?: Uint8Array;
  /** Property list, XML. */
  entitlements?: string;
  entitlementsDer?: Uint8Array;
  /** PKCS#7 SignedData, DER or BER. Absent or empty: no certificate stands behind the signature. */
  cms?: Uint8Array;
  /** Where `cms` lies. */
  cmsOffset?: number;
}

export type MachOSignatureReading = Reading<MachOSignature>;

/** One part of the signature. Slots 1 to 11 are covered by the special slot of the same number. */
export interface SignatureBlob {
  slot: number;
  magic: number;
  offset: number;
  /** With the blob's own header of 8 bytes. */
  size: number;
}

export interface CodeDirectory {
  slot: number;
  offset: number;
  size: number;
  version: number;
  flags: number;
  /** `adhoc`, `runtime`, `linker-signed`, `library-validation`, `restrict`, `hard`, `kill`, …; unknown bits are left out. */
  flagNames: readonly string[];
  /** `sha256-truncated`: the first 20 bytes of each digest stand in the slots. */
  hashType: HashType;
  identifier: string;
  teamId?: string;
  /** Not 0: the system's own code. */
  platform: number;
  /** Bytes of a page; 0: one page of any length. */
  pageSize: number;
  /** Bytes from the slice's beginning that the pages cover. */
  codeLimit: number;
  pageCount: number;
  /** Digest of each special slot that is not empty, lower-case hex: 1 Info.plist, 2 requirements, 3 CodeResources, 5 entitlements, 7 entitlements as DER. */
  specialSlots: ReadonlyMap<number, string>;
  /** What the kernel may run of the file, and `main-binary`, `jit`, `debugger`, … */
  executableSegment?: { base: number; limit: number; flags: readonly string[] };
  /** Version of the SDK whose rules of the hardened runtime hold, `14.2.0`. */
  runtimeVersion?: string;
  /** Digest of the directory, cut to 20 bytes, lower-case hex: what notarization and the system know the code by. */
  cdhash: string;
}

export type HashType = 'sha1' | 'sha256' | 'sha256-truncated' | 'sha384' | 'sha512';

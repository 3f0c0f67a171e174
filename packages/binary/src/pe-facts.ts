import type { Reading } from './binary-refusal';

/** What a PE file (EXE, DLL, PYD) says of itself. Addresses are relative to the image base (RVA), offsets count in the file, all in bytes. */
export interface PeFacts {
  bits: 32 | 64;
  /** Name as in file names, the same for every format: `x86_64`, `aarch64`, `i386`, `arm`, or `machine-<number>`. */
  architecture: string;
  machine: number;
  dll: boolean;
  /** Of the COFF header. */
  characteristics: number;
  /** `console`, `gui`, `native`, `efi-…`, or `subsystem-<number>`. */
  subsystem: string;
  /** Of the optional header. */
  dllCharacteristics: number;
  /** Of `dllCharacteristics`: `high-entropy-aslr`, `aslr`, `force-integrity`, `nx`, `appcontainer`, `guard-cf`, `terminal-server-aware`, …. */
  dllFlags: readonly string[];
  /** Seconds since 1970, or whatever a reproducible link put there. */
  timestamp: number;
  imageBase: number;
  /** RVA; 0: none. */
  entryPoint: number;
  /** Lowest version of Windows that loads it, `6.0`. */
  subsystemVersion: string;
  headerBytes: number;
  /** As stored; 0: none. `offset`: where it stands. */
  checksum: { value: number; offset: number };
  sections: readonly PeSection[];
  /** In order. Names as stored: Windows compares them without case. */
  imports: readonly PeImport[];
  delayImports: readonly PeImport[];
  exports?: { name: string; functions: number; names: number };
  /** Numbers of the resource types of the first level, in order. */
  resourceTypes: readonly number[];
  versionInfo: boolean;
  manifest: boolean;
  /** A .NET assembly. */
  managed: boolean;
  /** Where the directory entry of the certificate table stands, and the table that it names (`size` 0: none). Absent: the file has no such entry. */
  certificateTable?: { entryOffset: number; offset: number; size: number };
  certificates: readonly PeCertificate[];
  /** What lies behind the sections and is no certificate: data of installers and zip applications, debugging symbols of MinGW. */
  overlay?: { offset: number; size: number };
}

export type PeReading = Reading<PeFacts>;

export interface PeSection {
  /** As stored, at most 8 bytes: longer ones of MinGW are `/<offset in the string table>`. */
  name: string;
  address: number;
  memorySize: number;
  offset: number;
  fileSize: number;
  characteristics: number;
}

export interface PeImport {
  library: string;
  symbols: readonly ({ name: string } | { ordinal: number })[];
}

/** WIN_CERTIFICATE. */
export interface PeCertificate {
  revision: number;
  /** 2: PKCS#7 SignedData, which is the only one that Windows looks at. */
  type: number;
  /** Of the content. */
  offset: number;
  bytes: Uint8Array;
}

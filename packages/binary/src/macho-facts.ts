import type { Reading } from './binary-refusal';

/** What a Mach-O file says of itself. A thin file is one slice that begins at 0; a universal one has a slice for each architecture. */
export interface MachOFacts {
  kind: 'thin' | 'universal';
  /** In the order of the file; at least one. */
  slices: readonly MachOSlice[];
}

export type MachOReading = Reading<MachOFacts>;

/** Addresses, offsets and sizes in bytes. Offsets count from the beginning of the slice, but for `offset`. */
export interface MachOSlice {
  /** Where the slice begins in the file. */
  offset: number;
  size: number;
  bits: 32 | 64;
  endianness: 'little' | 'big';
  /** Name as in file names, the same for every format: `aarch64`, `x86_64`, `i386`, `arm`, `ppc`, …, or `cpu-<number>`. */
  architecture: string;
  /** Apple's name, which knows the subtype too: `arm64`, `arm64e`, `x86_64h`. */
  cpuName: string;
  cpuType: number;
  /** Without the capability bits (the highest 8). */
  cpuSubtype: number;
  type: 'object' | 'executable' | 'dylib' | 'bundle' | 'dylinker' | 'core' | 'dsym' | 'kext' | 'dylib-stub' | 'other';
  fileType: number;
  flags: number;
  /** Bytes of header and load commands, where dyld reads them. */
  commandBytes: number;
  /** Each load command's number and bytes, in order. */
  commands: readonly { command: number; size: number }[];
  /** LC_ID_DYLIB. */
  id?: DylibName;
  /** What dyld loads, in order. */
  libraries: readonly DylibUse[];
  /** LC_RPATH, in order. */
  rpaths: readonly string[];
  /** LC_LOAD_DYLINKER: the loader's path. */
  dylinker?: string;
  /** LC_BUILD_VERSION and LC_VERSION_MIN_*. A library for macOS and Catalyst has two. */
  targets: readonly BuildTarget[];
  /** Lower-case hex without dashes. */
  uuid?: string;
  /** LC_MAIN. */
  entry?: { offset: number; stackSize: number };
  /** LC_ENCRYPTION_INFO: `system` 0 says that the range is not encrypted yet. */
  encryption?: { offset: number; size: number; system: number };
  /** LC_SYMTAB: where the symbols and their names lie, and how many there are; `readMachOSymbols` reads them. */
  symbolTable?: { offset: number; count: number; stringsOffset: number; stringsSize: number };
  /** LC_CODE_SIGNATURE: where the signature lies. */
  signature?: { offset: number; size: number };
  /** LC_DYLD_ENVIRONMENT: `DYLD_…=value`. dyld obeys those of the main executable. */
  dyldEnvironment: readonly string[];
  segments: readonly MachOSegment[];
}

/** Versions read `X.Y.Z`. */
export interface DylibName {
  name: string;
  currentVersion: string;
  compatibilityVersion: string;
}

export interface DylibUse extends DylibName {
  kind: 'load' | 'weak' | 'reexport' | 'upward' | 'lazy';
  /** dyld goes on when the library is missing. */
  weak: boolean;
}

export interface BuildTarget {
  /** `macos`, `ios`, `maccatalyst`, …, or `platform-<number>`. */
  platform: string;
  /** Lowest version of the system: `11.0` or `10.15.4`. */
  minimumSystem: string;
  /** `0.0`: not noted. */
  sdk: string;
}

export interface MachOSegment {
  name: string;
  address: number;
  memorySize: number;
  offset: number;
  fileSize: number;
  maximumProtection: number;
  initialProtection: number;
  flags: number;
  sections: readonly MachOSection[];
}

export interface MachOSection {
  name: string;
  /** The segment that the section names: in objects all sections lie in one segment without name. */
  segment: string;
  address: number;
  size: number;
  offset: number;
  flags: number;
}

/** A symbol that other files see, or that others must have. */
export interface MachOSymbol {
  /** As C spells it: without the `_` that every symbol of C begins with. */
  name: string;
  defined: boolean;
  /** dyld goes on when nobody has it. */
  weak: boolean;
}

import type { Reading } from './binary-refusal';

/** What an ELF file says of itself. Pure facts, no judgement. Numbers are what the file holds; addresses and offsets in bytes. */
export interface ElfFacts {
  bits: 32 | 64;
  endianness: 'little' | 'big';
  /** Name as in file names: `x86_64`, `aarch64`, `i386`, `arm`, `riscv64`, `ppc64`, `s390x`, or `machine-<number>`. */
  architecture: string;
  machine: number;
  osAbi: number;
  type: 'relocatable' | 'executable' | 'shared' | 'core' | 'other';
  /** PT_INTERP; absent for libraries and static programs. */
  interpreter?: string;
  /** Is there a PT_DYNAMIC segment. */
  dynamic: boolean;
  needed: readonly string[];
  soname?: string;
  /** DT_RPATH as stored. */
  rpath?: string;
  /** DT_RUNPATH as stored. */
  runpath?: string;
  /** ld.so never reads the section table, so a broken one does not disturb loading; strip and patchelf refuse such a file. */
  sectionTable: 'ok' | 'none' | 'broken';
  /** DT_FLAGS / DT_FLAGS_1 names of interest: `ORIGIN`, `BIND_NOW`, `NODEFLIB`, `PIE`, `NOW`. */
  flags: readonly string[];
  textRelocations: boolean;
  /** PT_GNU_STACK asks for an executable stack, or is absent where the default is executable. */
  executableStack: boolean;
  /** GNU build id, lower-case hex. */
  buildId?: string;
  segments: readonly {
    type: number;
    flags: number;
    offset: number;
    virtualAddress: number;
    fileSize: number;
    memorySize: number;
    alignment: number;
  }[];
  /** Verneed: file → versions wanted from it (`libc.so.6` → `GLIBC_2.34`). */
  versionNeeds: readonly {
    library: string;
    versions: readonly string[];
    /** Those of `versions` that ld.so only warns of when they are absent (VER_FLG_WEAK). */
    weak?: readonly string[];
  }[];
  /** Verdef names, without the base. */
  versionDefinitions: readonly string[];
  /** Empty when not asked for. Dynamic symbols. `version` and `library` for versioned imports (`GLIBC_2.34` of `libc.so.6`). */
  symbols: readonly { name: string; defined: boolean; weak: boolean; version?: string; library?: string }[];
  /** x86-64 ISA level asked for in `.note.gnu.property` (1–4), when noted. */
  isaLevel?: number;
}

export type ElfReading = Reading<ElfFacts>;

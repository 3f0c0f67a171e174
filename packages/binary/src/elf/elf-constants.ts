/** Numbers of the ELF specification (gABI, chapter "Object Files") and of its GNU extensions (elf.h of glibc). */
export const PT = { load: 1, dynamic: 2, interpreter: 3, note: 4, gnuStack: 0x6474e551, gnuProperty: 0x6474e553 } as const;

export const SEGMENT_EXECUTABLE = 1;

export const DT = {
  null: 0,
  needed: 1,
  pltRelSize: 2,
  hash: 4,
  strtab: 5,
  symtab: 6,
  rela: 7,
  relaSize: 8,
  strSize: 10,
  soname: 14,
  rpath: 15,
  rel: 17,
  relSize: 18,
  pltRel: 20,
  textrel: 22,
  jmpRel: 23,
  runpath: 29,
  flags: 30,
  gnuHash: 0x6ffffef5,
  versym: 0x6ffffff0,
  relaCount: 0x6ffffff9,
  relCount: 0x6ffffffa,
  flags1: 0x6ffffffb,
  verdef: 0x6ffffffc,
  verdefNumber: 0x6ffffffd,
  verneed: 0x6ffffffe,
  verneedNumber: 0x6fffffff,
  mipsSymbols: 0x70000011,
} as const;

export const DF_TEXTREL = 0x4;

/** Bits of DT_FLAGS and DT_FLAGS_1 that facts name. */
export const FLAG_NAMES: readonly { tag: number; bit: number; name: string }[] = [
  { tag: DT.flags, bit: 0x1, name: 'ORIGIN' },
  { tag: DT.flags, bit: 0x8, name: 'BIND_NOW' },
  { tag: DT.flags1, bit: 0x1, name: 'NOW' },
  { tag: DT.flags1, bit: 0x80, name: 'ORIGIN' },
  { tag: DT.flags1, bit: 0x800, name: 'NODEFLIB' },
  { tag: DT.flags1, bit: 0x08000000, name: 'PIE' },
];

const MACHINES: Readonly<Record<number, string>> = {
  2: 'sparc',
  3: 'i386',
  4: 'm68k',
  8: 'mips',
  15: 'parisc',
  20: 'ppc',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  42: 'sh',
  43: 'sparc64',
  50: 'ia64',
  62: 'x86_64',
  183: 'aarch64',
  243: 'riscv64',
  247: 'bpf',
  258: 'loongarch64',
  0x9026: 'alpha',
};

export function architectureOf(machine: number): string {
  return MACHINES[machine] ?? `machine-${machine}`;
}

/**
 * Machines on which a file without PT_GNU_STACK gets a stack that is not executable (DEFAULT_STACK_PERMS in glibc's stackinfo.h of each port); everywhere else
 * the missing header means an executable one.
 */
export const NO_EXECUTABLE_STACK_BY_DEFAULT: ReadonlySet<number> = new Set([21, 183, 243, 258]);

export const MIPS = 8;
export const S390 = 22;
export const ALPHA = 0x9026;
export const X86_MACHINES: ReadonlySet<number> = new Set([3, 62]);

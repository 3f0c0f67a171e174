/** Numbers of Microsoft's "PE Format". */
export const OPTIONAL_MAGIC = { pe32: 0x10b, pe32Plus: 0x20b } as const;

export const DIRECTORY = { exports: 0, imports: 1, resources: 2, certificates: 4, delayImports: 13, managed: 14 } as const;
/** The loader knows no more, whatever the header says. */
export const DIRECTORIES = 16;

export const DLL = 0x2000;

export const RESOURCE = { version: 16, manifest: 24 } as const;

const MACHINES: Readonly<Record<number, string>> = {
  0x14c: 'i386',
  0x1c0: 'arm',
  0x1c4: 'arm',
  0x8664: 'x86_64',
  0xa641: 'arm64ec',
  0xaa64: 'aarch64',
};

export function architectureOf(machine: number): string {
  return MACHINES[machine] ?? `machine-${machine}`;
}

const SUBSYSTEMS: Readonly<Record<number, string>> = {
  1: 'native',
  2: 'gui',
  3: 'console',
  7: 'posix',
  9: 'windows-ce',
  10: 'efi-application',
  11: 'efi-boot-driver',
  12: 'efi-runtime-driver',
  13: 'efi-rom',
  14: 'xbox',
  16: 'boot-application',
};

export function subsystemOf(number: number): string {
  return SUBSYSTEMS[number] ?? `subsystem-${number}`;
}

const DLL_FLAGS: readonly (readonly [number, string])[] = [
  [0x20, 'high-entropy-aslr'],
  [0x40, 'aslr'],
  [0x80, 'force-integrity'],
  [0x100, 'nx'],
  [0x200, 'no-isolation'],
  [0x400, 'no-seh'],
  [0x800, 'no-bind'],
  [0x1000, 'appcontainer'],
  [0x2000, 'wdm-driver'],
  [0x4000, 'guard-cf'],
  [0x8000, 'terminal-server-aware'],
];

export function dllFlagsOf(bits: number): string[] {
  return DLL_FLAGS.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name);
}

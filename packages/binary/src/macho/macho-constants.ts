/** Numbers of `mach-o/loader.h`, `mach-o/fat.h` and `mach/machine.h`. */
export const MAGIC = { thin32: 0xfeedface, thin64: 0xfeedfacf, universal32: 0xcafebabe, universal64: 0xcafebabf } as const;

export const LC = {
  segment: 0x1,
  symbolTable: 0x2,
  loadDylib: 0xc,
  idDylib: 0xd,
  loadDylinker: 0xe,
  segment64: 0x19,
  uuid: 0x1b,
  codeSignature: 0x1d,
  lazyLoadDylib: 0x20,
  encryptionInfo: 0x21,
  versionMinMacos: 0x24,
  versionMinIos: 0x25,
  dyldEnvironment: 0x27,
  encryptionInfo64: 0x2c,
  versionMinTvos: 0x2f,
  versionMinWatchos: 0x30,
  buildVersion: 0x32,
  loadWeakDylib: 0x80000018,
  rpath: 0x8000001c,
  reexportDylib: 0x8000001f,
  loadUpwardDylib: 0x80000023,
  main: 0x80000028,
} as const;

/** `dylib_use_command`: LC_LOAD_DYLIB of Xcode 16 and newer, whose timestamp is this number and whose flags stand behind the versions. */
export const DYLIB_USE_MARKER = 0x1a741800;
export const DYLIB_USE = { weak: 1, reexport: 2, upward: 4 } as const;

/** Sections without bytes in the file: S_ZEROFILL, S_GB_ZEROFILL, S_THREAD_LOCAL_ZEROFILL. */
export const ZERO_FILL: ReadonlySet<number> = new Set([0x1, 0xc, 0x12]);

export const FILE_TYPES = [
  'other',
  'object',
  'executable',
  'other',
  'core',
  'other',
  'dylib',
  'dylinker',
  'bundle',
  'dylib-stub',
  'dsym',
  'kext',
] as const;

const ABI64 = 0x01000000;
const ABI64_32 = 0x02000000;

const ARCHITECTURES: Readonly<Record<number, string>> = {
  7: 'i386',
  [7 | ABI64]: 'x86_64',
  12: 'arm',
  [12 | ABI64]: 'aarch64',
  [12 | ABI64_32]: 'arm64_32',
  18: 'ppc',
  [18 | ABI64]: 'ppc64',
};

const SUBTYPE_NAMES: Readonly<Record<string, string>> = {
  [`${7 | ABI64}/8`]: 'x86_64h',
  [`${12 | ABI64}/2`]: 'arm64e',
  '12/6': 'armv6',
  '12/9': 'armv7',
  '12/11': 'armv7s',
  '12/12': 'armv7k',
};

export function architectureOf(cpuType: number): string {
  return ARCHITECTURES[cpuType] ?? `cpu-${cpuType}`;
}

export function cpuNameOf(cpuType: number, cpuSubtype: number): string {
  const architecture = architectureOf(cpuType);
  return SUBTYPE_NAMES[`${cpuType}/${cpuSubtype}`] ?? (architecture === 'aarch64' ? 'arm64' : architecture);
}

const PLATFORMS = [
  'macos',
  'ios',
  'tvos',
  'watchos',
  'bridgeos',
  'maccatalyst',
  'iossimulator',
  'tvossimulator',
  'watchossimulator',
  'driverkit',
  'visionos',
  'visionossimulator',
] as const;

/** Numbers begin at 1. */
export function platformOf(number: number): string {
  return PLATFORMS[number - 1] ?? `platform-${number}`;
}

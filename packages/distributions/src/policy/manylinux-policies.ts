/** Newest symbol versions that libstdc++ and libgcc_s have on systems with a given glibc. */
export interface CompilerRuntimes {
  glibc: string;
  GLIBCXX: string;
  CXXABI: string;
  GCC: string;
}

/**
 * What libstdc++ and libgcc_s of the systems with a given glibc offer at most (manylinux-policy.json of auditwheel 6, both architectures, the lower value of each). A file that
 * takes these libraries from the system must not need more; one that carries them is free of this table.
 */
export const COMPILER_RUNTIMES: readonly CompilerRuntimes[] = [
  { glibc: '2.5', GLIBCXX: '3.4.8', CXXABI: '1.3.1', GCC: '4.2.0' },
  { glibc: '2.12', GLIBCXX: '3.4.13', CXXABI: '1.3.3', GCC: '4.3.0' },
  { glibc: '2.17', GLIBCXX: '3.4.19', CXXABI: '1.3.7', GCC: '4.7.0' },
  { glibc: '2.24', GLIBCXX: '3.4.22', CXXABI: '1.3.10', GCC: '4.7.0' },
  { glibc: '2.27', GLIBCXX: '3.4.24', CXXABI: '1.3.11', GCC: '7.0.0' },
  { glibc: '2.31', GLIBCXX: '3.4.28', CXXABI: '1.3.12', GCC: '7.0.0' },
  { glibc: '2.34', GLIBCXX: '3.4.29', CXXABI: '1.3.13', GCC: '7.0.0' },
  { glibc: '2.35', GLIBCXX: '3.4.30', CXXABI: '1.3.13', GCC: '11.0' },
  { glibc: '2.39', GLIBCXX: '3.4.33', CXXABI: '1.3.15', GCC: '14.0.0' },
];

/** glibc of the systems that old tags were made on (PEP 600 lists the aliases). */
const LEGACY_ALIASES: Readonly<Record<string, string>> = { '2.5': 'manylinux1', '2.12': 'manylinux2010', '2.17': 'manylinux2014' };

/** `2.35`, `linux-x86_64` → `manylinux_2_35_x86_64`. Absent for platforms without such tags. */
export function manylinuxTag(glibc: string, platform: string): string | undefined {
  const [os, arch, libc] = platform.split('-');
  if (os !== 'linux' || libc !== undefined || !/^\d+\.\d+$/.test(glibc)) return undefined;
  return `manylinux_${glibc.replace('.', '_')}_${arch}`;
}

export function legacyTag(glibc: string, platform: string): string | undefined {
  const alias = LEGACY_ALIASES[glibc];
  return alias === undefined ? undefined : `${alias}_${platform.split('-')[1]}`;
}

/** What the systems of one architecture offer beyond the lower value of both, from a glibc on (the same source). */
const BEYOND: Readonly<Record<string, readonly Partial<CompilerRuntimes>[]>> = {
  x86_64: [
    { glibc: '2.17', GCC: '4.8.0' },
    { glibc: '2.27', GCC: '7.0.0' },
    { glibc: '2.35', GCC: '12.0.0' },
    { glibc: '2.39', GCC: '14.0.0' },
  ],
  aarch64: [
    { glibc: '2.26', GLIBCXX: '3.4.24', CXXABI: '1.3.11', GCC: '7.0.0' },
    { glibc: '2.34', GCC: '11.0' },
    { glibc: '2.39', GCC: '14.0.0' },
  ],
};

/** The newest row that a system with this glibc fulfils; of both architectures the lower value when none is named. */
export function compilerRuntimesFor(glibc: string, architecture = ''): CompilerRuntimes {
  const row = COMPILER_RUNTIMES.findLast((one) => compareDotted(one.glibc, glibc) <= 0) ?? COMPILER_RUNTIMES[0]!;
  const beyond = (BEYOND[architecture] ?? []).filter((one) => compareDotted(one.glibc!, glibc) <= 0);
  return beyond.reduce<CompilerRuntimes>((known, more) => raised(known, more), row);
}

function raised(known: CompilerRuntimes, more: Partial<CompilerRuntimes>): CompilerRuntimes {
  const higher = (family: 'GLIBCXX' | 'CXXABI' | 'GCC'): string =>
    more[family] !== undefined && compareDotted(more[family], known[family]) > 0 ? more[family] : known[family];
  return { glibc: known.glibc, GLIBCXX: higher('GLIBCXX'), CXXABI: higher('CXXABI'), GCC: higher('GCC') };
}

/**
 * Versions of glibc that are no numbers: marks of the linker for what only the loader of a newer glibc can do, and the first release that has them (`elf/Versions`, `sysdeps/{i386,x86,x86_64}/Versions`
 * of glibc). Those of 2.43 came in August 2025, after 2.42; stable branches of releases before have them too, so that a system with an older number may know them, and another not.
 */
const GLIBC_MARKS: ReadonlyMap<string, string> = new Map([
  ['GLIBC_ABI_DT_RELR', '2.36'],
  ['GLIBC_ABI_GNU_TLS', '2.43'],
  ['GLIBC_ABI_GNU2_TLS', '2.43'],
  ['GLIBC_ABI_DT_X86_64_PLT', '2.43'],
]);

/** The glibc that a version of its symbols asks for: `GLIBC_2.34` → 2.34. `private`: of one build alone; `unknown`: a mark that is not in the table; `undefined`: none of glibc. */
export function glibcOfVersion(version: string): { glibc: string; marked: boolean } | 'private' | 'unknown' | undefined {
  if (!version.startsWith('GLIBC_')) return undefined;
  if (version === 'GLIBC_PRIVATE') return 'private';
  const marked = GLIBC_MARKS.get(version);
  const glibc = marked ?? version.slice('GLIBC_'.length);
  return /^\d+(\.\d+)+$/.test(glibc) ? { glibc, marked: marked !== undefined } : 'unknown';
}

/** Dotted numbers, part by part: `2.9` < `2.34`. Negative, zero or positive. */
export function compareDotted(left: string, right: string): number {
  const [a, b] = [left.split('.').map(Number), right.split('.').map(Number)];
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The glibc that a tag promises to suffice: `manylinux_2_17_x86_64`, `manylinux2014_x86_64` → 2.17, x86_64; `undefined` for other tags. */
export function parseManylinuxTag(tag: string): { glibc: string; architecture: string } | undefined {
  const [, major, minor, architecture] = /^manylinux_(\d+)_(\d+)_(.+)$/.exec(tag) ?? [];
  if (major !== undefined) return { glibc: `${major}.${minor!}`, architecture: architecture! };
  const [, alias, of] = /^(manylinux1|manylinux2010|manylinux2014)_(.+)$/.exec(tag) ?? [];
  const glibc = Object.keys(LEGACY_ALIASES).find((key) => LEGACY_ALIASES[key] === alias);
  return glibc === undefined ? undefined : { glibc, architecture: of! };
}

/** Libraries that a manylinux wheel may take from the system (PEP 600; manylinux-policy.json of auditwheel 6.8.2), with the glibc from which on. */
const MANYLINUX_LIBRARIES: ReadonlyMap<string, string> = new Map([
  ...['libc.so.6', 'libm.so.6', 'libdl.so.2', 'libpthread.so.0', 'librt.so.1', 'libutil.so.1', 'libanl.so.1', 'libnsl.so.1', 'libresolv.so.2'].map(
    always,
  ),
  ...['libgcc_s.so.1', 'libstdc++.so.6', 'libatomic.so.1', 'libz.so.1'].map(always),
  ...['libX11.so.6', 'libXext.so.6', 'libXrender.so.1', 'libICE.so.6', 'libSM.so.6', 'libGL.so.1'].map(always),
  ...['libgobject-2.0.so.0', 'libgthread-2.0.so.0', 'libglib-2.0.so.0'].map(always),
  ['libexpat.so.1', '2.12'],
  ['libmvec.so.1', '2.22'],
]);

function always(name: string): [string, string] {
  return [name, '0'];
}

export function isManylinuxLibrary(name: string, glibc: string): boolean {
  const since = MANYLINUX_LIBRARIES.get(name);
  return (since !== undefined && compareDotted(since, glibc) <= 0) || /^ld(64|-linux[^/]*)\.so\.\d+$/.test(name);
}

/**
 * What libstdc++ and libgcc_s of the systems with a given glibc offer at most (manylinux-policy.json of auditwheel 6, both architectures, the lower value of each). A file that
 * takes these libraries from the system must not need more; one that carries them is free of this table.
 */
export const COMPILER_RUNTIMES: readonly { glibc: string; GLIBCXX: string; CXXABI: string; GCC: string }[] = [
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

/** The newest row that a system with this glibc fulfils. */
export function compilerRuntimesFor(glibc: string): (typeof COMPILER_RUNTIMES)[number] {
  return COMPILER_RUNTIMES.findLast((row) => compareDotted(row.glibc, glibc) <= 0) ?? COMPILER_RUNTIMES[0]!;
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

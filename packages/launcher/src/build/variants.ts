/** One compiled launcher. Its name is the folder's in `assets/`. */
export interface LauncherVariant {
  name: string;
  /** What `zig cc -target` takes. */
  target: string;
  fileName: string;
  /** Flags beyond those of all variants. */
  flags: readonly string[];
}

const linux = (arch: string, libc: string, flags: readonly string[] = []): LauncherVariant => ({
  name: `${arch}-linux-${libc}`,
  target: `${arch}-linux-${libc}`,
  fileName: 'launcher',
  flags,
});

const macos = (arch: string): LauncherVariant => ({
  name: `${arch}-macos`,
  target: `${arch}-macos.11.0`,
  fileName: 'launcher',
  flags: [],
});

const windows = (arch: string): LauncherVariant => ({
  name: `${arch}-windows`,
  target: `${arch}-windows-gnu`,
  fileName: 'launcher.exe',
  flags: [],
});

/**
 * All that are built. Linux bundles get the static ones (musl), whatever libc the bundle is for: they run on any Linux and so can
 * say what glibc is missing. The two for glibc 2.17 keep the sources honest against the C library of old systems.
 */
export const LAUNCHER_VARIANTS: readonly LauncherVariant[] = ['x86_64', 'aarch64'].flatMap((arch) => [
  linux(arch, 'gnu.2.17'),
  linux(arch, 'musl', ['-static']),
  macos(arch),
  windows(arch),
]);

/** Platforms that have a native launcher. */
export const LAUNCHER_PLATFORMS: readonly string[] = ['x86_64', 'aarch64'].flatMap((arch) => [
  `linux-${arch}`,
  `linux-${arch}-musl`,
  `macos-${arch}`,
  `windows-${arch}`,
]);

/** The variant for a platform (`{os}-{arch}`, perhaps with `-musl`); `undefined` when there is none. */
export function variantFor(platform: string): LauncherVariant | undefined {
  if (!LAUNCHER_PLATFORMS.includes(platform)) return undefined;
  const [os, arch] = platform.split('-');
  const suffix = os === 'linux' ? 'linux-musl' : os;
  return LAUNCHER_VARIANTS.find((variant) => variant.name === `${arch}-${suffix}`);
}

/**
 * Architecture (with `-musl` behind it for musl systems) → PT_INTERP that every system of that kind has. From the psABI of each architecture as glibc
 * and musl install it; anything else is the loader of one distribution (NixOS, Guix), of a build tree or of a sysroot.
 */
export const STANDARD_LOADERS: Readonly<Record<string, readonly string[]>> = {
  x86_64: ['/lib64/ld-linux-x86-64.so.2'],
  aarch64: ['/lib/ld-linux-aarch64.so.1'],
  'x86_64-musl': ['/lib/ld-musl-x86_64.so.1'],
  'aarch64-musl': ['/lib/ld-musl-aarch64.so.1'],
};

/** `linux-x86_64` → `x86_64`, `linux-aarch64-musl` → `aarch64-musl`. */
export function loaderKey(platform: string): string {
  return platform.slice(platform.indexOf('-') + 1);
}

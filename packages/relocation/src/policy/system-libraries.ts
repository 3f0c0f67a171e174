import { matchGlob } from '../match-glob';

export interface SystemLibrary {
  /** SONAME; `*` stands for any characters. */
  name: string;
  /** Why every target system has it. */
  reason: string;
}

const GLIBC = 'part of glibc, which the kernel’s programs cannot do without; must come from the same build as ld.so';

/**
 * What a bundle may take from the system it runs on, and why it is there. On Linux that is the content of glibc’s own package and nothing else: every other
 * library (libz, libcrypt, libgcc_s, libstdc++ …) is absent or of another version on some system that people run.
 */
export const SYSTEM_LIBRARIES: Readonly<Record<string, readonly SystemLibrary[]>> = {
  linux: [
    { name: 'libc.so.6', reason: GLIBC },
    { name: 'libm.so.6', reason: GLIBC },
    { name: 'libdl.so.2', reason: `${GLIBC}; empty since 2.34, kept for old files` },
    { name: 'libpthread.so.0', reason: `${GLIBC}; empty since 2.34, kept for old files` },
    { name: 'librt.so.1', reason: `${GLIBC}; empty since 2.34, kept for old files` },
    { name: 'libutil.so.1', reason: `${GLIBC}; empty since 2.34, kept for old files` },
    { name: 'libanl.so.1', reason: `${GLIBC}; empty since 2.34, kept for old files` },
    { name: 'libresolv.so.2', reason: `${GLIBC}; reads the system’s resolver configuration` },
    { name: 'libnss_*.so.2', reason: `${GLIBC}; loaded by libc as the system’s nsswitch.conf says` },
    { name: 'libnsl.so.1', reason: 'glibc’s NIS client, kept for old files since 2.26; manylinux policies allow it' },
    { name: 'libmvec.so.1', reason: 'glibc’s vector mathematics, part of its package since 2.22' },
    { name: 'libBrokenLocale.so.1', reason: GLIBC },
    { name: 'libthread_db.so.1', reason: 'glibc’s interface for debuggers, must fit its libc' },
    { name: 'libc_malloc_debug.so.0', reason: 'glibc’s malloc hooks, part of its package since 2.34' },
    { name: 'ld-linux*.so.*', reason: 'the dynamic loader, loaded before any library' },
    { name: 'ld64.so.*', reason: 'the dynamic loader of ppc64 and s390x' },
  ],
  'linux-musl': [
    { name: 'libc.musl-*.so.1', reason: 'musl, loader and library in one file' },
    { name: 'ld-musl-*.so.1', reason: 'musl, loader and library in one file' },
    { name: 'libc.so', reason: 'musl’s own SONAME' },
  ],
};

/** `linux-x86_64` → `linux`, `linux-aarch64-musl` → `linux-musl`. */
export function systemFamily(platform: string): string {
  const os = platform.split('-')[0]!;
  return platform.endsWith('-musl') ? `${os}-musl` : os;
}

export function isSystemLibrary(platform: string, soname: string): boolean {
  return (SYSTEM_LIBRARIES[systemFamily(platform)] ?? []).some(({ name }) => matchGlob(name, soname));
}

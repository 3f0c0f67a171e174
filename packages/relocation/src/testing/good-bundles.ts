import type { BundleEntry, BundleFacts } from '../bundle-facts';
import { elf, factsOf, file, installed, manifestOf, module, script, symlink } from './build-facts';

export const LOADER = '/lib64/ld-linux-x86-64.so.2';
const HOME = 'python/runtime';
const STDLIB = `${HOME}/lib/python3.11`;
const INTERPRETER = { name: '_Py_NoneStruct', defined: true, weak: false } as const;

/** Runtime as we package it from a pyenv-style shared build: patched to DT_RPATH, libraries carried in `lib/`. */
function packagedRuntime(): BundleEntry[] {
  return [
    elf(`${HOME}/bin/python3.11`, {
      interpreter: LOADER,
      needed: ['libpython3.11.so.1.0', 'libc.so.6'],
      rpath: '$ORIGIN/../lib:$ORIGIN/../../../lib',
      glibc: '2.34',
    }),
    symlink(`${HOME}/bin/python3`, 'python3.11'),
    elf(`${HOME}/lib/libpython3.11.so.1.0`, {
      soname: 'libpython3.11.so.1.0',
      needed: ['libm.so.6', 'libc.so.6'],
      buildId: 'aa11',
      glibc: '2.35',
      symbols: [INTERPRETER, { name: 'hypot', defined: false, weak: false, version: 'GLIBC_2.35', library: 'libm.so.6' }],
    }),
    file(`${HOME}/lib/python311.zip`, { content: 'zip', size: 22 }),
    ...module(`${STDLIB}/os.py`, '3.11', 3495),
    ...module(`${STDLIB}/encodings/__init__.py`, '3.11', 3495),
    script(`${STDLIB}/base64.py`, '#! /usr/bin/env python3\n'),
    script(`${STDLIB}/cgi.py`, '#! /usr/local/bin/python\n'),
    file(`${STDLIB}/_sysconfigdata__linux_x86_64-linux-gnu.py`, { text: 'import sys\nbuild_time_vars = {"prefix": sys.base_prefix}\n' }),
    elf(`${STDLIB}/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so`, {
      needed: ['libssl.so.3', 'libcrypto.so.3', 'libc.so.6'],
      rpath: '$ORIGIN/../../../../../lib',
      versionNeeds: [{ library: 'libssl.so.3', versions: ['OPENSSL_3.0.0'] }],
    }),
    elf(`${STDLIB}/lib-dynload/zlib.cpython-311-x86_64-linux-gnu.so`, { needed: ['libz.so.1', 'libc.so.6'] }),
    file(`${HOME}/lib/python3.11/site-packages/_waybill.pth`, { text: 'import _waybill_site\n' }),
    file(`${HOME}/lib/python3.11/site-packages/_waybill_site.py`),
    file(`${HOME}/include/python3.11/patchlevel.h`, { text: '#define PY_VERSION              "3.11.7"\n' }),
    elf('lib/libssl.so.3', {
      soname: 'libssl.so.3',
      needed: ['libcrypto.so.3', 'libc.so.6'],
      rpath: '$ORIGIN',
      versionDefinitions: ['OPENSSL_3.0.0'],
    }),
    elf('lib/libcrypto.so.3', { soname: 'libcrypto.so.3', needed: ['libc.so.6', 'ld-linux-x86-64.so.2'], versionDefinitions: ['OPENSSL_3.0.0'] }),
    elf('lib/libz.so.1.2.13', { soname: 'libz.so.1', needed: ['libc.so.6'] }),
    symlink('lib/libz.so.1', 'libz.so.1.2.13'),
    file('share/waybill/licences/openssl.txt'),
  ];
}

/** Wheels as pip leaves them: one pure, one repaired by auditwheel with its own libraries, one with a container’s home in it. */
function wheels(): BundleEntry[] {
  const site = 'python/vendor';
  return [
    ...installed(site, 'pure', [...module(`${site}/pure/__init__.py`, '3.11', 3495)]),
    ...installed(site, 'numeric', [
      elf(`${site}/numeric/_core.abi3.so`, { needed: ['libblas-1a2b.so.3', 'libc.so.6'], runpath: '$ORIGIN/../numeric.libs', glibc: '2.17' }),
      elf(`${site}/numeric.libs/libblas-1a2b.so.3`, { soname: 'libblas-1a2b.so.3', needed: ['libc.so.6'], rpath: '$ORIGIN' }),
      file(`${site}/numeric/data.gz`, { content: 'gzip' }),
      file(`${site}/numeric/t64.exe`, { content: 'pe' }),
    ]),
    ...installed(site, 'rusty', [
      elf(
        `${site}/rusty/_rusty.abi3.so`,
        { needed: ['libc.so.6'] },
        { leaks: [{ token: 'home', offset: 77, encoding: 'utf8', excerpt: '/root/.cargo/registry/src' }] },
      ),
    ]),
  ];
}

const MANIFEST_RUNTIME = { runtime: { version: '3.11.7', buildId: 'aa11', provider: 'interpreter', source: 'interpreter 3.11.7' } };

/** Our package of a program that embeds Python. */
export function embeddedApp(change: (entries: BundleEntry[]) => BundleEntry[] = (entries) => entries): BundleFacts {
  const entries = change([
    elf('pychat', { dynamic: false, type: 'executable' }),
    elf('bin/pychat-bin', {
      interpreter: LOADER,
      needed: ['libpython3.11.so.1.0', 'libgcc_s.so.1', 'libc.so.6'],
      rpath: '$ORIGIN/../python/runtime/lib:$ORIGIN/../lib',
      glibc: '2.34',
    }),
    elf('lib/libgcc_s.so.1', { soname: 'libgcc_s.so.1', needed: ['libc.so.6'], versionDefinitions: ['GCC_3.0', 'GCC_3.3'] }),
    file('share/waybill/launcher.conf', { text: 'program bin/pychat-bin\n' }),
    ...packagedRuntime(),
    ...wheels(),
  ]);
  return factsOf([
    ...entries,
    manifestOf(entries, { ...MANIFEST_RUNTIME, layout: { launcher: 'pychat', program: 'bin/pychat-bin', python: `${HOME}/bin/python3.11` } }),
  ]);
}

/** Our package of a Python program with a shell launcher; no manifest, so that plants need not mend it. */
export function pythonApp(change: (entries: BundleEntry[]) => BundleEntry[] = (entries) => entries): BundleFacts {
  return factsOf(
    change([script('studio', '#!/bin/sh\nexec "${0%/*}/python/runtime/bin/python3.11" -I -m studio "$@"\n'), ...packagedRuntime(), ...wheels()]),
  );
}

/** python-build-standalone, install_only, below a launcher: NEEDED with a path, static OpenSSL, terminfo that differs by case, a placeholder prefix. */
export function standaloneApp(): BundleFacts {
  const home = 'python/runtime';
  return factsOf([
    script('app', '#!/bin/sh\nexec "${0%/*}/python/runtime/bin/python3.9" "$@"\n'),
    elf(`${home}/bin/python3.9`, {
      interpreter: LOADER,
      needed: ['$ORIGIN/../lib/libpython3.9.so.1.0', 'libpthread.so.0', 'libcrypt.so.1', 'libc.so.6'],
      rpath: '$ORIGIN/../../../lib',
      glibc: '2.17',
    }),
    symlink(`${home}/bin/python3`, 'python3.9'),
    script(`${home}/bin/pip3`, '#!/bin/sh\n\'\'\'exec\' "$(dirname -- "$(realpath -- "$0")")/python3.9" "$0" "$@"\n\' \'\'\'\n'),
    elf(`${home}/lib/libpython3.9.so.1.0`, {
      soname: 'libpython3.9.so.1.0',
      needed: ['libcrypt.so.1', 'libm.so.6', 'libc.so.6'],
      rpath: '$ORIGIN/../../../lib',
      symbols: [INTERPRETER],
    }),
    symlink(`${home}/lib/libpython3.9.so`, 'libpython3.9.so.1.0'),
    elf(`${home}/lib/libpython3.so`, { soname: 'libpython3.so', needed: ['libpython3.9.so.1.0'], rpath: '$ORIGIN' }),
    elf('lib/libcrypt.so.1', { soname: 'libcrypt.so.1', needed: ['libc.so.6'], versionDefinitions: ['GLIBC_2.2.5'] }),
    ...module(`${home}/lib/python3.9/os.py`, '3.9', 3425),
    file(`${home}/lib/python3.9/_sysconfigdata__linux_x86_64-linux-gnu.py`, {
      text: "build_time_vars = {'prefix': '/install',\n 'LIBDIR': '/install/lib'}\n",
    }),
    file(`${home}/share/terminfo/E/Eterm`, { content: 'data' }),
    file(`${home}/share/terminfo/e/eterm`, { content: 'data' }),
    elf(`${home}/lib/python3.9/lib-dynload/_crypt.so`, { needed: ['libcrypt.so.1', 'libc.so.6'] }),
  ]);
}

/** Debian’s runtime from its packages: a static interpreter, libpython beside it, both packaged by us. */
export function debianApp(change: (entries: BundleEntry[]) => BundleEntry[] = (entries) => entries): BundleFacts {
  const home = 'python/runtime';
  return factsOf(
    change([
      script('app', '#!/bin/sh\nexec "${0%/*}/python/runtime/bin/python3.11" -I "$@"\n'),
      elf(`${home}/bin/python3.11`, {
        interpreter: LOADER,
        needed: ['libm.so.6', 'libz.so.1', 'libexpat.so.1', 'libc.so.6'],
        rpath: '$ORIGIN/../lib:$ORIGIN/../../../lib',
        glibc: '2.35',
        symbols: [INTERPRETER],
      }),
      elf(`${home}/lib/libpython3.11.so.1.0`, {
        soname: 'libpython3.11.so.1.0',
        needed: ['libz.so.1', 'libexpat.so.1', 'libm.so.6', 'libc.so.6'],
        rpath: '$ORIGIN/../../../lib',
        symbols: [INTERPRETER],
      }),
      symlink(`${home}/lib/libpython3.11.so.1`, 'libpython3.11.so.1.0'),
      elf('lib/libz.so.1', { soname: 'libz.so.1', needed: ['libc.so.6'] }),
      elf('lib/libexpat.so.1', { soname: 'libexpat.so.1', needed: ['libc.so.6'] }),
      elf('lib/libssl.so.3', { soname: 'libssl.so.3', needed: ['libc.so.6'] }),
      ...module(`${home}/lib/python3.11/os.py`, '3.11', 3495),
      elf(`${home}/lib/python3.11/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so`, { needed: ['libssl.so.3', 'libc.so.6'] }),
      file(`${home}/lib/python3.11/_sysconfigdata__x86_64-linux-gnu.py`, {
        text: "build_time_vars = {'prefix': '/usr',\n 'LIBDIR': '/usr/lib/x86_64-linux-gnu'}\n",
      }),
    ]),
  );
}

/** PyInstaller onedir: the program opens libpython at run time and puts `_internal` on LD_LIBRARY_PATH; code in an archive inside of it. */
export function frozenApp(): BundleFacts {
  const inside = '_internal';
  return factsOf([
    elf('server', { interpreter: LOADER, needed: ['libdl.so.2', 'libpthread.so.0', 'libc.so.6'] }),
    file(`${inside}/base_library.zip`, { content: 'zip' }),
    elf(`${inside}/libpython3.11.so.1.0`, { soname: 'libpython3.11.so.1.0', needed: ['libm.so.6', 'libc.so.6'], symbols: [INTERPRETER] }),
    elf(`${inside}/libssl.so.3`, { soname: 'libssl.so.3', needed: ['libcrypto.so.3', 'libc.so.6'] }),
    elf(`${inside}/libcrypto.so.3`, { soname: 'libcrypto.so.3', needed: ['libc.so.6'] }),
    elf(`${inside}/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so`, { needed: ['libssl.so.3', 'libcrypto.so.3', 'libc.so.6'] }),
    file(`${inside}/click-8.1.dist-info/METADATA`),
    file(`${inside}/click-8.1.dist-info/RECORD`, {
      text: 'click/__init__.py,sha256=AAAA,10\nclick-8.1.dist-info/METADATA,sha256=BBBB,10\nclick-8.1.dist-info/RECORD,,\n',
    }),
    file(`${inside}/pydantic-2.dist-info/RECORD`, { text: 'pydantic/__init__.py,sha256=AAAA,10\n' }),
  ]);
}

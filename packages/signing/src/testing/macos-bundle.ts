import { MANIFEST_PATH, MANIFEST_SCHEMA, renderManifest } from '@waybill/artifacts';
import {
  buildSignedMachO,
  DAY_MS,
  makeAppleCms,
  makeAuthorities,
  type Authorities,
  type MachORecipe,
  type SignatureRecipe,
} from '@waybill/binary/testing';
import { hashBytes, type ArchiveFormat } from '@waybill/core';
import { recordHash, renderRecordText } from '@waybill/distributions';
import { archiveFiles } from './archive-files';

export const MACOS_TOP = 'app-0.3.0-macos-aarch64';
export const MACOS_ARCHIVE = `${MACOS_TOP}.tar.gz`;
export const TEAM = 'TEAM123456';
const DEVELOPER_ID = '1.2.840.113635.100.6.1.13';
const VENDOR = 'python/vendor';
export const RUNTIME = 0x10000;
const EXECUTABLE = 2;
const [DYLIB, LOADABLE] = [6, 8];

/** People with a certificate “Developer ID Application”, which Apple has not heard of. */
export function developerId(recipe: Parameters<typeof makeAuthorities>[0] = {}): Authorities {
  const now = Date.now();
  const name = `Developer ID Application: Example Ltd (${TEAM})`;
  return makeAuthorities({
    ...{ commonName: name, organizationalUnit: TEAM, criticalExtension: DEVELOPER_ID, notBefore: now - 30 * DAY_MS, notAfter: now + 300 * DAY_MS },
    ...recipe,
  });
}

/** Signed as codesign does for Apple: hardened runtime, timestamp, chain, team. */
export function signedCode(people: Authorities, file: MachORecipe = {}, recipe: SignatureRecipe & { stampedAt?: number | null } = {}): Uint8Array {
  const { stampedAt = Date.now() - DAY_MS, ...rest } = recipe;
  const cms = (directories: readonly Uint8Array[]): Uint8Array => makeAppleCms(people, directories, { stampedAt });
  return buildSignedMachO({ fileType: EXECUTABLE, codeBytes: 2_000, ...file }, { team: TEAM, flags: RUNTIME, cms, ...rest }).bytes;
}

export type BundleFiles = Readonly<Record<string, Uint8Array>>;

/** Code of a bundle by path, with what it is built from. */
export const CODE: Readonly<Record<string, MachORecipe>> = {
  app: { fileType: EXECUTABLE, codeBytes: 3_000 },
  'bin/app-bin': { fileType: EXECUTABLE, codeBytes: 2_000 },
  'python/runtime/bin/python3.12': { fileType: EXECUTABLE, codeBytes: 2_500 },
  'python/runtime/lib/libpython3.12.dylib': { fileType: DYLIB, codeBytes: 4_000 },
  'python/runtime/noext': { fileType: DYLIB, codeBytes: 5_000 },
  [`${VENDOR}/fast/_fast.so`]: { fileType: LOADABLE, codeBytes: 1_000 },
};

/** A bundle for macOS whose code `make` makes; files that are no code, a RECORD and the manifest with it. */
export function macosBundle(make: (path: string, recipe: MachORecipe) => Uint8Array, more: BundleFiles = {}): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {
    ...Object.fromEntries(Object.entries(CODE).map(([path, recipe]) => [path, make(path, recipe)])),
    [`${VENDOR}/fast/__init__.py`]: Buffer.from('fast = 1\n'),
    [`${VENDOR}/fast/Java.class`]: Buffer.from('cafebabe00000034001d0a0006000f09', 'hex'),
    ...more,
  };
  const lines = ['fast/_fast.so', 'fast/__init__.py', 'fast/Java.class'].map((path) => {
    const bytes = files[`${VENDOR}/${path}`]!;
    return { path, hash: recordHash(hashBytes(bytes)), size: bytes.length };
  });
  const record = 'fast-1.0.dist-info/RECORD';
  files[`${VENDOR}/${record}`] = Buffer.from(renderRecordText([...lines, { path: record }]));
  files[MANIFEST_PATH] = Buffer.from(manifestOf(files));
  return files;
}

/** Signed throughout. */
export const signedBundle = (people: Authorities, more: BundleFiles = {}): Record<string, Uint8Array> =>
  macosBundle((_, recipe) => signedCode(people, recipe), more);
/** As Apple's linker leaves it for arm64: signed ad-hoc, by nobody. */
export const linkerSigned = (recipe: MachORecipe): Uint8Array => buildSignedMachO({ signatureBytes: 2_048, ...recipe }, { flags: 0x20002 }).bytes;
export const unsignedBundle = (more: BundleFiles = {}): Record<string, Uint8Array> => macosBundle((_, recipe) => linkerSigned(recipe), more);

export const modeOf = (path: string): number => (path === 'app' || /(^|\/)bin\/|\.app\/Contents\/MacOS\//.test(path) ? 0o755 : 0o644);

function manifestOf(files: BundleFiles): string {
  return renderManifest({
    schema: MANIFEST_SCHEMA,
    name: 'app',
    version: '0.3.0',
    platform: 'macos-aarch64',
    kind: 'embedded-app',
    layout: { launcher: 'app', program: 'bin/app-bin', python: 'python/runtime/bin/python3.12' },
    runtime: { version: '3.12.7', provider: 'archive', source: 'test' },
    launcher: { kind: 'native' },
    carried: [],
    pruned: [],
    entries: Object.entries(files).map(([path, bytes]) => ({
      path,
      type: 'file',
      mode: `0${modeOf(path).toString(8)}`,
      size: bytes.length,
      sha256: hashBytes(bytes),
    })),
  });
}

export const archiveMacos = (files: BundleFiles, format: ArchiveFormat = 'tar.gz', links: Readonly<Record<string, string>> = {}): Promise<Buffer> =>
  archiveFiles({ top: MACOS_TOP, files, links, format, modeOf });

export const infoPlistOf = (program: string, identifier: string): Buffer =>
  Buffer.from(
    `<?xml version="1.0"?><plist><dict><key>CFBundleExecutable</key><string>${program}</string><key>CFBundleIdentifier</key><string>${identifier}</string><key>CFBundlePackageType</key><string>APPL</string></dict></plist>`,
  );

/** An `.app` whose main program is sealed with its Info.plist and resources. */
export function appBundle(
  people: Authorities,
  name = 'App.app',
  infoPlist: Uint8Array = infoPlistOf('App', 'org.example.app'),
): Record<string, Uint8Array> {
  const library = signedCode(people, { fileType: DYLIB });
  const path = 'Resources/python/lib/libpython3.12.dylib';
  const seal = `<key>${path}</key><dict><key>hash2</key><data>${Buffer.from(hashBytes(library), 'hex').toString('base64')}</data></dict>`;
  const codeResources = Buffer.from(`<?xml version="1.0"?><plist><dict><key>files2</key><dict>${seal}</dict></dict></plist>`);
  const at = (inside: string): string => `${name}/Contents/${inside}`;
  return {
    [at('Info.plist')]: infoPlist,
    [at('_CodeSignature/CodeResources')]: codeResources,
    [at('MacOS/App')]: signedCode(people, {}, { infoPlist, codeResources, identifier: 'org.example.app' }),
    [at(path)]: library,
  };
}

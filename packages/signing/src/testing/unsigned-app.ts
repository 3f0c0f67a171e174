import { APP_MANIFEST_PATH, formatMode, MANIFEST_SCHEMA, renderManifest, type ManifestEntry } from '@waybill/artifacts';
import { hashBytes } from '@waybill/core';
import { recordHash, renderRecordText } from '@waybill/distributions';
import { infoPlistOf, linkerSigned, modeOf, type BundleFiles } from './macos-bundle';

export const APP = 'App.app';
export const CONTENTS = `${APP}/Contents`;
const FRAMEWORK = `${CONTENTS}/Frameworks/Python.framework/Versions/3.12`;
const VENDOR = `${CONTENTS}/Resources/python/vendor`;
const [EXECUTABLE, DYLIB, LOADABLE] = [2, 6, 8];

/** Code of the application by path, and the size of each, so that no two are the same. */
export const APP_CODE: Readonly<Record<string, { fileType: number; codeBytes: number }>> = {
  [`${CONTENTS}/MacOS/App`]: { fileType: EXECUTABLE, codeBytes: 3_100 },
  [`${CONTENTS}/MacOS/helper`]: { fileType: EXECUTABLE, codeBytes: 2_100 },
  [`${FRAMEWORK}/Python`]: { fileType: DYLIB, codeBytes: 4_100 },
  [`${FRAMEWORK}/bin/python3.12`]: { fileType: EXECUTABLE, codeBytes: 2_600 },
  [`${FRAMEWORK}/Resources/Python.app/Contents/MacOS/Python`]: { fileType: EXECUTABLE, codeBytes: 2_700 },
  [`${FRAMEWORK}/lib/python3.12/lib-dynload/_ssl.so`]: { fileType: LOADABLE, codeBytes: 1_100 },
  [`${VENDOR}/fast/_fast.so`]: { fileType: LOADABLE, codeBytes: 1_200 },
};

/** Links of the framework, by path. */
export const APP_LINKS: Readonly<Record<string, string>> = {
  [`${CONTENTS}/Frameworks/Python.framework/Versions/Current`]: '3.12',
  [`${CONTENTS}/Frameworks/Python.framework/Python`]: 'Versions/Current/Python',
  [`${CONTENTS}/Frameworks/Python.framework/Resources`]: 'Versions/Current/Resources',
  [`${CONTENTS}/Resources/python/runtime`]: '../../Frameworks/Python.framework/Versions/3.12',
};

/** An `.app` with a whole Python inside: the framework as python.org lays it out, wheels below Resources. Signed by the linker alone. */
export function unsignedApp(more: BundleFiles = {}): Record<string, Uint8Array> {
  const code = Object.fromEntries(Object.entries(APP_CODE).map(([path, recipe]) => [path, linkerSigned(recipe)]));
  const fast = code[`${VENDOR}/fast/_fast.so`]!;
  const record = 'fast-1.0.dist-info/RECORD';
  return {
    ...code,
    [`${CONTENTS}/Info.plist`]: infoPlistOf('App', 'org.example.app'),
    [`${CONTENTS}/PkgInfo`]: Buffer.from('APPL????'),
    [`${CONTENTS}/Resources/en.lproj/Main.strings`]: Buffer.from('"a" = "b";\n'),
    [`${FRAMEWORK}/Resources/Info.plist`]: infoPlistOf('Python', 'org.python.python'),
    [`${FRAMEWORK}/Resources/Python.app/Contents/Info.plist`]: infoPlistOf('Python', 'org.python.python.app'),
    [`${FRAMEWORK}/lib/python3.12/os.py`]: Buffer.from('name = "posix"\n'),
    [`${VENDOR}/fast/__init__.py`]: Buffer.from('fast = 1\n'),
    [`${VENDOR}/${record}`]: Buffer.from(
      renderRecordText([{ path: 'fast/_fast.so', hash: recordHash(hashBytes(fast)), size: fast.length }, { path: record }]),
    ),
    ...more,
  };
}

/** The same with a manifest of its own, as its maker writes it; the bundle lies at the top of the archive's one folder. `told`: other files than are there. */
export function appWithManifest(more: BundleFiles = {}, told: BundleFiles = {}): Record<string, Uint8Array> {
  const files = unsignedApp(more);
  const inside = (path: string): string => path.slice(APP.length + 1);
  const listed = Object.entries({ ...files, ...told }).map(([path, bytes]): ManifestEntry => ({
    ...{ path: inside(path), type: 'file', mode: formatMode(modeOf(path)), size: bytes.length, sha256: hashBytes(bytes) },
  }));
  const links = Object.entries(APP_LINKS).map(([path, target]): ManifestEntry => ({ path: inside(path), type: 'symlink', target }));
  const manifest = renderManifest({
    schema: MANIFEST_SCHEMA,
    name: 'app',
    version: '0.3.0',
    platform: 'macos-aarch64',
    kind: 'embedded-app',
    layout: { launcher: 'Contents/MacOS/App', python: inside(`${FRAMEWORK}/bin/python3.12`) },
    runtime: { version: '3.12.7', provider: 'archive', source: 'test' },
    launcher: { kind: 'none' },
    carried: [],
    pruned: [],
    entries: [...listed, ...links],
  });
  return { ...files, [`${APP}/${APP_MANIFEST_PATH}`]: Buffer.from(manifest) };
}

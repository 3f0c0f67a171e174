import { MANIFEST_PATH, MANIFEST_SCHEMA, renderManifest } from '@waybill/artifacts';
import { buildPe } from '@waybill/binary/testing';
import { hashBytes, type ArchiveFormat } from '@waybill/core';
import { recordHash, renderRecordText } from '@waybill/distributions';
import { archiveFiles } from './archive-files';

export const TOP = 'app-0.3.0-windows-x86_64';
export const VENDOR = 'python/vendor';

/** Path in the bundle → bytes. Executables of three depths, by different code, and files that are none. */
export function bundleFiles(more: Readonly<Record<string, Uint8Array>> = {}): Record<string, Uint8Array> {
  const code = (codeBytes: number, dll = true): Uint8Array => buildPe({ codeBytes, dll }).bytes;
  const vendored = {
    'fast/_fast.pyd': code(1_000),
    'fast/__init__.py': Buffer.from('fast = 1\n'),
    'fast/no-exe.exe': Buffer.from('MZ is no program\n'),
  };
  const files: Record<string, Uint8Array> = {
    'app.exe': code(3_000, false),
    'bin/app-bin.exe': code(2_000, false),
    'python/runtime/python312.dll': code(4_000),
    'python/runtime/noext': code(5_000),
    ...Object.fromEntries(Object.entries(vendored).map(([path, bytes]) => [`${VENDOR}/${path}`, bytes])),
    ...more,
  };
  const lines = Object.entries(vendored).map(([path, bytes]) => ({ path, hash: recordHash(hashBytes(bytes)), size: bytes.length }));
  const record = 'fast-1.0.dist-info/RECORD';
  files[`${VENDOR}/${record}`] = Buffer.from(renderRecordText([...lines, { path: record }]));
  files[MANIFEST_PATH] = Buffer.from(manifestOf(files));
  return files;
}

const modeOf = (path: string): number => (path.endsWith('.exe') ? 0o755 : 0o644);

function manifestOf(files: Readonly<Record<string, Uint8Array>>): string {
  return renderManifest({
    schema: MANIFEST_SCHEMA,
    name: 'app',
    version: '0.3.0',
    platform: 'windows-x86_64',
    kind: 'embedded-app',
    layout: { launcher: 'app.exe', program: 'bin/app-bin.exe', python: 'python/runtime/python.exe' },
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

/** The bundle as package-dist archives it. */
export const archiveBundle = (files: Readonly<Record<string, Uint8Array>>, format: ArchiveFormat = 'zip'): Promise<Buffer> =>
  archiveFiles({ top: TOP, files, format, modeOf });

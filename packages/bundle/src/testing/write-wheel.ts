import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeArchive, type ArchiveEntry } from '@waybill/core';
import { renderRecordText } from '@waybill/distributions';

export interface WheelSpec {
  name: string;
  version?: string;
  /** Default `py3-none-any`. */
  tag?: string;
  /** Path in the wheel → content; `{name}-{version}.data/…` as the format says. */
  files: Readonly<Record<string, string | Uint8Array>>;
  /** Text of entry_points.txt. */
  entryPoints?: string;
  /** Further lines of METADATA. */
  metadata?: string;
}

const sha256 = (data: string | Uint8Array, encoding: 'hex' | 'base64url'): string => createHash('sha256').update(data).digest(encoding);

/** Writes a wheel by hand (PEP 427: a zip with a RECORD) into a folder. Gives its file and its digest. */
export async function writeWheel(folder: string, spec: WheelSpec): Promise<{ file: string; name: string; sha256: string }> {
  const { name, version = '1.0', tag = 'py3-none-any' } = spec;
  const info = `${name}-${version}.dist-info`;
  const pure = tag.endsWith('-any');
  const files: Record<string, string | Uint8Array> = {
    ...spec.files,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n${spec.metadata ?? ''}`,
    [`${info}/WHEEL`]: `Wheel-Version: 1.0\nGenerator: waybill-tests\nRoot-Is-Purelib: ${String(pure)}\nTag: ${tag}\n`,
    ...(spec.entryPoints === undefined ? {} : { [`${info}/entry_points.txt`]: spec.entryPoints }),
  };
  const lines = Object.entries(files).map(([path, content]) => ({
    path,
    hash: `sha256=${sha256(content, 'base64url')}`,
    size: Buffer.byteLength(content),
  }));
  const record = renderRecordText([...lines, { path: `${info}/RECORD` }]);
  const entries = Object.entries({ ...files, [`${info}/RECORD`]: record }).map(([path, content]) => entryOf(path, content));
  const wheel = `${name}-${version}-${tag}.whl`;
  const output = join(folder, wheel);
  await mkdir(dirname(output), { recursive: true });
  const written = await writeArchive({ format: 'zip', entries, output, mtimeSeconds: 1_580_601_600 });
  return { file: output, name: wheel, sha256: written.sha256 };
}

function entryOf(path: string, content: string | Uint8Array): ArchiveEntry {
  const bytes = Buffer.from(content);
  async function* open(): AsyncGenerator<Uint8Array> {
    yield bytes;
  }
  return { kind: 'file', path, mode: /\.data\/scripts\//.test(path) ? 0o755 : 0o644, size: bytes.length, open };
}

import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeArchive, type ArchiveEntry } from '@waybill/core';
import { renderRecordText } from '@waybill/distributions';

export interface WheelSpec {
  name: string;
  version?: string;
  /** Default `py3-none-any`. */
  tag?: string;
  /** Path in the wheel → content. */
  files: Readonly<Record<string, string>>;
  /** Text of entry_points.txt. */
  entryPoints?: string;
  /** Further lines of METADATA. */
  metadata?: string;
}

/** Writes a wheel by hand (PEP 427) into a folder. Gives its file, its name and its digest. */
export async function writeWheel(folder: string, spec: WheelSpec): Promise<{ file: string; name: string; sha256: string }> {
  const { name, version = '1.0', tag = 'py3-none-any' } = spec;
  const info = `${name}-${version}.dist-info`;
  const files: Record<string, string> = {
    ...spec.files,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n${spec.metadata ?? ''}`,
    [`${info}/WHEEL`]: `Wheel-Version: 1.0\nGenerator: waybill-tests\nRoot-Is-Purelib: true\nTag: ${tag}\n`,
    ...(spec.entryPoints === undefined ? {} : { [`${info}/entry_points.txt`]: spec.entryPoints }),
  };
  const lines = Object.entries(files).map(([path, content]) => ({
    path,
    hash: `sha256=${createHash('sha256').update(content).digest('base64url')}`,
    size: Buffer.byteLength(content),
  }));
  const entries = Object.entries({ ...files, [`${info}/RECORD`]: renderRecordText([...lines, { path: `${info}/RECORD` }]) });
  const fileName = `${name}-${version}-${tag}.whl`;
  await mkdir(folder, { recursive: true });
  const output = join(folder, fileName);
  const written = await writeArchive({
    format: 'zip',
    entries: entries.map(([path, content]) => entryOf(path, content)),
    output,
    mtimeSeconds: 1_580_601_600,
  });
  return { file: output, name: fileName, sha256: written.sha256 };
}

function entryOf(path: string, content: string): ArchiveEntry {
  const bytes = Buffer.from(content);
  async function* open(): AsyncGenerator<Uint8Array> {
    yield bytes;
  }
  return { kind: 'file', path, mode: /\.data\/scripts\//.test(path) ? 0o755 : 0o644, size: bytes.length, open };
}

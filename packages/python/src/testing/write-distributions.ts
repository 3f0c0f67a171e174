import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeArchive, type ArchiveEntry } from '@waybill/core';
import { renderRecordText } from '@waybill/distributions';

export type Contents = Readonly<Record<string, string | Uint8Array>>;

export interface DistributionSpec {
  /** Members beside the metadata. */
  files: Contents;
  name?: string;
  version?: string;
  tag?: string;
  /** Replaces or adds members after RECORD was made; `undefined` removes one. */
  override?: Readonly<Record<string, string | Uint8Array | undefined>>;
  metadata?: string;
  /** Modes other than 644. */
  modes?: Readonly<Record<string, number>>;
}

const digest = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('base64url');

/** The members of a good wheel, in the order in which a careless backend would write them. */
export function wheelMembers(spec: DistributionSpec): Contents {
  const { name = 'demo', version = '1.0', tag = 'py3-none-any', files, override = {}, metadata = '' } = spec;
  const info = `${name}-${version}.dist-info`;
  const given: Record<string, string | Uint8Array> = {
    [`${info}/WHEEL`]: `Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: ${String(tag.endsWith('-any'))}\nTag: ${tag}\n`,
    ...files,
    [`${info}/METADATA`]: `Metadata-Version: 2.4\nName: ${name}\nVersion: ${version}\n${metadata}`,
  };
  const rows = Object.entries(given).map(([path, content]) => ({ path, hash: `sha256=${digest(content)}`, size: Buffer.byteLength(content) }));
  const members = { [`${info}/RECORD`]: renderRecordText([...rows, { path: `${info}/RECORD` }]), ...given, ...override };
  return Object.fromEntries(Object.entries(members).filter((entry): entry is [string, string | Uint8Array] => entry[1] !== undefined));
}

export async function writeWheelFile(output: string, spec: DistributionSpec): Promise<string> {
  return write('zip', output, wheelMembers(spec), spec.modes);
}

/** `files` are relative to the top folder. */
export async function writeSdistFile(
  output: string,
  { name = 'demo', version = '1.0', files, modes, metadata = '' }: DistributionSpec,
): Promise<string> {
  const members = { ...files, 'PKG-INFO': `Metadata-Version: 2.4\nName: ${name}\nVersion: ${version}\n${metadata}` };
  const top = `${name}-${version}`;
  return write('tar.gz', output, Object.fromEntries(Object.entries(members).map(([path, content]) => [`${top}/${path}`, content])), modes);
}

async function write(format: 'zip' | 'tar.gz', output: string, members: Contents, modes: DistributionSpec['modes'] = {}): Promise<string> {
  mkdirSync(dirname(output), { recursive: true });
  const entries = Object.entries(members).map(([path, content]): ArchiveEntry => {
    const bytes = Buffer.from(content as Uint8Array);
    const open = async function* (): AsyncGenerator<Uint8Array> {
      yield bytes;
    };
    return { kind: 'file', path, mode: modes[path] ?? 0o644, size: bytes.length, open };
  });
  await writeArchive({ format, entries, output, mtimeSeconds: 1_700_000_000 });
  return output;
}

import { readFileSync, writeFileSync } from 'node:fs';
import { bytesAsSource, readElf } from '@waybill/binary';

const DT_RPATH = 15;
const DT_RUNPATH = 29;
const PT_DYNAMIC = 2;
const ENTRY_BYTES = 16;

/**
 * Gives a 64-bit little-endian ELF file a search path without patchelf: overwrites the stored one, which must be as long, and turns RUNPATH
 * into RPATH; without a path the search path becomes `$ORIGIN` (or is emptied when even that does not fit). Other mentions of `prefix` are
 * overwritten by text of the same length. Stands in for what the packager does, in tests.
 */
export function makeRelative(file: string, searchPath: string | undefined, prefix: string, tag: 'rpath' | 'runpath' = 'rpath'): void {
  const bytes = readFileSync(file);
  const reading = readElf(bytesAsSource(bytes), { symbols: false });
  if (!reading.ok) return;
  const stored = reading.facts.rpath ?? reading.facts.runpath;
  if (stored !== undefined && stored !== '') {
    const path = searchPath ?? '$ORIGIN';
    if (path.length > stored.length) throw new Error(`no room for \`${path}\` in \`${stored}\` of ${file}`);
    replaceAll(bytes, `${stored}\0`, path + '\0'.repeat(stored.length - path.length + 1));
    const dynamic = reading.facts.segments.find(({ type }) => type === PT_DYNAMIC);
    if (dynamic) setTag(bytes, dynamic, tag === 'rpath' ? DT_RPATH : DT_RUNPATH);
  }
  const last = prefix.split('/').at(-1)!;
  const head = '/python/of/another/machine/that/is/not/here/at/all/'.repeat(4).slice(0, prefix.length - last.length - 1);
  if (prefix.split('/').length > 3) replaceAll(bytes, prefix, `${head}/${last}`);
  writeFileSync(file, bytes);
}

function setTag(bytes: Buffer, { offset, fileSize }: { offset: number; fileSize: number }, tag: number): void {
  for (let at = offset; at < offset + fileSize; at += ENTRY_BYTES) {
    const current = bytes.readBigInt64LE(at);
    if (current === BigInt(DT_RPATH) || current === BigInt(DT_RUNPATH)) bytes.writeBigInt64LE(BigInt(tag), at);
  }
}

function replaceAll(bytes: Buffer, from: string, to: string): void {
  for (let at = bytes.indexOf(from, 0, 'latin1'); at !== -1; at = bytes.indexOf(from, at + 1, 'latin1')) bytes.write(to, at, 'latin1');
}

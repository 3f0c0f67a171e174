import { closeSync, openSync, readSync } from 'node:fs';

/** Offsets of the ELF header's fields, by class. Little endian only: so are all platforms that bundles are made for. */
const HEADER = { 64: { table: 40, entrySize: 58, count: 60, names: 62 }, 32: { table: 32, entrySize: 46, count: 48, names: 50 } } as const;

function readAt(descriptor: number, offset: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  return buffer.subarray(0, readSync(descriptor, buffer, 0, length, offset));
}

const number = (buffer: Buffer, offset: number, wide: boolean): number =>
  wide ? Number(buffer.readBigUInt64LE(offset)) : buffer.readUInt32LE(offset);

function sectionNames(descriptor: number): string {
  const header = readAt(descriptor, 0, 64);
  const wide = header[4] === 2;
  const layout = HEADER[wide ? 64 : 32];
  const entrySize = header.readUInt16LE(layout.entrySize);
  const entry = readAt(descriptor, number(header, layout.table, wide) + entrySize * header.readUInt16LE(layout.names), entrySize);
  if (entry.length < entrySize || entrySize < 40) return '';
  const offset = number(entry, wide ? 24 : 16, wide);
  const size = Math.min(number(entry, wide ? 32 : 20, wide), 65_536);
  return readAt(descriptor, offset, size).toString('latin1');
}

/** Does an ELF file hold symbols or debug data that `strip` takes away. A damaged section table counts as none. */
export function hasDebugData(file: string): boolean {
  const descriptor = openSync(file, 'r');
  try {
    return /(^|\0)\.(symtab|debug_info|zdebug_info)\0/.test(sectionNames(descriptor));
  } finally {
    closeSync(descriptor);
  }
}

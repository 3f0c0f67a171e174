import { closeSync, openSync, readSync } from 'node:fs';

/** Offsets of the ELF header's fields, by class. Little endian only: so are all platforms that bundles are made for. */
const HEADER = { 64: { table: 40, entrySize: 58, count: 60, names: 62 }, 32: { table: 32, entrySize: 46, count: 48, names: 50 } } as const;

function readAt(descriptor: number, offset: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  return buffer.subarray(0, readSync(descriptor, buffer, 0, length, offset));
}

const number = (buffer: Buffer, offset: number, wide: boolean): number =>
  wide ? Number(buffer.readBigUInt64LE(offset)) : buffer.readUInt32LE(offset);

/** A piece of a file, in bytes. */
export interface FileRange {
  offset: number;
  size: number;
}

interface Section extends FileRange {
  name: string;
  type: number;
  flags: number;
}

const NOBITS = 8;
const EXECUTABLE = 4;
/** More sections than any linker writes: a damaged count must not cost memory. */
const MOST_SECTIONS = 4096;
const MOST_NAMES_BYTES = 65_536;

/** The section table; empty when there is none, or it is damaged. */
function readSections(descriptor: number): Section[] {
  const header = readAt(descriptor, 0, 64);
  if (header.length < 64 || header.readUInt32BE(0) !== 0x7f454c46) return [];
  const wide = header[4] === 2;
  const layout = HEADER[wide ? 64 : 32];
  const entrySize = header.readUInt16LE(layout.entrySize);
  const count = header.readUInt16LE(layout.count);
  if (entrySize < 40 || count > MOST_SECTIONS) return [];
  const table = readAt(descriptor, number(header, layout.table, wide), entrySize * count);
  if (table.length < entrySize * count) return [];
  const raw = Array.from({ length: count }, (_, index) => {
    const entry = table.subarray(index * entrySize, (index + 1) * entrySize);
    const [flags, offset, size] = [8, wide ? 24 : 16, wide ? 32 : 20].map((at) => number(entry, at, wide)) as [number, number, number];
    return { nameAt: entry.readUInt32LE(0), type: entry.readUInt32LE(4), flags, offset, size };
  });
  const strings = raw[header.readUInt16LE(layout.names)];
  const names = strings === undefined ? '' : readAt(descriptor, strings.offset, Math.min(strings.size, MOST_NAMES_BYTES)).toString('latin1');
  return raw.map(({ nameAt, ...section }) => ({ ...section, name: /^[^\0]*/.exec(names.slice(nameAt))?.[0] ?? '' }));
}

/** Does an ELF file hold symbols or debug data that `strip` takes away. A damaged section table counts as none. */
export function hasDebugData(file: string): boolean {
  const descriptor = openSync(file, 'r');
  try {
    return readSections(descriptor).some(({ name }) => /^\.(symtab|debug_info|zdebug_info)$/.test(name));
  } finally {
    closeSync(descriptor);
  }
}

/** Where the texts and names of an open ELF file are: everything but machine code and debug data. Without a section table the whole file. */
export function textRanges(descriptor: number, fileSize: number): FileRange[] {
  const sections = readSections(descriptor).filter(({ type, size }) => type !== NOBITS && size > 0);
  if (sections.length === 0 || sections.some(({ offset, size }) => offset + size > fileSize)) return [{ offset: 0, size: fileSize }];
  return sections.filter(({ name, flags }) => (flags & EXECUTABLE) === 0 && !/^\.z?debug_/.test(name));
}

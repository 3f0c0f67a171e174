import type { ByteSource } from '../byte-source';
import { FileBytes, View } from '../reading/file-bytes';
import { readingOf } from '../reading/refused';
import { readHeader, type ElfHeader } from './read-header';

/** One row of the section table. */
export interface ElfSection {
  name: string;
  /** SHT_ number; 8 (NOBITS) takes no bytes of the file. */
  type: number;
  /** SHF_ bits; 4: machine code. */
  flags: number;
  /** Bytes in the file. */
  offset: number;
  size: number;
}

/** More sections than any linker writes (objects with a section per function have more): a damaged count must not cost memory. */
const MOST_SECTIONS = 4096;
const MOST_NAMES_BYTES = 65_536;

/** The section table in its order; empty when there is none, or it is damaged: nothing that loads a file reads it. */
export function readElfSections(source: ByteSource): readonly ElfSection[] {
  const reading = readingOf(source, () => {
    const bytes = new FileBytes(source);
    return sectionsOf(bytes, readHeader(bytes));
  });
  return reading.ok ? reading.facts : [];
}

function sectionsOf(bytes: FileBytes, header: ElfHeader): ElfSection[] {
  const { offset, entrySize, count, namesIndex } = header.sectionHeaders;
  const wide = header.bits === 64;
  if (entrySize !== (wide ? 64 : 40) || count > MOST_SECTIONS) return [];
  const view = new View(bytes.read(offset, entrySize * count, 'the section table'), header);
  const rows = Array.from({ length: count }, (_, index) => index * entrySize).map((at) => ({
    nameAt: view.u32(at),
    type: view.u32(at + 4),
    flags: view.word(at + 8),
    offset: view.word(at + (wide ? 24 : 16)),
    size: view.word(at + (wide ? 32 : 20)),
  }));
  const strings = rows[namesIndex];
  const names =
    strings === undefined
      ? ''
      : Buffer.from(bytes.read(strings.offset, Math.min(strings.size, MOST_NAMES_BYTES), 'the names of sections')).toString('latin1');
  return rows.map(({ nameAt, ...section }) => ({ name: /^[^\0]*/.exec(names.slice(nameAt))?.[0] ?? '', ...section }));
}

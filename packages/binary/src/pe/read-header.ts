import type { PeSection } from '../pe-facts';
import { type FileBytes, View } from '../reading/file-bytes';
import { Refused } from '../reading/refused';
import { DIRECTORIES, OPTIONAL_MAGIC } from './pe-constants';
import { PE_LIMITS } from './pe-limits';

export interface PeHeader {
  bits: 32 | 64;
  machine: number;
  timestamp: number;
  characteristics: number;
  /** The optional header's fields by their place in it. */
  optional: View;
  optionalOffset: number;
  imageBase: number;
  directories: readonly { address: number; size: number }[];
  /** Of the first directory entry, in the file. */
  directoriesOffset: number;
  sections: readonly PeSection[];
}

const DOS_BYTES = 64;
const PE_OFFSET_AT = 0x3c;
const COFF_BYTES = 24;
const SECTION_BYTES = 40;
const LITTLE = { little: true } as const;

export function readHeader(bytes: FileBytes): PeHeader {
  const peOffset = readPeOffset(bytes);
  const coff = new View(bytes.read(peOffset, COFF_BYTES, 'the header'), { bits: 32, ...LITTLE });
  const optionalBytes = coff.u16(20);
  const optionalOffset = peOffset + COFF_BYTES;
  const raw = bytes.read(optionalOffset, optionalBytes, 'the optional header');
  const magic = optionalBytes < 2 ? 0 : new View(raw, { bits: 32, ...LITTLE }).u16(0);
  if (magic !== OPTIONAL_MAGIC.pe32 && magic !== OPTIONAL_MAGIC.pe32Plus) {
    throw new Refused('bad-class', `an optional header of kind 0x${magic.toString(16)}, expected 0x10b (32 bit) or 0x20b (64 bit)`, optionalOffset);
  }
  const bits = magic === OPTIONAL_MAGIC.pe32Plus ? 64 : 32;
  const optional = new View(raw, { bits, ...LITTLE });
  const directoriesAt = bits === 64 ? 112 : 96;
  if (optionalBytes < directoriesAt)
    throw new Refused('bad-header', `an optional header of ${optionalBytes} bytes, at least ${directoriesAt} are needed`, optionalOffset);
  return {
    bits,
    machine: coff.u16(4),
    timestamp: coff.u32(8),
    characteristics: coff.u16(22),
    optional,
    optionalOffset,
    imageBase: optional.word(bits === 64 ? 24 : 28),
    directories: readDirectories(optional, directoriesAt, optionalOffset),
    directoriesOffset: optionalOffset + directoriesAt,
    sections: readSections(bytes, optionalOffset + optionalBytes, coff.u16(6)),
  };
}

function readPeOffset(bytes: FileBytes): number {
  const dos = bytes.size < DOS_BYTES ? undefined : new View(bytes.read(0, DOS_BYTES, 'the DOS header'), { bits: 32, ...LITTLE });
  if (!dos || dos.u16(0) !== 0x5a4d)
    throw new Refused('not-pe', bytes.size === 0 ? 'the file is empty' : 'the file does not begin with a DOS header', 0);
  const offset = dos.u32(PE_OFFSET_AT);
  const magic = offset + 4 > bytes.size ? undefined : bytes.read(offset, 4, 'the magic number');
  if (!magic || magic[0] !== 0x50 || magic[1] !== 0x45 || magic[2] !== 0 || magic[3] !== 0) {
    throw new Refused('not-pe', 'the DOS header leads to no PE header', PE_OFFSET_AT);
  }
  return offset;
}

function readDirectories(optional: View, at: number, optionalOffset: number): { address: number; size: number }[] {
  const count = Math.min(optional.u32(at - 4), DIRECTORIES);
  if (at + count * 8 > optional.length) {
    throw new Refused('bad-header', `${count} directories in an optional header of ${optional.length} bytes`, optionalOffset + at - 4);
  }
  return Array.from({ length: count }, (_, index) => ({ address: optional.u32(at + index * 8), size: optional.u32(at + index * 8 + 4) }));
}

/** A section whose bytes end behind the file is a refusal: Windows does not load such a file. */
function readSections(bytes: FileBytes, offset: number, count: number): PeSection[] {
  if (count > PE_LIMITS.sections) throw new Refused('limit', `${count} sections, at most ${PE_LIMITS.sections} are read`, offset);
  const raw = bytes.read(offset, count * SECTION_BYTES, 'the section table');
  const view = new View(raw, { bits: 32, ...LITTLE });
  return Array.from({ length: count }, (_, index) => {
    const at = index * SECTION_BYTES;
    const end = raw.subarray(at, at + 8).indexOf(0);
    const section: PeSection = {
      name: Buffer.from(raw.subarray(at, at + (end < 0 ? 8 : end))).toString('utf8'),
      memorySize: view.u32(at + 8),
      address: view.u32(at + 12),
      fileSize: view.u32(at + 16),
      offset: view.u32(at + 20),
      characteristics: view.u32(at + 36),
    };
    if (section.fileSize > 0 && section.offset + section.fileSize > bytes.size) {
      throw new Refused(
        'truncated',
        `section \`${section.name}\` ends at ${section.offset + section.fileSize}, the file at ${bytes.size}`,
        bytes.size,
      );
    }
    return section;
  });
}

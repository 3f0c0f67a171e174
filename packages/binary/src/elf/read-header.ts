import type { ElfFacts } from '../elf-facts';
import { type FileBytes, type NumberFormat, View } from '../reading/file-bytes';
import { Refused } from '../reading/refused';

export interface ElfHeader extends NumberFormat {
  osAbi: number;
  type: ElfFacts['type'];
  machine: number;
  programHeaders: { offset: number; count: number };
  sectionHeaders: { offset: number; entrySize: number; count: number; namesIndex: number };
}

const TYPES: readonly ElfFacts['type'][] = ['other', 'relocatable', 'executable', 'shared', 'core'];
const IDENT_BYTES = 16;

export function readHeader(bytes: FileBytes): ElfHeader {
  const format = readIdent(bytes);
  const headerBytes = format.bits === 64 ? 64 : 52;
  const view = new View(bytes.read(0, headerBytes, 'the header'), format);
  if (view.u32(20) !== 1) throw new Refused('bad-version', `object version ${view.u32(20)}, expected 1`, 20);
  const at = format.bits === 64 ? { phoff: 32, shoff: 40, sizes: 52 } : { phoff: 28, shoff: 32, sizes: 40 };
  const count = view.u16(at.sizes + 4);
  const entrySize = view.u16(at.sizes + 2);
  const expected = format.bits === 64 ? 56 : 32;
  if (count > 0 && entrySize !== expected) {
    throw new Refused('bad-header', `program headers of ${entrySize} bytes, expected ${expected}`, at.sizes + 2);
  }
  return {
    ...format,
    osAbi: bytes.read(7, 1, 'the header')[0]!,
    type: TYPES[view.u16(16)] ?? 'other',
    machine: view.u16(18),
    programHeaders: { offset: view.word(at.phoff), count },
    sectionHeaders: {
      offset: view.word(at.shoff),
      entrySize: view.u16(at.sizes + 6),
      count: view.u16(at.sizes + 8),
      namesIndex: view.u16(at.sizes + 10),
    },
  };
}

function readIdent(bytes: FileBytes): NumberFormat {
  const magic = bytes.read(0, Math.min(4, bytes.size), 'the magic number');
  if (magic.length < 4 || magic[0] !== 0x7f || magic[1] !== 0x45 || magic[2] !== 0x4c || magic[3] !== 0x46) {
    throw new Refused('not-elf', bytes.size === 0 ? 'the file is empty' : 'the file does not begin with the ELF magic number', 0);
  }
  const ident = bytes.read(0, IDENT_BYTES, 'the identification');
  const [fileClass, data, version] = [ident[4]!, ident[5]!, ident[6]!];
  if (fileClass !== 1 && fileClass !== 2) throw new Refused('bad-class', `class ${fileClass}, expected 1 (32 bit) or 2 (64 bit)`, 4);
  if (data !== 1 && data !== 2) throw new Refused('bad-endianness', `data encoding ${data}, expected 1 (little) or 2 (big)`, 5);
  if (version !== 1) throw new Refused('bad-version', `identification version ${version}, expected 1`, 6);
  return { bits: fileClass === 2 ? 64 : 32, little: data === 1 };
}

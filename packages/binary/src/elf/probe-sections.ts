import type { ElfFacts } from '../elf-facts';
import { type FileBytes, View } from '../reading/file-bytes';
import { ELF_LIMITS } from './elf-limits';
import type { ElfHeader } from './read-header';

const SHT_NULL = 0;
const SHT_NOBITS = 8;
const SHN_XINDEX = 0xffff;

/** Whether strip and patchelf could walk the section table. Never a refusal: nothing that loads a file reads it. */
export function probeSections(bytes: FileBytes, header: ElfHeader): ElfFacts['sectionTable'] {
  const { offset, entrySize, count, namesIndex } = header.sectionHeaders;
  if (offset === 0) return count === 0 ? 'none' : 'broken';
  const expected = header.bits === 64 ? 64 : 40;
  if (entrySize !== expected || offset + expected > bytes.size) return 'broken';
  const first = new View(bytes.read(offset, expected, 'the section table'), header);
  // More than 65,279 sections: the true numbers stand in the first entry.
  const sections = count === 0 ? first.word(header.bits === 64 ? 32 : 20) : count;
  const names = namesIndex === SHN_XINDEX ? first.u32(header.bits === 64 ? 40 : 24) : namesIndex;
  if (sections === 0 || names >= sections || offset + sections * expected > bytes.size) return 'broken';
  const read = Math.min(sections, ELF_LIMITS.sections);
  const view = new View(bytes.read(offset, read * expected, 'the section table'), header);
  for (let at = 0; at < view.length; at += expected) if (!sectionFits(view, at, bytes.size)) return 'broken';
  return 'ok';
}

function sectionFits(view: View, at: number, fileSize: number): boolean {
  const type = view.u32(at + 4);
  if (type === SHT_NULL || type === SHT_NOBITS) return true;
  const wide = view.format.bits === 64;
  return view.word(at + (wide ? 24 : 16)) + view.word(at + (wide ? 32 : 20)) <= fileSize;
}

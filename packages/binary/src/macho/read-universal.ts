import type { ByteSource } from '../byte-source';
import type { MachOSlice } from '../macho-facts';
import { FileBytes, View } from '../reading/file-bytes';
import { Refused } from '../reading/refused';
import { MACHO_LIMITS } from './macho-limits';
import { SUBTYPE_MASK } from './read-header';
import { readSlice } from './read-slice';

interface Entry {
  cpuType: number;
  cpuSubtype: number;
  offset: number;
  size: number;
  /** Of the entry, in the file. */
  at: number;
}

const HEADER_BYTES = 8;

/** The table of architectures is big endian, whatever the slices are. */
export function readUniversal(source: ByteSource, bytes: FileBytes, bits: 32 | 64): MachOSlice[] {
  const format = { bits, little: false } as const;
  const count = new View(bytes.read(0, HEADER_BYTES, 'the universal header'), format).u32(4);
  if (count === 0) throw new Refused('bad-header', 'a universal file without architectures', 4);
  // Java classes begin with the same number, and their version stands where the count is.
  if (count > MACHO_LIMITS.slices) throw new Refused('not-mach-o', `${count} architectures: a Java class, or no Mach-O file`, 4);
  const entryBytes = bits === 64 ? 32 : 20;
  const view = new View(bytes.read(HEADER_BYTES, count * entryBytes, 'the table of architectures'), format);
  const entries = Array.from({ length: count }, (_, index) => readEntry(view, index * entryBytes));
  checkEntries(entries, HEADER_BYTES + count * entryBytes, source.size);
  return entries.map((entry) => {
    const slice = readSlice(new FileBytes(source, entry.offset, entry.size));
    // The kernel chooses by the table, dyld by the slice: where they differ, one of them runs something else.
    if (slice.cpuType !== entry.cpuType || slice.cpuSubtype !== entry.cpuSubtype) {
      throw new Refused(
        'bad-slice',
        `the table says cpu ${entry.cpuType}/${entry.cpuSubtype}, the slice ${slice.cpuType}/${slice.cpuSubtype}`,
        entry.at,
      );
    }
    return slice;
  });
}

function readEntry(view: View, at: number): Entry {
  const word = view.format.bits / 8;
  return {
    cpuType: view.u32(at),
    cpuSubtype: view.u32(at + 4) & SUBTYPE_MASK,
    offset: view.word(at + 8),
    size: view.word(at + 8 + word),
    at: HEADER_BYTES + at,
  };
}

/** Slices lie behind the table, inside the file, apart from each other, each for another architecture: of two, tools take different ones. */
function checkEntries(entries: readonly Entry[], tableEnd: number, fileSize: number): void {
  const seen = new Set<string>();
  for (const entry of entries) {
    const name = `${entry.cpuType}/${entry.cpuSubtype}`;
    if (seen.has(name)) throw new Refused('bad-slice', `two slices for cpu ${name}`, entry.at);
    seen.add(name);
    if (entry.offset < tableEnd) throw new Refused('bad-slice', `a slice begins at ${entry.offset}, inside the table`, entry.at);
    if (entry.offset + entry.size > fileSize) {
      throw new Refused('truncated', `a slice ends at ${entry.offset + entry.size}, the file at ${fileSize}`, fileSize);
    }
  }
  const sorted = [...entries].sort((a, b) => a.offset - b.offset);
  sorted.forEach((entry, index) => {
    const previous = sorted[index - 1];
    if (previous && previous.offset + previous.size > entry.offset) {
      throw new Refused('bad-slice', `a slice begins at ${entry.offset}, inside the one before it`, entry.at);
    }
  });
}

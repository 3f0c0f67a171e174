import type { ByteSource } from '../byte-source';
import type { MachOFacts, MachOReading } from '../macho-facts';
import { FileBytes, View } from '../reading/file-bytes';
import { readingOf } from '../reading/refused';
import { MAGIC } from './macho-constants';
import { readSlice } from './read-slice';
import { readUniversal } from './read-universal';

/**
 * Bytes to facts, of thin and universal files. Never throws and always ends, whatever the bytes: what cannot be right is a refusal with reason and offset.
 * Reads headers and load commands alone, so the size of a file does not matter. (A source whose `read` throws is the one way out: that is its error.)
 */
export function readMachO(source: ByteSource): MachOReading {
  return readingOf(source, () => readFacts(source));
}

function readFacts(source: ByteSource): MachOFacts {
  const bytes = new FileBytes(source);
  const magic = source.size < 4 ? 0 : new View(bytes.read(0, 4, 'the magic number'), { bits: 32, little: false }).u32(0);
  if (magic === MAGIC.universal32 || magic === MAGIC.universal64) {
    return { kind: 'universal', slices: readUniversal(source, bytes, magic === MAGIC.universal64 ? 64 : 32) };
  }
  return { kind: 'thin', slices: [readSlice(bytes)] };
}

import type { ByteSource } from '../byte-source';
import type { ElfReading } from '../elf-facts';

export interface ReadElfOptions {
  /** Read the dynamic symbol table too (default true). */
  symbols?: boolean;
}

/** Bytes to facts. Never throws and always ends, whatever the bytes: what cannot be right is a refusal with reason and offset. */
export function readElf(_source: ByteSource, _options: ReadElfOptions = {}): ElfReading {
  throw new Error('not yet');
}

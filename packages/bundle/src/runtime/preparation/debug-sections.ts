import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { readElfSections, type ByteSource } from '@waybill/binary';

/** A piece of a file, in bytes. */
export interface FileRange {
  offset: number;
  size: number;
}

const NOBITS = 8;
const EXECUTABLE = 4;

/** Three reads of a file of any size, so nothing is kept of them. */
const sourceOf = (descriptor: number, size = fstatSync(descriptor).size): ByteSource => ({
  size,
  read(offset, length) {
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, readSync(descriptor, buffer, 0, length, offset));
  },
});

/** Does an ELF file hold symbols or debug data that `strip` takes away. A damaged section table counts as none. */
export function hasDebugData(file: string): boolean {
  const descriptor = openSync(file, 'r');
  try {
    return readElfSections(sourceOf(descriptor)).some(({ name }) => /^\.(symtab|debug_info|zdebug_info)$/.test(name));
  } finally {
    closeSync(descriptor);
  }
}

/** Where the texts and names of an open ELF file are: everything but machine code and debug data. Without a section table the whole file. */
export function textRanges(descriptor: number, fileSize: number): FileRange[] {
  const sections = readElfSections(sourceOf(descriptor, fileSize)).filter(({ type, size }) => type !== NOBITS && size > 0);
  if (sections.length === 0 || sections.some(({ offset, size }) => offset + size > fileSize)) return [{ offset: 0, size: fileSize }];
  return sections.filter(({ name, flags }) => (flags & EXECUTABLE) === 0 && !/^\.z?debug_/.test(name));
}

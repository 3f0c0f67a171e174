export type BinaryKind = 'elf' | 'mach-o' | 'pe';

/** Thin files in both widths and byte orders, and universal ones. */
const MACH_O_MAGICS: ReadonlySet<number> = new Set([0xfeedface, 0xcefaedfe, 0xfeedfacf, 0xcffaedfe]);
const MACH_O_UNIVERSAL: ReadonlySet<number> = new Set([0xcafebabe, 0xcafebabf]);

/**
 * Java classes begin with the same number as universal Mach-O files; there a version of 45 or more stands where the number of architectures is (file(1) draws the line at 43 too).
 */
const MOST_ARCHITECTURES = 42;

const PE_OFFSET_AT = 0x3c;
/** Behind it nobody puts the PE header; linkers use 0x80 to 0x200. */
const HIGHEST_PE_OFFSET = 0x10000;

/**
 * What native format the first bytes of a file are of. 1,024 bytes suffice for the PE headers that linkers write; a DOS program
 * whose header lies behind `head` counts as PE, since only a PE file has that field.
 */
export function sniffBinary(head: Uint8Array): BinaryKind | undefined {
  if (head.length < 4) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const magic = view.getUint32(0, false);
  if (magic === 0x7f454c46) return 'elf';
  if (MACH_O_MAGICS.has(magic)) return 'mach-o';
  if (MACH_O_UNIVERSAL.has(magic) && head.length >= 8) return isUniversal(view.getUint32(4, false)) ? 'mach-o' : undefined;
  if (magic >>> 16 === 0x4d5a && isPe(view)) return 'pe';
  return undefined;
}

function isUniversal(architectures: number): boolean {
  return architectures >= 1 && architectures <= MOST_ARCHITECTURES;
}

function isPe(view: DataView): boolean {
  if (view.byteLength < PE_OFFSET_AT + 4) return false;
  const offset = view.getUint32(PE_OFFSET_AT, true);
  if (offset < PE_OFFSET_AT + 4 || offset > HIGHEST_PE_OFFSET) return false;
  return offset + 4 > view.byteLength || view.getUint32(offset, false) === 0x50450000;
}

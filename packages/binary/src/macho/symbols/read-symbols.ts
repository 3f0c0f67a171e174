import type { Reading } from '../../binary-refusal';
import type { ByteSource } from '../../byte-source';
import type { MachOSlice, MachOSymbol } from '../../macho-facts';
import { FileBytes, View } from '../../reading/file-bytes';
import { readingOf, Refused } from '../../reading/refused';
import { MACHO_LIMITS } from '../macho-limits';

/** `mach-o/nlist.h`. */
const N = { stab: 0xe0, external: 0x01, type: 0x0e, undefined: 0x00, weakReference: 0x40, weakDefinition: 0x80 } as const;

/**
 * External symbols of one slice of `source`, in the order of its table; none when it has no table. Like `readMachO` it never throws: a table or a name
 * outside of the slice is a refusal.
 */
export function readMachOSymbols(source: ByteSource, slice: MachOSlice): Reading<readonly MachOSymbol[]> {
  return readingOf(source, () => readAll(new FileBytes(source, slice.offset, slice.size), slice));
}

function readAll(bytes: FileBytes, { symbolTable, bits, endianness, offset: start }: MachOSlice): readonly MachOSymbol[] {
  if (symbolTable === undefined || symbolTable.count === 0) return [];
  const { offset, count, stringsOffset, stringsSize } = symbolTable;
  if (count > MACHO_LIMITS.symbols) throw new Refused('limit', `${count} symbols, at most ${MACHO_LIMITS.symbols} are read`, start + offset);
  if (stringsSize > MACHO_LIMITS.symbolNameBytes) {
    throw new Refused('limit', `${stringsSize} bytes of symbol names, at most ${MACHO_LIMITS.symbolNameBytes} are read`, start + stringsOffset);
  }
  const entryBytes = bits === 64 ? 16 : 12;
  const table = new View(bytes.read(offset, count * entryBytes, 'the symbol table'), { bits, little: endianness === 'little' });
  const names = bytes.read(stringsOffset, stringsSize, 'the names of symbols');
  const symbols: MachOSymbol[] = [];
  for (let at = 0; at < table.length; at += entryBytes) {
    const kind = table.u16(at + 4);
    // `n_type` is the first of two bytes, whatever the byte order
    const type = endianness === 'little' ? kind & 0xff : kind >>> 8;
    if ((type & N.stab) !== 0 || (type & N.external) === 0) continue;
    const defined = (type & N.type) !== N.undefined;
    const weak = (table.u16(at + 6) & (defined ? N.weakDefinition : N.weakReference)) !== 0;
    symbols.push({ name: nameAt(names, table.u32(at), start + stringsOffset), defined, weak });
  }
  return symbols;
}

function nameAt(names: Uint8Array, at: number, start: number): string {
  const end = names.indexOf(0, at);
  if (at >= names.length || end < 0)
    throw new Refused('bad-string', `the name of a symbol begins at ${at} of ${names.length} bytes, and has no end`, start);
  const name = Buffer.from(names.buffer, names.byteOffset + at, end - at).toString('utf8');
  return name.startsWith('_') ? name.slice(1) : name;
}

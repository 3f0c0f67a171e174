import { ByteWriter } from './byte-writer';

export interface PeRecipe {
  bits?: 32 | 64;
  machine?: number;
  dll?: boolean;
  subsystem?: number;
  dllCharacteristics?: number;
  imports?: readonly ImportRecipe[];
  delayImports?: readonly ImportRecipe[];
  /** Delay imports by addresses with the image base, as Visual C++ 6 wrote them. */
  oldDelayImports?: boolean;
  exports?: readonly string[];
  /** Numbers of resource types; named ones count extra. */
  resourceTypes?: readonly number[];
  namedResources?: number;
  codeBytes?: number;
  overlay?: Uint8Array;
  /** Content of each certificate, of type 2 unless it says otherwise. */
  certificates?: readonly (Uint8Array | { type: number; bytes: Uint8Array })[];
  /** Behind the certificate table. */
  behind?: Uint8Array;
  /** Number of data directories. */
  directories?: number;
}

export interface ImportRecipe {
  library: string;
  /** Names or ordinals. */
  symbols: readonly (string | number)[];
}

/** Where things came to lie, for tests that damage them. Offsets in the file. */
export interface BuiltPe {
  bytes: Uint8Array;
  at: {
    optional: number;
    directories: number;
    sections: number;
    data: number;
    imports: number;
    delayImports: number;
    exports: number;
    resources: number;
    table: number;
  };
}

const PE_OFFSET = 0x80;
const HEADER_BYTES = 0x400;
const CODE_ADDRESS = 0x1000;
const DATA_ADDRESS = 0x100000;
const IMAGE_BASE = 0x400000;
const ALIGN = 0x200;
/** Of an import by ordinal. */
const MARK = 0x80000000;
const roundUp = (value: number, step: number): number => Math.ceil(value / step) * step;

type Format = { bits: 32 | 64; little: true };

/** A small, valid PE file: `.text` with code, `.rdata` with imports, exports and resources. */
export function buildPe(recipe: PeRecipe = {}): BuiltPe {
  const format: Format = { bits: recipe.bits ?? 64, little: true };
  const codeBytes = roundUp(recipe.codeBytes ?? 3_000, ALIGN);
  const dataOffset = HEADER_BYTES + codeBytes;
  const data = buildData(recipe, format);
  const dataBytes = roundUp(data.bytes.length, ALIGN);
  const overlay = recipe.overlay ?? new Uint8Array();
  const tableOffset = roundUp(dataOffset + dataBytes + overlay.length, 8);
  const table = certificateTable(recipe);
  const optional = PE_OFFSET + 24;
  const directories = optional + (format.bits === 64 ? 112 : 96);
  const entries: Record<number, readonly [number, number]> = {
    0: recipe.exports ? [data.at.exports, 40] : [0, 0],
    1: recipe.imports ? [data.at.imports, 40] : [0, 0],
    2: recipe.resourceTypes ? [data.at.resources, 16] : [0, 0],
    4: table.length > 0 ? [tableOffset, table.length] : [0, 0],
    13: recipe.delayImports ? [data.at.delayImports, 64] : [0, 0],
  };
  const header = writeHeader(recipe, format, entries, { codeBytes, dataOffset, dataBytes, dataMemory: data.bytes.length });
  const end = table.length > 0 ? tableOffset + table.length : dataOffset + dataBytes + overlay.length;
  const bytes = new Uint8Array(end + (recipe.behind?.length ?? 0));
  bytes.set(header.bytes);
  for (let at = HEADER_BYTES; at < dataOffset; at += 1) bytes[at] = (at * 11) % 251;
  bytes.set(data.bytes, dataOffset);
  bytes.set(overlay, dataOffset + dataBytes);
  if (table.length > 0) bytes.set(table, tableOffset);
  bytes.set(recipe.behind ?? [], end);
  const inFile = (address: number): number => address - DATA_ADDRESS + dataOffset;
  return {
    bytes,
    at: {
      optional,
      directories,
      sections: header.sections,
      data: dataOffset,
      imports: inFile(data.at.imports),
      delayImports: inFile(data.at.delayImports),
      exports: inFile(data.at.exports),
      resources: inFile(data.at.resources),
      table: tableOffset,
    },
  };
}

interface Sizes {
  codeBytes: number;
  dataOffset: number;
  dataBytes: number;
  dataMemory: number;
}

function writeHeader(
  recipe: PeRecipe,
  format: Format,
  entries: Record<number, readonly [number, number]>,
  sizes: Sizes,
): { bytes: Uint8Array; sections: number } {
  const count = recipe.directories ?? 16;
  const wide = format.bits === 64;
  const writer = new ByteWriter(format).raw(Buffer.from('MZ')).pad(0x3c).u32(PE_OFFSET).pad(PE_OFFSET);
  writer
    .raw(Buffer.from('PE\0\0'))
    .u16(recipe.machine ?? (wide ? 0x8664 : 0x14c), 2)
    .u32(0x5e0be100, 0, 0)
    .u16((wide ? 112 : 96) + count * 8, recipe.dll === false ? 0x22 : 0x2022);
  writer.u16(wide ? 0x20b : 0x10b, 14).u32(sizes.codeBytes, sizes.dataBytes, 0, CODE_ADDRESS + 16, CODE_ADDRESS, ...(wide ? [] : [DATA_ADDRESS]));
  writer
    .word(IMAGE_BASE)
    .u32(0x1000, ALIGN)
    .u16(6, 0, 0, 0, 6, 1)
    .u32(0, DATA_ADDRESS + 0x10000, HEADER_BYTES, 0x12345678);
  writer
    .u16(recipe.subsystem ?? 3, recipe.dllCharacteristics ?? 0x160)
    .word(0x100000, 0x1000, 0x100000, 0x1000)
    .u32(0, count);
  for (let index = 0; index < count; index += 1) writer.u32(...(entries[index] ?? [0, 0]));
  const sections = writer.length;
  const section = (name: string, ...[memory, address, size, offset]: number[]): void =>
    void writer.raw(Buffer.from(name.padEnd(8, '\0'))).u32(memory!, address!, size!, offset!, 0, 0, 0, 0x60000020);
  section('.text', sizes.codeBytes, CODE_ADDRESS, sizes.codeBytes, HEADER_BYTES);
  section('.rdata', sizes.dataMemory, DATA_ADDRESS, sizes.dataBytes, sizes.dataOffset);
  return { bytes: writer.bytes(), sections };
}

interface Data {
  bytes: Uint8Array;
  /** Addresses. */
  at: { imports: number; delayImports: number; exports: number; resources: number };
}

function buildData(recipe: PeRecipe, format: Format): Data {
  const writer = new ByteWriter(format);
  const here = (): number => DATA_ADDRESS + writer.length;
  const text = (value: string): number => {
    const at = here();
    writer.raw(Buffer.from(`${value}\0`));
    return at;
  };
  const lookup = (symbols: ImportRecipe['symbols'], base: number): number => {
    const entries = symbols.map((symbol) => {
      if (typeof symbol === 'number') return { low: symbol, ordinal: true };
      const low = here();
      writer.u16(7).raw(Buffer.from(`${symbol}\0`));
      return { low, ordinal: false };
    });
    writer.pad(8);
    const at = here();
    for (const { low, ordinal } of entries) writer.u32(...(format.bits === 64 ? [low, ordinal ? MARK : 0] : [ordinal ? low + MARK : low]));
    writer.word(0);
    return at + base;
  };
  const imports = (recipe.imports ?? []).map(({ library, symbols }) => [lookup(symbols, 0), text(library)] as const);
  const base = recipe.oldDelayImports ? IMAGE_BASE : 0;
  const delays = (recipe.delayImports ?? []).map(({ library, symbols }) => [lookup(symbols, base), text(library) + base] as const);
  const names = (recipe.exports ?? []).map(text);
  const libraryName = text('demo.dll');
  writer.pad(8);
  const at = { imports: here(), delayImports: 0, exports: 0, resources: 0 };
  for (const [table, name] of imports) writer.u32(table, 0, 0, name, table);
  writer.u32(0, 0, 0, 0, 0);
  at.delayImports = here();
  for (const [table, name] of delays) writer.u32(recipe.oldDelayImports ? 0 : 1, name, 0, table, table, 0, 0, 0);
  writer.u32(0, 0, 0, 0, 0, 0, 0, 0);
  const [functions, namePointers] = [here(), here() + names.length * 4];
  writer.u32(...names.map(() => CODE_ADDRESS), ...names);
  at.exports = here();
  writer.u32(0, 0, 0, libraryName, 1, names.length, names.length, functions, namePointers, 0);
  at.resources = here();
  const [named, types] = [recipe.namedResources ?? 0, recipe.resourceTypes ?? []];
  writer.u32(0, 0, 0).u16(named, types.length);
  for (let index = 0; index < named; index += 1) writer.u32(0x80000000, 0x80000000);
  for (const type of types) writer.u32(type, 0x80000000);
  return { bytes: writer.bytes(), at };
}

function certificateTable({ certificates = [] }: PeRecipe): Uint8Array {
  const writer = new ByteWriter({ bits: 32, little: true });
  for (const certificate of certificates) {
    const { type, bytes } = certificate instanceof Uint8Array ? { type: 2, bytes: certificate } : certificate;
    writer
      .u32(8 + bytes.length)
      .u16(0x200, type)
      .raw(bytes)
      .pad(8);
  }
  return writer.bytes();
}

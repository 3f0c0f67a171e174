/** What a made-up native file says of itself. */
export interface NativeRecipe {
  needed?: readonly string[];
  soname?: string;
  rpath?: string;
  runpath?: string;
  interpreter?: string;
  /** ELF machine number; 62 is x86-64, 183 aarch64. */
  machine?: number;
  /** Bytes behind the file, where compilers put strings. */
  text?: string;
}

const HEADER = 64;
const PROGRAM_HEADER = 56;
const TAGS = { needed: 1, strtab: 5, strsz: 10, soname: 14, rpath: 15, runpath: 29 } as const;

function programHeader(type: number, offset: number, size: number): Buffer {
  const header = Buffer.alloc(PROGRAM_HEADER);
  header.writeUInt32LE(type, 0);
  header.writeUInt32LE(5, 4);
  for (const at of [8, 16, 24]) header.writeBigUInt64LE(BigInt(offset), at);
  for (const at of [32, 40]) header.writeBigUInt64LE(BigInt(size), at);
  header.writeBigUInt64LE(1n, 48);
  return header;
}

function stringTable(): { add(text: string): number; bytes(): Buffer } {
  let all = '\0';
  return {
    add: (text) => {
      const at = all.length;
      all += `${text}\0`;
      return at;
    },
    bytes: () => Buffer.from(all, 'latin1'),
  };
}

/** A small ELF shared object (64 bit, little endian) whose dynamic section can be read; nothing in it can run. */
export function buildNative(recipe: NativeRecipe = {}): Buffer {
  const strings = stringTable();
  const entries: [number, number][] = [
    ...(recipe.needed ?? []).map((name): [number, number] => [TAGS.needed, strings.add(name)]),
    ...(['soname', 'rpath', 'runpath'] as const).flatMap((key): [number, number][] => (recipe[key] ? [[TAGS[key], strings.add(recipe[key])]] : [])),
  ];
  const table = strings.bytes();
  const loader = Buffer.from(recipe.interpreter ? `${recipe.interpreter}\0` : '', 'latin1');
  const count = recipe.interpreter ? 3 : 2;
  const tableAt = HEADER + count * PROGRAM_HEADER;
  const loaderAt = tableAt + table.length;
  const dynamicAt = Math.ceil((loaderAt + loader.length) / 8) * 8;
  const dynamic = Buffer.alloc((entries.length + 3) * 16);
  [...entries, [TAGS.strtab, tableAt], [TAGS.strsz, table.length], [0, 0]].forEach(([tag = 0, value = 0], index) => {
    dynamic.writeBigUInt64LE(BigInt(tag), index * 16);
    dynamic.writeBigUInt64LE(BigInt(value), index * 16 + 8);
  });
  const text = Buffer.from(recipe.text ?? '', 'latin1');
  const file = Buffer.alloc(dynamicAt + dynamic.length + text.length);
  file.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  file.writeUInt16LE(3, 16);
  file.writeUInt16LE(recipe.machine ?? 62, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(HEADER), 32);
  file.writeUInt16LE(HEADER, 52);
  file.writeUInt16LE(PROGRAM_HEADER, 54);
  file.writeUInt16LE(count, 56);
  const headers = [
    programHeader(1, 0, file.length),
    programHeader(2, dynamicAt, dynamic.length),
    ...(recipe.interpreter ? [programHeader(3, loaderAt, loader.length)] : []),
  ];
  headers.forEach((header, index) => header.copy(file, HEADER + index * PROGRAM_HEADER));
  table.copy(file, tableAt);
  loader.copy(file, loaderAt);
  dynamic.copy(file, dynamicAt);
  text.copy(file, dynamicAt + dynamic.length);
  return file;
}

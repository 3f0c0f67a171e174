import { ByteWriter } from './byte-writer';

export interface ElfRecipe {
  bits?: 32 | 64;
  little?: boolean;
  machine?: number;
  type?: number;
  interpreter?: string;
  /** Left out: no PT_DYNAMIC. */
  dynamic?: boolean;
  needed?: readonly string[];
  soname?: string;
  rpath?: string;
  runpath?: string;
  /** Further dynamic entries. */
  tags?: readonly (readonly [number, number])[];
  versionNeeds?: readonly { library: string; versions: readonly string[]; weak?: readonly string[] }[];
  versionDefinitions?: readonly string[];
  symbols?: readonly { name: string; defined?: boolean; weak?: boolean; version?: string }[];
  hash?: 'gnu' | 'gnu-empty' | 'sysv' | 'none';
  /** PT_GNU_STACK's flags; null: no such header. */
  stackFlags?: number | null;
  buildId?: string;
  isaBits?: number;
  sections?: boolean;
}

/** Where things came to lie, for tests that damage them. */
export interface BuiltElf {
  bytes: Uint8Array;
  at: Record<
    'programHeaders' | 'dynamic' | 'strings' | 'symbols' | 'hash' | 'versym' | 'verneed' | 'verdef' | 'notes' | 'interpreter' | 'sections',
    number
  >;
  /** Offset of the program header of a type. */
  headerOf(type: number): number;
}

const BASE_ADDRESS = 0x400000;

class Strings {
  private readonly bytes: number[] = [0];
  private readonly known = new Map<string, number>([['', 0]]);

  add(text: string): number {
    const found = this.known.get(text);
    if (found !== undefined) return found;
    const offset = this.bytes.length;
    for (const byte of Buffer.from(`${text}\0`, 'utf8')) this.bytes.push(byte);
    this.known.set(text, offset);
    return offset;
  }

  all(): readonly number[] {
    return this.bytes;
  }
}

/** A small, valid ELF file in one PT_LOAD segment, with everything that the recipe names. */
export function buildElf(recipe: ElfRecipe = {}): BuiltElf {
  const format = { bits: recipe.bits ?? 64, little: recipe.little ?? true } as const;
  const wide = format.bits === 64;
  const headerBytes = wide ? 64 : 52;
  const entryBytes = wide ? 56 : 32;
  const strings = new Strings();
  const dynamic = recipe.dynamic ?? true;
  const notes = noteBytes(recipe, format);
  const stack = recipe.stackFlags === undefined ? 6 : recipe.stackFlags;
  const types = [
    1,
    ...(recipe.interpreter === undefined ? [] : [3]),
    ...(dynamic ? [2] : []),
    ...(notes.length > 0 ? [4] : []),
    ...(stack === null ? [] : [0x6474e551]),
  ];

  const body = new ByteWriter(format);
  const start = headerBytes + types.length * entryBytes;
  const at = {
    programHeaders: headerBytes,
    dynamic: 0,
    strings: 0,
    symbols: 0,
    hash: 0,
    versym: 0,
    verneed: 0,
    verdef: 0,
    notes: 0,
    interpreter: 0,
    sections: 0,
  };
  const sizes: Record<string, number> = {};
  const place = (name: keyof typeof at, content: Uint8Array): void => {
    while ((start + body.length) % 8 !== 0) body.raw([0]);
    at[name] = start + body.length;
    sizes[name] = content.length;
    body.raw(content);
  };

  if (recipe.interpreter !== undefined) place('interpreter', Buffer.from(`${recipe.interpreter}\0`));
  if (notes.length > 0) place('notes', notes);
  const versions = numberVersions(recipe);
  if (dynamic) {
    place('symbols', symbolBytes(recipe, format, strings));
    place('hash', hashBytes(recipe, format));
    place('versym', versymBytes(recipe, format, versions));
    place('verneed', verneedBytes(recipe, format, strings, versions));
    place('verdef', verdefBytes(recipe, format, strings, versions));
    const entries = dynamicEntries(recipe, strings, at);
    place('strings', Uint8Array.from(strings.all()));
    const finished = entries.map(([tag, value]) => [tag, tag === 5 ? BASE_ADDRESS + at.strings : tag === 10 ? sizes['strings']! : value] as const);
    place('dynamic', finished.reduce((writer, [tag, value]) => writer.word(tag, value), new ByteWriter(format)).bytes());
  }
  const loaded = start + body.length;
  if (recipe.sections !== false) place('sections', sectionBytes(format));

  const headers = new ByteWriter(format);
  for (const type of types) {
    const name = type === 3 ? 'interpreter' : type === 2 ? 'dynamic' : 'notes';
    const range = type === 1 ? [0, loaded] : type === 0x6474e551 ? [0, 0] : [at[name], sizes[name]!];
    const flags = type === 0x6474e551 ? stack! : type === 1 ? 5 : 4;
    writeProgramHeader(headers, format, type, flags, range[0]!, range[1]!, type === 1 ? 0x1000 : 4);
  }
  const bytes = new ByteWriter(format)
    .raw(elfHeader(recipe, format, { programHeaders: types.length, sections: at.sections }))
    .raw(headers.bytes())
    .raw(body.bytes())
    .bytes();
  return { bytes, at, headerOf: (type) => headerBytes + types.indexOf(type) * entryBytes };
}

type Format = { bits: 32 | 64; little: boolean };

function elfHeader(recipe: ElfRecipe, format: Format, at: { programHeaders: number; sections: number }): Uint8Array {
  const wide = format.bits === 64;
  return new ByteWriter(format)
    .raw([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, format.little ? 1 : 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    .u16(recipe.type ?? 3, recipe.machine ?? 62)
    .u32(1)
    .word(0, wide ? 64 : 52, at.sections)
    .u32(0)
    .u16(wide ? 64 : 52, wide ? 56 : 32, at.programHeaders, wide ? 64 : 40, at.sections === 0 ? 0 : 2, at.sections === 0 ? 0 : 1)
    .bytes();
}

function writeProgramHeader(writer: ByteWriter, format: Format, type: number, flags: number, offset: number, size: number, align: number): void {
  const address = size === 0 ? 0 : BASE_ADDRESS + offset;
  if (format.bits === 64) writer.u32(type, flags).word(offset, address, address, size, size, align);
  else writer.u32(type, offset, address, address, size, size, flags, align);
}

function sectionBytes(format: Format): Uint8Array {
  const writer = new ByteWriter(format).raw(new Uint8Array(format.bits === 64 ? 64 : 40));
  return writer.u32(0, 3).word(0, 0, 0, 8).u32(0, 0).word(1, 0).bytes();
}

interface Numbered {
  byName: Map<string, number>;
}

function numberVersions(recipe: ElfRecipe): Numbered {
  const byName = new Map<string, number>();
  for (const name of recipe.versionDefinitions ?? []) byName.set(name, byName.size + 2);
  for (const need of recipe.versionNeeds ?? []) for (const name of need.versions) byName.set(name, byName.size + 2);
  return { byName };
}

function symbolBytes(recipe: ElfRecipe, format: Format, strings: Strings): Uint8Array {
  const writer = new ByteWriter(format).raw(new Uint8Array(format.bits === 64 ? 24 : 16));
  for (const symbol of recipe.symbols ?? []) {
    const info = symbol.weak ? 0x22 : 0x12;
    const section = symbol.defined ? 1 : 0;
    if (format.bits === 64) writer.u32(strings.add(symbol.name)).raw([info, 0]).u16(section).word(0, 0);
    else writer.u32(strings.add(symbol.name), 0, 0).raw([info, 0]).u16(section);
  }
  return writer.bytes();
}

function hashBytes(recipe: ElfRecipe, format: Format): Uint8Array {
  const count = (recipe.symbols ?? []).length + 1;
  const writer = new ByteWriter(format);
  const kind = recipe.hash ?? 'gnu';
  if (kind === 'sysv') return writer.u32(1, count, count > 1 ? 1 : 0, ...new Array<number>(count).fill(0)).bytes();
  if (kind === 'gnu-empty') return writer.u32(1, 1, 1, 0).word(0).u32(0).bytes();
  if (kind === 'none' || count === 1) return writer.u32(1, 1, 1, 0).word(0).u32(0).bytes();
  writer.u32(1, 1, 1, 0).word(0).u32(1);
  for (let index = 1; index < count; index += 1) writer.u32(index === count - 1 ? 1 : 0);
  return writer.bytes();
}

function versymBytes(recipe: ElfRecipe, format: Format, { byName }: Numbered): Uint8Array {
  const writer = new ByteWriter(format).u16(0);
  for (const symbol of recipe.symbols ?? []) writer.u16(symbol.version === undefined ? 1 : (byName.get(symbol.version) ?? 0x7ffe));
  return writer.bytes();
}

function verneedBytes(recipe: ElfRecipe, format: Format, strings: Strings, { byName }: Numbered): Uint8Array {
  const writer = new ByteWriter(format);
  const needs = recipe.versionNeeds ?? [];
  needs.forEach((need, position) => {
    const last = position === needs.length - 1;
    writer.u16(1, need.versions.length).u32(strings.add(need.library), 16, last ? 0 : 16 + 16 * need.versions.length);
    need.versions.forEach((version, index) => {
      const weak = need.weak?.includes(version) ? 2 : 0;
      writer
        .u32(0)
        .u16(weak, byName.get(version)!)
        .u32(strings.add(version), index === need.versions.length - 1 ? 0 : 16);
    });
  });
  return writer.bytes();
}

function verdefBytes(recipe: ElfRecipe, format: Format, strings: Strings, { byName }: Numbered): Uint8Array {
  const names = recipe.versionDefinitions ?? [];
  if (names.length === 0) return new Uint8Array();
  const writer = new ByteWriter(format);
  const all = [recipe.soname ?? 'base', ...names];
  all.forEach((name, index) => {
    const base = index === 0;
    writer.u16(1, base ? 1 : 0, base ? 1 : byName.get(name)!, 1).u32(0, 20, index === all.length - 1 ? 0 : 28);
    writer.u32(strings.add(name), 0);
  });
  return writer.bytes();
}

function dynamicEntries(recipe: ElfRecipe, strings: Strings, at: BuiltElf['at']): (readonly [number, number])[] {
  const entries: (readonly [number, number])[] = (recipe.needed ?? []).map((name) => [1, strings.add(name)] as const);
  if (recipe.soname !== undefined) entries.push([14, strings.add(recipe.soname)]);
  if (recipe.rpath !== undefined) entries.push([15, strings.add(recipe.rpath)]);
  if (recipe.runpath !== undefined) entries.push([29, strings.add(recipe.runpath)]);
  const hash = recipe.hash ?? 'gnu';
  if (hash !== 'none') entries.push([hash === 'sysv' ? 4 : 0x6ffffef5, BASE_ADDRESS + at.hash]);
  entries.push([5, 0], [6, BASE_ADDRESS + at.symbols], [10, 0]);
  if (recipe.versionNeeds?.length) entries.push([0x6ffffffe, BASE_ADDRESS + at.verneed], [0x6fffffff, recipe.versionNeeds.length]);
  if (recipe.versionDefinitions?.length) entries.push([0x6ffffffc, BASE_ADDRESS + at.verdef], [0x6ffffffd, recipe.versionDefinitions.length + 1]);
  entries.push([0x6ffffff0, BASE_ADDRESS + at.versym], ...(recipe.tags ?? []), [0, 0]);
  return entries;
}

function noteBytes(recipe: ElfRecipe, format: Format): Uint8Array {
  const writer = new ByteWriter(format);
  const gnu = [0x47, 0x4e, 0x55, 0];
  if (recipe.buildId !== undefined) {
    const id = Buffer.from(recipe.buildId, 'hex');
    writer.u32(4, id.length, 3).raw(gnu).raw(id).pad(4);
  }
  if (recipe.isaBits !== undefined) writer.u32(4, 16, 5).raw(gnu).u32(0xc0008002, 4, recipe.isaBits, 0);
  return writer.bytes();
}

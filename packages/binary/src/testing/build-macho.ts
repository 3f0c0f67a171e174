import { ByteWriter } from './byte-writer';

export interface MachORecipe {
  bits?: 32 | 64;
  little?: boolean;
  cpuType?: number;
  cpuSubtype?: number;
  fileType?: number;
  id?: string;
  libraries?: readonly { name: string; command?: number; version?: number; compatibility?: number; useFlags?: number }[];
  rpaths?: readonly string[];
  dylinker?: string;
  /** LC_BUILD_VERSION: platform, lowest version and SDK, packed. */
  targets?: readonly (readonly [number, number, number])[];
  /** LC_VERSION_MIN_*: command, version and SDK. */
  minimum?: readonly [number, number, number];
  uuid?: string;
  entry?: number;
  encryption?: readonly [number, number, number];
  environment?: readonly string[];
  /** Becomes section `__info_plist`. */
  infoPlist?: Uint8Array;
  /** Further load commands, as words behind the number. */
  commands?: readonly (readonly number[])[];
  /** LC_SYMTAB with these, in `__LINKEDIT`: name as stored, `n_type`, `n_desc`. */
  symbols?: readonly (readonly [name: string, type: number, description?: number])[];
  /** Bytes of code behind the load commands. */
  codeBytes?: number;
  /** Bytes kept for a signature at the end; 0 or left out: no LC_CODE_SIGNATURE. */
  signatureBytes?: number;
}

/** Where things came to lie, for tests that damage them. */
export interface BuiltMachO {
  bytes: Uint8Array;
  /** Offset of the first load command of a number. */
  commandAt(command: number): number;
  signatureAt: number;
}

const HEADER_ALIGN = 16;

/** A small, valid Mach-O file: `__TEXT` with one or two sections, `__LINKEDIT` with the signature. */
export function buildMachO(recipe: MachORecipe = {}): BuiltMachO {
  const format = { bits: recipe.bits ?? 64, little: recipe.little ?? true } as const;
  const headerBytes = format.bits === 64 ? 32 : 28;
  // Sizes of commands do not depend on the offsets in them: a first round measures.
  const measured = commandsOf(recipe, format, { code: 0, linkEdit: 0, signature: 0, end: 0 });
  const commandBytes = measured.reduce((sum, command) => sum + command.length, 0);
  const plistBytes = recipe.infoPlist?.length ?? 0;
  const code = roundUp(headerBytes + commandBytes, HEADER_ALIGN);
  const linkEdit = roundUp(code + (recipe.codeBytes ?? 9_000) + plistBytes, HEADER_ALIGN);
  const symbols = symbolTableOf(recipe, format);
  const signature = roundUp(linkEdit + 64 + symbols.length, HEADER_ALIGN);
  const end = signature + (recipe.signatureBytes ?? 0);
  const commands = commandsOf(recipe, format, { code, linkEdit, signature, end });
  const writer = new ByteWriter(format)
    .u32(format.bits === 64 ? 0xfeedfacf : 0xfeedface, recipe.cpuType ?? 0x0100000c, recipe.cpuSubtype ?? 0, recipe.fileType ?? 6)
    .u32(commands.length, commandBytes, 0x85, ...(format.bits === 64 ? [0] : []));
  const starts = new Map<number, number>();
  for (const command of commands) {
    const number = new DataView(command.buffer).getUint32(0, format.little);
    if (!starts.has(number)) starts.set(number, writer.length);
    writer.raw(command);
  }
  const bytes = new Uint8Array(end);
  bytes.set(writer.bytes());
  for (let at = code; at < linkEdit; at += 1) bytes[at] = (at * 7) % 251;
  bytes.set(symbols, linkEdit);
  if (recipe.infoPlist) bytes.set(recipe.infoPlist, linkEdit - roundUp(plistBytes, HEADER_ALIGN));
  return {
    bytes,
    signatureAt: signature,
    commandAt: (command) => starts.get(command) ?? Number.NaN,
  };
}

type Format = { bits: 32 | 64; little: boolean };
interface Places {
  code: number;
  linkEdit: number;
  signature: number;
  end: number;
}

const entryBytes = ({ bits }: Format): number => (bits === 64 ? 16 : 12);

/** Entries (`nlist`), and behind them their names. */
function symbolTableOf({ symbols = [] }: MachORecipe, format: Format): Uint8Array {
  const names = new ByteWriter(format).raw([0]);
  const table = new ByteWriter(format);
  for (const [name, type, description = 0] of symbols) {
    table.u32(names.length).raw([type, 0]).u16(description).word(0);
    names.raw(Buffer.from(`${name}\0`));
  }
  return symbols.length === 0 ? new Uint8Array() : table.raw(names.bytes()).bytes();
}

const roundUp = (value: number, step: number): number => Math.ceil(value / step) * step;

function commandsOf(recipe: MachORecipe, format: Format, at: Places): Uint8Array[] {
  const plist = recipe.infoPlist;
  const sections: SectionRecipe[] = [{ name: '__text', segment: '__TEXT', offset: at.code, size: at.linkEdit - at.code }];
  if (plist)
    sections.push({ name: '__info_plist', segment: '__TEXT', offset: at.linkEdit - roundUp(plist.length, HEADER_ALIGN), size: plist.length });
  const raw = (...words: readonly number[]): Uint8Array => command(format, words[0]!, (writer) => writer.u32(...words.slice(1)));
  const path = (number: number, text: string): Uint8Array => command(format, number, (writer) => writer.u32(12).raw(Buffer.from(`${text}\0`)));
  return [
    segment(format, '__TEXT', 0, at.linkEdit, sections),
    segment(format, '__LINKEDIT', at.linkEdit, at.end - at.linkEdit, []),
    ...(recipe.id === undefined ? [] : [library(format, { name: recipe.id, command: 0xd })]),
    ...(recipe.libraries ?? []).map((entry) => library(format, entry)),
    ...(recipe.dylinker === undefined ? [] : [path(0xe, recipe.dylinker)]),
    ...(recipe.rpaths ?? []).map((text) => path(0x8000001c, text)),
    ...(recipe.environment ?? []).map((text) => path(0x27, text)),
    ...(recipe.targets ?? []).map((target) => raw(0x32, ...target, 0)),
    ...(recipe.minimum ? [raw(...recipe.minimum)] : []),
    ...(recipe.uuid === undefined ? [] : [command(format, 0x1b, (writer) => writer.raw(Buffer.from(recipe.uuid!, 'hex')))]),
    ...(recipe.entry === undefined ? [] : [command(format, 0x80000028, (writer) => writer.number(recipe.entry!, 8).number(0, 8))]),
    ...(recipe.encryption ? [raw(format.bits === 64 ? 0x2c : 0x21, ...recipe.encryption, ...(format.bits === 64 ? [0] : []))] : []),
    ...(recipe.symbols ? [raw(0x2, ...symbolPlaces(recipe.symbols, format, at.linkEdit))] : []),
    ...(recipe.commands ?? []).map((words) => raw(...words)),
    ...(recipe.signatureBytes ? [raw(0x1d, at.signature, at.end - at.signature)] : []),
  ];
}

function symbolPlaces(symbols: NonNullable<MachORecipe['symbols']>, format: Format, start: number): [number, number, number, number] {
  const names = start + symbols.length * entryBytes(format);
  return [start, symbols.length, names, symbols.reduce((sum, [name]) => sum + Buffer.byteLength(name) + 1, 1)];
}

/** Number, size, body, padded to the width of the file. */
function command(format: Format, number: number, body: (writer: ByteWriter) => ByteWriter): Uint8Array {
  const content = body(new ByteWriter(format))
    .pad(format.bits / 8)
    .bytes();
  return new ByteWriter(format)
    .u32(number, roundUp(8 + content.length, format.bits / 8))
    .raw(content)
    .pad(format.bits / 8)
    .bytes();
}

function library(format: Format, entry: NonNullable<MachORecipe['libraries']>[number]): Uint8Array {
  const { name, command: number = 0xc, version = 0x10203, compatibility = 0x10000, useFlags } = entry;
  const used = useFlags !== undefined;
  return command(format, number, (writer) =>
    writer.u32(used ? 28 : 24, used ? 0x1a741800 : 2, version, compatibility, ...(used ? [useFlags] : [])).raw(Buffer.from(`${name}\0`)),
  );
}

interface SectionRecipe {
  name: string;
  segment: string;
  offset: number;
  size: number;
}

const BASE_ADDRESS = 0x10000;

function segment(format: Format, name: string, offset: number, size: number, sections: readonly SectionRecipe[]): Uint8Array {
  return command(format, format.bits === 64 ? 0x19 : 0x1, (writer) => {
    writer
      .raw(fixed(name))
      .word(BASE_ADDRESS + offset, roundUp(size, 0x1000), offset, size)
      .u32(5, 5, sections.length, 0);
    for (const section of sections) {
      writer
        .raw(fixed(section.name))
        .raw(fixed(section.segment))
        .word(BASE_ADDRESS + section.offset, section.size)
        .u32(section.offset, 2, 0, 0, 0, 0, 0, ...(format.bits === 64 ? [0] : []));
    }
    return writer;
  });
}

function fixed(name: string): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes.set(Buffer.from(name).subarray(0, 16));
  return bytes;
}

/** A universal file of the given ones. */
export function buildUniversal(slices: readonly { bytes: Uint8Array; cpuType: number; cpuSubtype?: number }[], bits: 32 | 64 = 32): Uint8Array {
  const writer = new ByteWriter({ bits, little: false }).u32(bits === 64 ? 0xcafebabf : 0xcafebabe, slices.length);
  const align = 12;
  let at = 2 ** align;
  const offsets = slices.map(({ bytes, cpuType, cpuSubtype = 0 }) => {
    const offset = at;
    writer.u32(cpuType, cpuSubtype).word(offset, bytes.length).u32(align);
    if (bits === 64) writer.u32(0);
    at = roundUp(offset + bytes.length, 2 ** align);
    return offset;
  });
  const last = slices.length - 1;
  const file = new Uint8Array(slices.length === 0 ? writer.length : offsets[last]! + slices[last]!.bytes.length);
  file.set(writer.bytes());
  slices.forEach(({ bytes }, index) => file.set(bytes, offsets[index]));
  return file;
}

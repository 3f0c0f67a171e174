import type { ByteSource } from '../byte-source';
import type { ElfFacts, ElfReading } from '../elf-facts';
import { FileBytes } from '../reading/file-bytes';
import { architectureOf, DF_TEXTREL, DT, FLAG_NAMES, NO_EXECUTABLE_STACK_BY_DEFAULT, PT, SEGMENT_EXECUTABLE } from './elf-constants';
import { ELF_LIMITS } from './elf-limits';
import { Refused, readingOf } from '../reading/refused';
import { type Dynamic, readDynamic } from './read-dynamic';
import { type ElfHeader, readHeader } from './read-header';
import { readNotes } from './read-notes';
import { AddressMap, readSegments, type Segment } from './read-segments';
import { probeSections } from './probe-sections';
import { readSymbols } from './read-symbols';
import { readVersions } from './read-versions';
import { StringTable } from './string-table';

export interface ReadElfOptions {
  /** Read the dynamic symbol table too (default true). */
  symbols?: boolean;
}

/**
 * Bytes to facts. Never throws and always ends, whatever the bytes: what cannot be right is a refusal with reason and offset. Reads what ld.so reads, through the program headers, and nothing of
 * code or data, so the size of a file does not matter. (A source whose `read` throws is the one way out: that is its error.)
 */
export function readElf(source: ByteSource, options: ReadElfOptions = {}): ElfReading {
  return readingOf(source, () => readFacts(new FileBytes(source), options.symbols ?? true));
}

function readFacts(bytes: FileBytes, wantSymbols: boolean): ElfFacts {
  const header = readHeader(bytes);
  const loadable = header.type === 'executable' || header.type === 'shared';
  const segments = loadable ? readSegments(bytes, header) : [];
  const map = new AddressMap(segments);
  const dynamic = readDynamic(bytes, header, segments, map);
  const interpreter = readInterpreter(bytes, segments);
  return {
    bits: header.bits,
    endianness: header.little ? 'little' : 'big',
    architecture: architectureOf(header.machine),
    machine: header.machine,
    osAbi: header.osAbi,
    type: header.type,
    ...(interpreter === undefined ? {} : { interpreter }),
    dynamic: dynamic !== undefined,
    ...readLinkage(bytes, header, dynamic, map, wantSymbols),
    sectionTable: probeSections(bytes, header),
    executableStack: hasExecutableStack(header, segments),
    ...readNotes(bytes, header, segments),
    segments,
  };
}

type Linkage = Pick<
  ElfFacts,
  'needed' | 'soname' | 'rpath' | 'runpath' | 'flags' | 'textRelocations' | 'versionNeeds' | 'versionDefinitions' | 'symbols'
>;

function readLinkage(bytes: FileBytes, header: ElfHeader, dynamic: Dynamic | undefined, map: AddressMap, wantSymbols: boolean): Linkage {
  if (!dynamic) return { needed: [], flags: [], textRelocations: false, versionNeeds: [], versionDefinitions: [], symbols: [] };
  const strings = new StringTable(bytes, dynamic, map);
  const tables = { bytes, header, dynamic, map, strings };
  const text = (tag: number, what: string): string | undefined => {
    const offset = dynamic.values.get(tag);
    return offset === undefined ? undefined : strings.text(offset, what);
  };
  const [soname, rpath, runpath] = [text(DT.soname, 'DT_SONAME'), text(DT.rpath, 'DT_RPATH'), text(DT.runpath, 'DT_RUNPATH')];
  const versions = readVersions(tables);
  return {
    needed: dynamic.neededOffsets.map((offset) => strings.text(offset, 'DT_NEEDED')),
    ...(soname === undefined ? {} : { soname }),
    ...(rpath === undefined ? {} : { rpath }),
    ...(runpath === undefined ? {} : { runpath }),
    flags: flagNames(dynamic),
    textRelocations: dynamic.values.has(DT.textrel) || hasBit(dynamic.values.get(DT.flags), DF_TEXTREL),
    versionNeeds: versions.needs,
    versionDefinitions: versions.definitions,
    symbols: wantSymbols ? readSymbols(tables, versions) : [],
  };
}

function flagNames(dynamic: Dynamic): string[] {
  const names = FLAG_NAMES.filter(({ tag, bit }) => hasBit(dynamic.values.get(tag), bit)).map(({ name }) => name);
  return [...new Set(names)];
}

function hasBit(value: number | undefined, bit: number): boolean {
  return value !== undefined && ((value % 2 ** 32) & bit) !== 0;
}

/** The path as the kernel takes it: from the file offset, ended by NUL. */
function readInterpreter(bytes: FileBytes, segments: readonly Segment[]): string | undefined {
  const segment = segments.find(({ type }) => type === PT.interpreter);
  if (!segment || segment.fileSize === 0) return undefined;
  if (segment.fileSize > ELF_LIMITS.interpreterBytes) {
    throw new Refused('limit', `an interpreter path of ${segment.fileSize} bytes, at most ${ELF_LIMITS.interpreterBytes} load`, segment.offset);
  }
  const raw = bytes.read(segment.offset, segment.fileSize, 'the interpreter path');
  const end = raw.indexOf(0);
  if (end < 0) throw new Refused('bad-string', 'the interpreter path has no end', segment.offset);
  return Buffer.from(raw.buffer, raw.byteOffset, end).toString('utf8');
}

function hasExecutableStack(header: ElfHeader, segments: readonly Segment[]): boolean {
  const stack = segments.find(({ type }) => type === PT.gnuStack);
  if (stack) return (stack.flags & SEGMENT_EXECUTABLE) !== 0;
  return segments.length > 0 && !NO_EXECUTABLE_STACK_BY_DEFAULT.has(header.machine);
}

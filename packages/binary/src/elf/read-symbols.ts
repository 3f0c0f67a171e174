import type { ElfFacts } from '../elf-facts';
import { View } from '../reading/file-bytes';
import { DT } from './elf-constants';
import { countSymbols } from './count-symbols';
import { Refused } from '../reading/refused';
import type { ElfTables, Versions } from './read-versions';

type ElfSymbol = ElfFacts['symbols'][number];

const BIND_WEAK = 2;
const INDEX_MASK = 0x7fff;
/** Indices 0 (local) and 1 (global) stand for no version. */
const FIRST_VERSION = 2;

/** Dynamic symbols with a name, in the order of the table. */
export function readSymbols(tables: ElfTables, versions: Versions): ElfSymbol[] {
  const address = tables.dynamic.values.get(DT.symtab);
  if (address === undefined) return [];
  const count = countSymbols(tables);
  const entryBytes = tables.header.bits === 64 ? 24 : 16;
  const view = viewOf(tables, address, count * entryBytes, 'the symbol table');
  const indices = versionIndices(tables, count);
  const infoAt = tables.header.bits === 64 ? 4 : 12;
  const sectionAt = tables.header.bits === 64 ? 6 : 14;
  const symbols: ElfSymbol[] = [];
  for (let index = 1; index < count; index += 1) {
    const at = index * entryBytes;
    const nameOffset = view.u32(at);
    if (nameOffset === 0) continue;
    const name = tables.strings.text(nameOffset, 'the name of a symbol');
    const info = tables.header.little ? view.u16(at + infoAt) & 0xff : view.u16(at + infoAt) >>> 8;
    const version = indices ? versionOf(versions, indices.u16(index * 2) & INDEX_MASK) : undefined;
    symbols.push({ name, defined: view.u16(at + sectionAt) !== 0, weak: info >>> 4 === BIND_WEAK, ...version });
  }
  return symbols;
}

function versionIndices(tables: ElfTables, count: number): View | undefined {
  const address = tables.dynamic.values.get(DT.versym);
  return address === undefined ? undefined : viewOf(tables, address, count * 2, 'the version of each symbol');
}

function versionOf(versions: Versions, index: number): { version: string; library?: string } | undefined {
  if (index < FIRST_VERSION) return undefined;
  const version = versions.byIndex.get(index);
  if (!version) throw new Refused('bad-version-info', `a symbol has version ${index}, which is not in the file`, 0);
  return version;
}

function viewOf(tables: ElfTables, address: number, length: number, what: string): View {
  const offset = tables.map.offsetOf(address, length, what);
  return new View(tables.bytes.read(offset, length, what), tables.header);
}

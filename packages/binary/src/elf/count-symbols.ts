import { View } from '../reading/file-bytes';
import { ALPHA, DT, MIPS, S390 } from './elf-constants';
import { ELF_LIMITS } from './elf-limits';
import { Refused } from '../reading/refused';
import type { ElfTables } from './read-versions';

/**
 * Number of dynamic symbols. No tag holds it: DT_HASH says it outright; DT_GNU_HASH through its last chain. A GNU hash table of a file that exports nothing is empty and says nothing of the imports
 * (ld writes a first symbol of 1 into it): then the relocations tell, because an import without one is never bound.
 */
export function countSymbols(tables: ElfTables): number {
  const { values } = tables.dynamic;
  const hash = values.get(DT.hash);
  if (hash !== undefined && !hasWideHash(tables)) return checked(viewAt(tables, hash, 8, 'the hash table').u32(4));
  const mips = values.get(DT.mipsSymbols);
  if (mips !== undefined && tables.header.machine === MIPS) return checked(mips);
  const gnuHash = values.get(DT.gnuHash);
  const hashed = gnuHash === undefined ? undefined : countByGnuHash(tables, gnuHash);
  return checked(hashed ?? countByRelocations(tables));
}

/** Entries of DT_HASH are 4 bytes but on these two, in 64 bit; both have a GNU hash table too. */
function hasWideHash({ header }: ElfTables): boolean {
  return header.bits === 64 && (header.machine === S390 || header.machine === ALPHA);
}

function checked(count: number): number {
  if (count > ELF_LIMITS.symbols) throw new Refused('limit', `${count} dynamic symbols, at most ${ELF_LIMITS.symbols} are read`, 0);
  return count;
}

function viewAt(tables: ElfTables, address: number, length: number, what: string): View {
  const offset = tables.map.offsetOf(address, length, what);
  return new View(tables.bytes.read(offset, length, what), tables.header);
}

function countByGnuHash(tables: ElfTables, address: number): number | undefined {
  const header = viewAt(tables, address, 16, 'the GNU hash table');
  const [bucketCount, firstSymbol, bloomWords] = [header.u32(0), header.u32(4), header.u32(8)];
  const bucketAddress = address + 16 + bloomWords * (tables.header.bits / 8);
  const buckets = viewAt(tables, bucketAddress, bucketCount * 4, 'the GNU hash table');
  let last = 0;
  for (let at = 0; at < buckets.length; at += 4) last = Math.max(last, buckets.u32(at));
  if (last === 0) return undefined;
  if (last < firstSymbol) throw new Refused('bad-dynamic', `a GNU hash bucket begins at symbol ${last}, before the first hashed one`, 0);
  return endOfChain(tables, bucketAddress + bucketCount * 4, firstSymbol, last) + 1;
}

/** The chain's last entry has its lowest bit set. Read in pieces: chains are short, the file behind them is not. */
function endOfChain(tables: ElfTables, chains: number, firstSymbol: number, start: number): number {
  const pieceBytes = 4_096;
  let symbol = start;
  for (;;) {
    const address = chains + (symbol - firstSymbol) * 4;
    const available = Math.min(pieceBytes, Math.floor(tables.map.bytesFrom(address) / 4) * 4);
    const view = viewAt(tables, address, Math.max(available, 4), 'the GNU hash table');
    for (let at = 0; at + 4 <= view.length; at += 4) {
      if (view.u32(at) & 1) return symbol;
      symbol += 1;
    }
    checked(symbol);
  }
}

function countByRelocations(tables: ElfTables): number {
  const { values } = tables.dynamic;
  const plt = values.get(DT.pltRel) === DT.rel ? 'rel' : 'rela';
  return Math.max(
    1 + highestSymbol(tables, values.get(DT.rela), values.get(DT.relaSize), 'rela', values.get(DT.relaCount)),
    1 + highestSymbol(tables, values.get(DT.rel), values.get(DT.relSize), 'rel', values.get(DT.relCount)),
    1 + highestSymbol(tables, values.get(DT.jmpRel), values.get(DT.pltRelSize), plt, 0),
  );
}

/** Highest symbol that a relocation table names. `relative` relocations stand first and name none. */
function highestSymbol(tables: ElfTables, address: number | undefined, size = 0, kind: 'rel' | 'rela', relative = 0): number {
  const wide = tables.header.bits === 64;
  const entryBytes = (wide ? 8 : 4) * (kind === 'rela' ? 3 : 2);
  const count = Math.floor(size / entryBytes) - relative;
  if (address === undefined || count <= 0) return -1;
  if (count > ELF_LIMITS.relocations) throw new Refused('limit', `${count} relocations`, 0);
  const view = viewAt(tables, address + relative * entryBytes, count * entryBytes, 'the relocations');
  const infoAt = wide ? (tables.header.little ? 12 : 8) : 4;
  let highest = -1;
  for (let at = 0; at < view.length; at += entryBytes) {
    highest = Math.max(highest, wide ? view.u32(at + infoAt) : view.u32(at + infoAt) >>> 8);
  }
  return highest;
}

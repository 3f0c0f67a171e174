import type { ByteSource } from '../byte-source';
import { FileBytes, View } from '../reading/file-bytes';
import { Refused } from '../reading/refused';

/** A stream or storage of a compound file ([MS-CFB]); an installer for Windows is one. */
export interface CompoundEntry {
  kind: 'root' | 'storage' | 'stream';
  /** UTF-16, little-endian, without the closing zero. */
  name: Uint8Array;
  /** 128 bytes of the directory, as they stand there. */
  bytes: Uint8Array;
  /** Bytes of a stream. */
  size: number;
  /** Its first sector. */
  start: number;
  children: readonly CompoundEntry[];
}

export interface CompoundFile {
  root: CompoundEntry;
  /** The bytes of a stream, piece by piece. */
  read(entry: CompoundEntry): Iterable<Uint8Array>;
}

const MAGIC = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
const HEADER_BYTES = 512;
const HEADER_PLACES = 109;
const ENTRY_BYTES = 128;
const MINI_SECTOR = 64;
const MINI_CUTOFF = 4_096;
/** Above it stand marks: end of a chain, free, of the table itself. */
const LAST_SECTOR = 0xfffffffa;
const NO_ENTRY = 0xffffffff;
/** Entries of a directory. Installers have 30 to 300. */
const MOST_ENTRIES = 65_536;
/** Storages in storages. Installers have one or two. */
const DEEPEST = 16;
const LITTLE = { bits: 32, little: true } as const;
const KINDS: Readonly<Record<number, CompoundEntry['kind']>> = { 1: 'storage', 2: 'stream', 5: 'root' };

export const isCompoundFile = (head: Uint8Array): boolean => MAGIC.every((byte, at) => head[at] === byte);

/** Throws `Refused`: chains and trees that run in circles, sectors outside of the file. */
export function readCompoundFile(source: ByteSource): CompoundFile {
  const file = new FileBytes(source);
  const header = new View(file.read(0, HEADER_BYTES, 'the header'), LITTLE);
  const [shift, miniShift] = [header.u16(30), header.u16(32)];
  if ((shift !== 9 && shift !== 12) || miniShift !== 6 || header.u32(56) !== MINI_CUTOFF)
    throw new Refused('bad-header', `sectors of 2^${shift} and 2^${miniShift} bytes are none that compound files have`, 30);
  const sectors = new Sectors(file, 2 ** shift);
  const table = readTable(sectors, header);
  const bytes = Buffer.concat([...sectors.chain(table, header.u32(48), 'the directory')].map((sector) => sectors.read(sector)));
  const root = readDirectory(bytes, source.size);
  const miniTable = numbersOf([...sectors.chain(table, header.u32(60), 'the small table')].map((sector) => sectors.read(sector)));
  const miniHome = [...sectors.chain(table, root.start, 'the small streams')];
  return {
    root,
    *read(entry) {
      const isMini = entry.size < MINI_CUTOFF;
      const [unit, chain] = isMini
        ? [MINI_SECTOR, sectors.chain(miniTable, entry.start, 'a small stream')]
        : [sectors.bytes, sectors.chain(table, entry.start, 'a stream')];
      let left = entry.size;
      for (const sector of left === 0 ? [] : chain) {
        const piece = isMini ? readMini(sectors, miniHome, sector) : sectors.read(sector);
        yield piece.subarray(0, Math.min(unit, left));
        left -= Math.min(unit, left);
        if (left === 0) return;
      }
      if (left > 0) throw new Refused('truncated', `a stream of ${entry.size} bytes ends ${left} bytes too early`, 0);
    },
  };
}

class Sectors {
  constructor(
    private readonly file: FileBytes,
    readonly bytes: number,
  ) {}

  /** The last sector of a file may be cut short by who wrote it; what is missing is not there. */
  read(sector: number): Uint8Array {
    const offset = (sector + 1) * this.bytes;
    return this.file.read(offset, Math.min(this.bytes, Math.max(0, this.file.size - offset)) || this.bytes, `sector ${sector}`);
  }

  *chain(table: Uint32Array, start: number, what: string): Generator<number> {
    let steps = 0;
    for (let sector = start; sector <= LAST_SECTOR; sector = table[sector]!) {
      if (sector >= table.length || (steps += 1) > table.length)
        throw new Refused('bad-section', `the chain of ${what} leaves its table or runs in a circle`, 0);
      yield sector;
    }
  }
}

/** Which sector follows which: its own sectors stand in the header, and further ones in a chain. */
function readTable(sectors: Sectors, header: View): Uint32Array {
  const places: number[] = [];
  for (let place = 0; place < HEADER_PLACES; place += 1) places.push(header.u32(76 + 4 * place));
  const most = header.u32(72);
  let next = header.u32(68);
  for (let step = 0; step < most && next <= LAST_SECTOR; step += 1) {
    const list = numbersOf([sectors.read(next)]);
    places.push(...list.subarray(0, list.length - 1));
    next = list.at(-1)!;
  }
  return numbersOf(places.filter((sector) => sector <= LAST_SECTOR).map((sector) => sectors.read(sector)));
}

interface Open {
  id: number;
  parent: CompoundEntry & { children: CompoundEntry[] };
  depth: number;
}

function readDirectory(bytes: Uint8Array, fileBytes: number): CompoundEntry {
  const count = Math.floor(bytes.length / ENTRY_BYTES);
  if (count === 0 || count > MOST_ENTRIES) throw new Refused('limit', `the directory has ${count} entries`, 0);
  const seen = new Set<number>();
  let left = fileBytes;
  const entryOf = (id: number): { entry: CompoundEntry & { children: CompoundEntry[] }; view: View } => {
    const own = bytes.subarray(id * ENTRY_BYTES, (id + 1) * ENTRY_BYTES);
    const view = new View(own, LITTLE);
    const [kind, nameBytes] = [KINDS[own[66]!], view.u16(64)];
    if (kind === undefined || (kind === 'root') !== (id === 0) || nameBytes < 2 || nameBytes > 64 || seen.has(id))
      throw new Refused('bad-section', `entry ${id} of the directory is no entry, or stands in it twice`, 0);
    seen.add(id);
    const size = kind === 'storage' ? 0 : view.u32(120);
    if (kind === 'stream' && (left -= size) < 0) throw new Refused('bad-section', 'its streams are larger than the file', 0);
    return { entry: { kind, name: own.subarray(0, nameBytes - 2), bytes: own, size, start: view.u32(116), children: [] }, view };
  };
  const { entry: root, view } = entryOf(0);
  const open: Open[] = [{ id: view.u32(76), parent: root, depth: 1 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { id, parent, depth } = next;
    if (id === NO_ENTRY) continue;
    if (id >= count) throw new Refused('bad-section', `the directory names entry ${id}, and has ${count}`, 0);
    const { entry, view: lines } = entryOf(id);
    parent.children.push(entry);
    open.push({ id: lines.u32(68), parent, depth }, { id: lines.u32(72), parent, depth });
    if (depth > DEEPEST) throw new Refused('limit', `storages lie in each other, more than ${DEEPEST} deep`, 0);
    if (entry.kind === 'storage') open.push({ id: lines.u32(76), parent: entry, depth: depth + 1 });
  }
  return root;
}

function readMini(sectors: Sectors, home: readonly number[], sector: number): Uint8Array {
  const offset = sector * MINI_SECTOR;
  const place = home[Math.floor(offset / sectors.bytes)];
  if (place === undefined) throw new Refused('bad-section', `small sector ${sector} lies behind those that there are`, 0);
  const within = offset % sectors.bytes;
  return sectors.read(place).subarray(within, within + MINI_SECTOR);
}

function numbersOf(pieces: readonly Uint8Array[]): Uint32Array {
  const view = new View(Buffer.concat(pieces), LITTLE);
  return Uint32Array.from({ length: Math.floor(view.length / 4) }, (_, index) => view.u32(4 * index));
}

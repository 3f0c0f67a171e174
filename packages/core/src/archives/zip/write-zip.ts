import { crc32 } from 'node:zlib';
import type { ArchiveEntry } from '../archive-entry';
import { checkedContent } from '../writing/checked-entries';
import { BlockRing, cutBlocks, type StreamBlock } from '../writing/cut-blocks';
import { chooseDeflater, DEFLATE_BLOCK_BYTES, DEFLATE_LANES, type BlockDeflater } from '../writing/deflate-block';
import { mapInOrder } from '../writing/map-in-order';
import { renderCentralHeader, renderDescriptor, renderEnd, renderLocalHeader, zipTime, type ZipRecord } from './zip-records';

const KIND_BITS = { file: 0o100000, directory: 0o040000, symlink: 0o120000 };

/** A block of an entry's content on its way through the compressor; an entry that fits into one block is packed whole. */
interface Piece {
  entry: ArchiveEntry;
  block: StreamBlock;
  first: boolean;
}

interface PackedPiece extends Piece {
  packed: Uint8Array;
}

/**
 * A zip file of checked entries: unix modes and links in the external attributes, names in UTF-8, one time for all, 64-bit records where needed.
 * Entries that fit into one block say their sizes before the content, larger ones behind it.
 */
export async function* writeZip(entries: AsyncIterable<ArchiveEntry>, mtimeSeconds: number, level: number): AsyncGenerator<Uint8Array> {
  const deflate = await chooseDeflater(level);
  const at = zipTime(mtimeSeconds);
  const central: Buffer[] = [];
  let offset = 0;
  let open: ZipRecord | undefined;
  for await (const piece of mapInOrder(cutEntries(entries), DEFLATE_LANES, (next) => pack(next, deflate, level))) {
    const record: ZipRecord = piece.first ? { ...startRecord(piece), offset } : open!;
    const parts = piece.first ? [renderLocalHeader(record, at)] : [];
    addPiece(record, piece);
    parts.push(Buffer.from(piece.packed.buffer, piece.packed.byteOffset, piece.packed.length));
    if (piece.block.last) {
      if (record.streamed) parts.push(renderDescriptor(record));
      central.push(renderCentralHeader(record, at));
    }
    open = record;
    for (const part of parts) {
      offset += part.length;
      yield part;
    }
  }
  const directory = Buffer.concat(central);
  yield directory;
  yield renderEnd({ entries: central.length, size: directory.length, offset });
}

async function* cutEntries(entries: AsyncIterable<ArchiveEntry>): AsyncGenerator<Piece> {
  const ring = new BlockRing(DEFLATE_BLOCK_BYTES, DEFLATE_LANES);
  for await (const entry of entries) {
    let first = true;
    for await (const block of blocksOf(entry, ring)) {
      yield { entry, block, first };
      first = false;
    }
  }
}

async function* blocksOf(entry: ArchiveEntry, ring: BlockRing): AsyncGenerator<StreamBlock> {
  if (entry.kind === 'file' && entry.size > ring.blockBytes) return yield* cutBlocks(checkedContent(entry), ring);
  const bytes = entry.kind === 'file' ? await wholeContent(entry) : Buffer.from(entry.kind === 'symlink' ? entry.linkTarget : '');
  yield { bytes, dictionary: Buffer.alloc(0), last: true };
}

async function wholeContent(entry: Extract<ArchiveEntry, { kind: 'file' }>): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(entry.size);
  let filled = 0;
  for await (const part of checkedContent(entry)) {
    bytes.set(part, filled);
    filled += part.length;
  }
  return bytes;
}

const isWhole = ({ first, block }: Piece): boolean => first && block.last;

async function pack(piece: Piece, deflate: BlockDeflater, level: number): Promise<PackedPiece> {
  const { entry, block } = piece;
  if (entry.kind !== 'file' || (isWhole(piece) && block.bytes.length === 0)) return { ...piece, packed: block.bytes };
  const packed = await deflate(block, level);
  return { ...piece, packed: isWhole(piece) && packed.length >= block.bytes.length ? block.bytes : packed };
}

/** Everything is known of an entry of one block; sum and sizes of a larger one grow with its pieces. */
function startRecord(piece: PackedPiece): Omit<ZipRecord, 'offset'> {
  const { entry, block, packed } = piece;
  const streamed = !isWhole(piece);
  const mode = entry.kind === 'symlink' ? 0o777 : entry.mode & 0o7777;
  return {
    path: entry.kind === 'directory' ? `${entry.path}/` : entry.path,
    unixMode: KIND_BITS[entry.kind] | mode,
    method: packed === block.bytes ? 0 : 8,
    streamed,
    crc32: streamed ? 0 : crc32(block.bytes),
    packedSize: streamed ? 0 : packed.length,
    size: streamed && entry.kind === 'file' ? entry.size : block.bytes.length,
  };
}

function addPiece(record: ZipRecord, { block, packed }: PackedPiece): void {
  if (!record.streamed) return;
  record.crc32 = crc32(block.bytes, record.crc32);
  record.packedSize += packed.length;
}

import { crc32 } from 'node:zlib';
import { BlockRing, cutBlocks, type StreamBlock } from './cut-blocks';
import { chooseDeflater, DEFLATE_BLOCK_BYTES, DEFLATE_LANES } from './deflate-block';
import { mapInOrder } from './map-in-order';

/** RFC 1952: deflate, no flags, no time, no hint, unknown operating system. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

/** One gzip member, its blocks compressed side by side. */
export async function* writeGzip(source: AsyncIterable<Uint8Array>, level: number): AsyncGenerator<Uint8Array> {
  const deflate = await chooseDeflater(level);
  let sum = 0;
  let size = 0;
  const compress = (block: StreamBlock): Promise<Uint8Array> => {
    sum = crc32(block.bytes, sum);
    size += block.bytes.length;
    return deflate(block, level);
  };
  const blocks = cutBlocks(source, new BlockRing(DEFLATE_BLOCK_BYTES, DEFLATE_LANES));
  yield HEADER;
  yield* mapInOrder(blocks, DEFLATE_LANES, compress);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(sum, 0);
  trailer.writeUInt32LE(size % 2 ** 32, 4);
  yield trailer;
}

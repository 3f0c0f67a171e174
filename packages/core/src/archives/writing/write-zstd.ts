import { archiveErrors } from '../../errors/archive-errors';
import { BlockRing, cutBlocks } from './cut-blocks';
import { mapInOrder } from './map-in-order';

/** Each block becomes a frame of its own (RFC 8878, 3: frames may follow one another); part of the format's bytes. */
export const ZSTD_FRAME_BYTES = 4 * 1024 * 1024;
export const DEFAULT_ZSTD_LEVEL = 10;

/** From this level on a context takes some 50 MB and more, so that only two run at once; below it three of libuv's four threads, see `DEFLATE_LANES`. */
const HEAVY_LEVEL = 6;

type Encoder = { encode(data: Buffer): Promise<Buffer> };
export type LoadZstd = () => Promise<{ Encoder: new (level: number) => Encoder }>;

/** zstd frames, compressed side by side in libuv's threads by one pinned native writer: the same bytes on every Node. */
export async function* writeZstd(source: AsyncIterable<Uint8Array>, level: number, load: LoadZstd = loadNodeZstd): AsyncGenerator<Uint8Array> {
  const { Encoder } = await load().catch((cause: unknown) => {
    const args = { platform: `${process.platform}-${process.arch}`, reason: String(cause) };
    throw archiveErrors.error('ARCHIVE_ZSTD_UNAVAILABLE', args, { cause });
  });
  const encoder = new Encoder(level);
  const lanes = level < HEAVY_LEVEL ? 3 : 2;
  const blocks = cutBlocks(source, new BlockRing(ZSTD_FRAME_BYTES, lanes));
  yield* mapInOrder(blocks, lanes, ({ bytes }) => encoder.encode(bytes));
}

/** The module reads Node's report to tell musl from glibc; the part on the network asks name servers, which can take seconds. */
const loadNodeZstd: LoadZstd = async () => {
  const report = process.report as { excludeNetwork?: boolean };
  const before = report.excludeNetwork;
  report.excludeNetwork = true;
  try {
    return await import('@toondepauw/node-zstd');
  } finally {
    report.excludeNetwork = before ?? false;
  }
};

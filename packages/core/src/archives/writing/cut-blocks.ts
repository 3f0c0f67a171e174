/** A piece of a stream, in memory of its own. */
export interface StreamBlock {
  bytes: Buffer;
  /** The end of the block before it, up to `DICTIONARY_BYTES`; empty for the first. */
  dictionary: Buffer;
  last: boolean;
}

/** How far back deflate can refer (RFC 1951, 2). */
export const DICTIONARY_BYTES = 32 * 1024;

/** Cuts a stream into blocks of exactly `blockBytes`, the last one shorter or empty: how the chunks arrive has no influence on the blocks. */
export async function* cutBlocks(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, blockBytes: number): AsyncGenerator<StreamBlock> {
  let block = Buffer.allocUnsafeSlow(blockBytes);
  let dictionary: Buffer = Buffer.alloc(0);
  let filled = 0;
  for await (const chunk of source) {
    let taken = 0;
    while (taken < chunk.length) {
      if (filled === blockBytes) {
        yield { bytes: block, dictionary, last: false };
        dictionary = block.subarray(Math.max(0, blockBytes - DICTIONARY_BYTES));
        block = Buffer.allocUnsafeSlow(blockBytes);
        filled = 0;
      }
      const count = Math.min(blockBytes - filled, chunk.length - taken);
      block.set(chunk.subarray(taken, taken + count), filled);
      filled += count;
      taken += count;
    }
  }
  yield { bytes: block.subarray(0, filled), dictionary, last: true };
}

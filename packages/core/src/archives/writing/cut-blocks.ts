/** A piece of a stream; see `BlockRing` for how long it stays. */
export interface StreamBlock {
  bytes: Buffer;
  /** The end of the block before it, up to `DICTIONARY_BYTES`; empty for the first. */
  dictionary: Buffer;
  last: boolean;
}

/** How far back deflate can refer (RFC 1951, 2). */
export const DICTIONARY_BYTES = 32 * 1024;

/**
 * Memory for blocks, used round and round, because memory that waits for the garbage collector counts as much as memory in use: a block is overwritten when
 * so many others have been begun after it. A pipeline of `lanes` needs `lanes` blocks, one that is filled, and one whose end is a dictionary.
 */
export class BlockRing {
  private readonly blocks: Buffer[] = [];
  private begun = 0;

  constructor(
    readonly blockBytes: number,
    private readonly lanes: number,
  ) {}

  next(): Buffer {
    const at = this.begun % (this.lanes + 2);
    this.begun += 1;
    return (this.blocks[at] ??= Buffer.allocUnsafeSlow(this.blockBytes));
  }
}

/** Cuts a stream into blocks of exactly the ring's size, the last one shorter or empty: how the chunks arrive has no influence on the blocks. */
export async function* cutBlocks(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, ring: BlockRing): AsyncGenerator<StreamBlock> {
  let block = ring.next();
  let dictionary: Buffer = Buffer.alloc(0);
  let filled = 0;
  for await (const chunk of source) {
    let taken = 0;
    while (taken < chunk.length) {
      if (filled === block.length) {
        yield { bytes: block, dictionary, last: false };
        dictionary = block.subarray(Math.max(0, block.length - DICTIONARY_BYTES));
        block = ring.next();
        filled = 0;
      }
      const count = Math.min(block.length - filled, chunk.length - taken);
      block.set(chunk.subarray(taken, taken + count), filled);
      filled += count;
      taken += count;
    }
  }
  yield { bytes: block.subarray(0, filled), dictionary, last: true };
}

import { inflateRawSync } from 'node:zlib';
import { noise, text } from '../testing/sample-entries';
import { BlockRing, cutBlocks, type StreamBlock } from './cut-blocks';
import { chooseDeflater, deflateWithNode, deflateWithPako, type BlockDeflater } from './deflate-block';
import { DEFLATE_PROBE_DIGESTS } from './deflate-probe';

const LEVELS = Object.keys(DEFLATE_PROBE_DIGESTS).map(Number);

async function blocksOf(bytes: Buffer, blockBytes: number): Promise<StreamBlock[]> {
  const blocks: StreamBlock[] = [];
  for await (const block of cutBlocks([bytes], new BlockRing(blockBytes, 1000))) blocks.push(block);
  return blocks;
}

async function deflateAll(blocks: readonly StreamBlock[], deflate: BlockDeflater, level: number): Promise<Buffer> {
  return Buffer.concat(await Promise.all(blocks.map((block) => deflate(block, level))));
}

/** A zlib that compresses well and gives other bytes, as a system's own may. */
const otherZlib: BlockDeflater = (block, level) => deflateWithNode(block, level === 9 ? 8 : level + 1);

describe('the pinned deflate', () => {
  it('knows every level', () => {
    expect(LEVELS).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it.each(LEVELS)('level %d: takes Node’s zlib only when it gives pako’s bytes', async (level) => {
    expect(await chooseDeflater(level, otherZlib)).toBe(deflateWithPako);
    expect(await chooseDeflater(level, deflateWithPako)).toBe(deflateWithPako);
    const native = await chooseDeflater(level);
    const mixed = Buffer.concat([text(60_000), noise(30_000), text(40_000), Buffer.alloc(70_000)]);
    const blocks = await blocksOf(mixed, 70_000);
    for (const block of blocks) expect(await native(block, level)).toEqual(await deflateWithPako(block, level));
  });

  it.each([0, 1, 99_999, 100_000, 100_001, 350_000])('%d bytes: the pieces are one stream', async (size) => {
    const bytes = text(400_000).subarray(0, size);
    const blocks = await blocksOf(bytes, 100_000);
    expect(blocks.map(({ last }) => last)).toEqual([...blocks.slice(1).map(() => false), true]);
    for (const deflate of [deflateWithNode, deflateWithPako]) {
      expect(inflateRawSync(await deflateAll(blocks, deflate, 6)).equals(bytes)).toBe(true);
    }
  });

  it('is given blocks that stay as long as a pipeline needs them, and no longer', async () => {
    const alive: StreamBlock[] = [];
    for await (const block of cutBlocks([text(2000)], new BlockRing(100, 3))) alive.push(block);
    const memory = new Set(alive.map(({ bytes }) => bytes.buffer));
    expect(memory.size).toBe(5);
    expect(alive.slice(0, 5).map(({ bytes }) => bytes.buffer)).toEqual([...memory]);
  });

  it('refers back over the borders of blocks', async () => {
    const bytes = Buffer.concat([noise(30_000), noise(30_000)]);
    expect((await deflateAll(await blocksOf(bytes, 30_000), deflateWithNode, 6)).length).toBeLessThan(31_000);
  });
});

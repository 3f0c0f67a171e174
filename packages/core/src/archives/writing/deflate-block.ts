import { createHash } from 'node:crypto';
import { constants, deflateRaw } from 'node:zlib';
import type { StreamBlock } from './cut-blocks';
import { DEFLATE_PROBE_DIGESTS, deflateProbe } from './deflate-probe';

/** Blocks of this size are compressed side by side; part of the format's bytes. */
export const DEFLATE_BLOCK_BYTES = 512 * 1024;
export const DEFAULT_DEFLATE_LEVEL = 6;

/** Compresses one block to a piece of one raw deflate stream: the pieces of all blocks, one after another, are the stream. */
export type BlockDeflater = (block: StreamBlock, level: number) => Promise<Uint8Array>;

/**
 * How many blocks are in the works at once. libuv has four threads; one stays free for the reads of those who give the content, which would otherwise
 * wait behind the compressor, each of thousands.
 */
export const DEFLATE_LANES = 3;

/**
 * The bytes of every gzip and zip file are those of pako 3.0.3 (a port of the zlib in Node's own builds), whatever Node runs this. The zlib that is
 * linked into the running Node does the same work several times faster; it is taken when it proves on a probe that it gives the same bytes
 * (true for Node's own builds of 20, 22 and 24; not for distributions that link their system's zlib).
 */
export async function chooseDeflater(level: number, native: BlockDeflater = deflateWithNode): Promise<BlockDeflater> {
  const probe = await native(deflateProbe(), level);
  const digest = createHash('sha256').update(probe).digest('hex').slice(0, 16);
  return digest === DEFLATE_PROBE_DIGESTS[level] ? native : deflateWithPako;
}

/** In libuv's threads. */
export const deflateWithNode: BlockDeflater = ({ bytes, dictionary, last }, level) =>
  new Promise((resolve, reject) => {
    const finishFlush = last ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
    const options = { level, finishFlush, chunkSize: roomFor(bytes.length), ...given(dictionary) };
    deflateRaw(bytes, options, (error, result) => (error ? reject(error) : resolve(result)));
  });

/** In JavaScript, on this thread: slow, the same bytes everywhere. */
export const deflateWithPako: BlockDeflater = async ({ bytes, dictionary, last }, level) => {
  const { Deflate } = await import('pako');
  const deflate = new Deflate({
    raw: true,
    level: level as 6,
    chunkSize: roomFor(bytes.length),
    ...given(dictionary),
  });
  const parts: Uint8Array[] = [];
  deflate.onData = (part: Uint8Array) => void parts.push(part.slice());
  deflate.push(bytes, last ? 4 : 2);
  return Buffer.concat(parts);
};

/** Room for the whole result: zlib repeats the flush marker when its output buffer is full exactly there. */
const roomFor = (bytes: number): number => bytes + (bytes >> 3) + 1024;

const given = (dictionary: Buffer): { dictionary?: Buffer } => (dictionary.length > 0 ? { dictionary } : {});

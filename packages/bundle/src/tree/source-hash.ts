/** From Python 3.11 on (magic number 3450) sources are hashed by SipHash-1-3, before by SipHash-2-4 (`_Py_KeyedHash` in Python/pyhash.c). */
const FIRST_SIPHASH13_MAGIC = 3450;
/** `\r\n` behind the magic number is part of the key. */
const MAGIC_TAIL = 0x0a0d << 16;
const BLOCK_BYTES = 8;

/** Four words of 64 bits, each as its low and its high half. */
type SipState = Int32Array;

/**
 * What a hash-based pyc with this magic number says of its source (PEP 552), 16 hex digits: SipHash of the bytes, keyed with the magic number. In halves of 32 bits, because whole trees are
 * hashed: BigInt takes fifty times as long.
 */
export function sourceHash(source: Buffer, magic: number): string {
  const [compressions, finalizations] = magic >= FIRST_SIPHASH13_MAGIC ? [1, 3] : [2, 4];
  const key = magic | MAGIC_TAIL;
  const state = Int32Array.of(0x70736575 ^ key, 0x736f6d65, 0x6e646f6d, 0x646f7261, 0x6e657261 ^ key, 0x6c796765, 0x79746573, 0x74656462);
  const whole = source.length - (source.length % BLOCK_BYTES);
  const last = Buffer.alloc(BLOCK_BYTES);
  source.copy(last, 0, whole);
  last[BLOCK_BYTES - 1] = source.length & 0xff;
  absorb(state, wordsOf(source.subarray(0, whole)), compressions);
  absorb(state, wordsOf(last), compressions);
  state[4]! ^= 0xff;
  absorb(state, new Int32Array(2), finalizations);
  const result = Buffer.alloc(BLOCK_BYTES);
  result.writeInt32LE(state[0]! ^ state[2]! ^ state[4]! ^ state[6]!, 0);
  result.writeInt32LE(state[1]! ^ state[3]! ^ state[5]! ^ state[7]!, 4);
  return result.toString('hex');
}

/** As little-endian halves; the systems that bundles are proved on are all little endian. */
function wordsOf(bytes: Buffer): Int32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return new Int32Array(aligned.buffer, aligned.byteOffset, bytes.length / 4);
}

function absorb(state: SipState, words: Int32Array, rounds: number): void {
  let [low0, high0, low1, high1, low2, high2, low3, high3] = state as unknown as [number, number, number, number, number, number, number, number];
  let kept = 0;
  for (let at = 0; at < words.length; at += 2) {
    const low = words[at]!;
    const high = words[at + 1]!;
    low3 ^= low;
    high3 ^= high;
    for (let round = 0; round < rounds; round += 1) {
      low0 = (low0 + low1) | 0;
      high0 = (high0 + high1 + (low0 >>> 0 < low1 >>> 0 ? 1 : 0)) | 0;
      kept = low1;
      low1 = ((low1 << 13) | (high1 >>> 19)) ^ low0;
      high1 = ((high1 << 13) | (kept >>> 19)) ^ high0;
      kept = low0;
      low0 = high0;
      high0 = kept;
      low2 = (low2 + low3) | 0;
      high2 = (high2 + high3 + (low2 >>> 0 < low3 >>> 0 ? 1 : 0)) | 0;
      kept = low3;
      low3 = ((low3 << 16) | (high3 >>> 16)) ^ low2;
      high3 = ((high3 << 16) | (kept >>> 16)) ^ high2;
      low0 = (low0 + low3) | 0;
      high0 = (high0 + high3 + (low0 >>> 0 < low3 >>> 0 ? 1 : 0)) | 0;
      kept = low3;
      low3 = ((low3 << 21) | (high3 >>> 11)) ^ low0;
      high3 = ((high3 << 21) | (kept >>> 11)) ^ high0;
      low2 = (low2 + low1) | 0;
      high2 = (high2 + high1 + (low2 >>> 0 < low1 >>> 0 ? 1 : 0)) | 0;
      kept = low1;
      low1 = ((low1 << 17) | (high1 >>> 15)) ^ low2;
      high1 = ((high1 << 17) | (kept >>> 15)) ^ high2;
      kept = low2;
      low2 = high2;
      high2 = kept;
    }
    low0 ^= low;
    high0 ^= high;
  }
  state.set([low0, high0, low1, high1, low2, high2, low3, high3]);
}

import { DICTIONARY_BYTES, type StreamBlock } from './cut-blocks';

const PROBE_BYTES = 128 * 1024;

/** Digests (first 16 hex digits of sha256) of what pako 3.0.3 makes of the probe, by level. */
export const DEFLATE_PROBE_DIGESTS: Readonly<Record<number, string>> = {
  1: '7c017319aa255433',
  2: '0b3e1a07611c209f',
  3: 'ff45b743d1fac896',
  4: '8f7a400b35d1df9b',
  5: '1c67f8c322fa0ccc',
  6: '75b2a288add8accc',
  7: '78bb56fac140ac92',
  8: '229de718754be3bd',
  9: 'c64fa32aef496b81',
};

let probe: StreamBlock | undefined;

/** A block that reaches every path of deflate that matters: text, near and far repeats, long runs, noise, a dictionary. */
export function deflateProbe(): StreamBlock {
  probe ??= { ...makeProbe(), last: false };
  return probe;
}

function makeProbe(): { bytes: Buffer; dictionary: Buffer } {
  const next = linearCongruence(20200202);
  const all = Buffer.alloc(DICTIONARY_BYTES + PROBE_BYTES);
  for (let at = 0; at < all.length;) at += fillPiece(all, at, next);
  return { dictionary: all.subarray(0, DICTIONARY_BYTES), bytes: all.subarray(DICTIONARY_BYTES) };
}

function fillPiece(all: Buffer, at: number, next: () => number): number {
  const length = Math.min(all.length - at, 3 + (next() % 700));
  const piece = all.subarray(at, at + length);
  const kind = next() % 8;
  if (kind < 3 && at > 0) {
    const from = next() % at;
    for (let i = 0; i < length; i += 1) piece[i] = all[from + i]!;
  } else if (kind < 6) {
    for (let i = 0; i < length; i += 1) piece[i] = 97 + (next() % (kind === 3 ? 4 : 26));
  } else if (kind === 6) {
    for (let i = 0; i < length; i += 1) piece[i] = next() & 0xff;
  } else piece.fill(next() & 0xff);
  return length;
}

/** Numerical Recipes' generator, high bits; exact in 32-bit arithmetic on every engine. */
function linearCongruence(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  };
}

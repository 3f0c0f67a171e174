/** Small seeded generator (mulberry32): the same seed gives the same mutations everywhere. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Values at the edges of what fields hold. */
const EDGES = [0, 1, 2, 3, 4, 7, 8, 15, 16, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

/** One mutated copy: cut off, bits flipped, fields set to edge values, ranges copied or wiped; up to eight of them together. */
export function mutateBytes(original: Uint8Array, random: () => number): Uint8Array {
  const pick = (limit: number): number => Math.floor(random() * limit);
  let bytes = Uint8Array.from(original);
  const rounds = 1 + pick(8);
  for (let round = 0; round < rounds && bytes.length > 0; round += 1) {
    const at = pick(bytes.length);
    const kind = pick(6);
    if (kind === 0 && pick(3) === 0) bytes = bytes.slice(0, at);
    else if (kind === 1) bytes[at] = bytes[at]! ^ (1 << pick(8));
    else if (kind === 2) bytes[at] = pick(256);
    else if (kind === 3) setField(bytes, at, EDGES[pick(EDGES.length)]!, [1, 2, 4, 8][pick(4)]!, random() < 0.8);
    else if (kind === 4) bytes.copyWithin(at, pick(bytes.length), pick(bytes.length));
    else bytes.fill(random() < 0.5 ? 0 : 0xff, at, at + pick(64));
  }
  return bytes;
}

function setField(bytes: Uint8Array, offset: number, value: number, width: number, little: boolean): void {
  const at = offset - (offset % width);
  for (let index = 0; index < width && at + index < bytes.length; index += 1) {
    bytes[at + (little ? index : width - 1 - index)] = Math.floor(value / 256 ** index) % 256;
  }
}

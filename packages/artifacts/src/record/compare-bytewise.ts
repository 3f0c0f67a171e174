/** Order of the UTF-8 bytes, which no locale changes. Code unit order is the same unless surrogates are about. */
export function compareBytewise(one: string, other: string): number {
  if (one === other) return 0;
  const shorter = Math.min(one.length, other.length);
  for (let index = 0; index < shorter; index += 1) {
    const left = one.charCodeAt(index);
    const right = other.charCodeAt(index);
    if (left === right) continue;
    const leftRank = isSurrogate(left) ? left + 0x10000 : left;
    const rightRank = isSurrogate(right) ? right + 0x10000 : right;
    return leftRank - rightRank;
  }
  return one.length - other.length;
}

/** Surrogates stand for code points above U+FFFF, whose bytes sort behind U+E000 to U+FFFF. */
const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;

/** Shorter words hold no path that tells anything: 24 characters are 18 bytes. */
const SHORTEST = 24;
const LINE_ENDS = new Set([0x0a, 0x0d]);

/**
 * Characters of base64 (RFC 4648 §4) and line ends, which stand between its lines. Text in the form for addresses differs by `-` and `_` alone, which stand for `>`, `?` and `~`; as characters
 * of words they would make one of every long name in a symbol table.
 */
const OF_BASE64 = Uint8Array.from({ length: 256 }, (_, byte) => (/[A-Za-z0-9+/]/.test(String.fromCharCode(byte)) || LINE_ENDS.has(byte) ? 1 : 0));

/** Where words of at least 24 characters stand that may be base64. Looks at every 24th byte alone until one may belong to such a word. */
export function* base64Words(bytes: Uint8Array): Generator<{ start: number; end: number }> {
  let behind = 0;
  for (let probe = SHORTEST - 1; probe < bytes.length; probe += SHORTEST) {
    if (OF_BASE64[bytes[probe]!] === 0) continue;
    let start = probe;
    while (start > behind && OF_BASE64[bytes[start - 1]!] === 1) start -= 1;
    let end = probe + 1;
    while (end < bytes.length && OF_BASE64[bytes[end]!] === 1) end += 1;
    if (end - start >= SHORTEST) yield { start, end };
    behind = end;
    probe = end - 1;
  }
}

/** What a word decodes to. Behind a line end it is not known where its first group begins: another word may stand in front. */
export function decodings(bytes: Buffer, start: number, end: number): readonly Buffer[] {
  const word = bytes.toString('latin1', start, end);
  if (!/[\r\n]/.test(word)) return [Buffer.from(word, 'base64')];
  const joined = word.replace(/[\r\n]+/g, '');
  return [0, 1, 2, 3].map((dropped) => Buffer.from(joined.slice(dropped), 'base64'));
}

import type { LeakToken } from '@waybill/relocation';

export interface LeakPlace {
  token: LeakToken['id'];
  /** Path in the bundle. */
  path: string;
  /** Byte offset in the file. */
  offset: number;
}

/** Looks for byte strings in the chunks of one file as they pass; a string across two chunks is found too. */
export interface FileScanner {
  see(chunk: Uint8Array): void;
  /** First place of each token, in order of the tokens. */
  found(): LeakPlace[];
}

/** A scanner for the tokens; the longest overlap between chunks is kept, nothing else. */
export function leakScanner(tokens: readonly LeakToken[]): (path: string) => FileScanner {
  const needles = tokens.map(({ id, path }) => ({ id, bytes: Buffer.from(path) })).filter(({ bytes }) => bytes.length > 1);
  const overlap = Math.max(0, ...needles.map(({ bytes }) => bytes.length - 1));
  return (path) => {
    const places = new Map<number, LeakPlace>();
    let tail = Buffer.alloc(0);
    let position = 0;
    return {
      see(chunk) {
        const bytes = tail.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat([tail, chunk]);
        const start = position - tail.length;
        needles.forEach(({ id, bytes: needle }, index) => {
          const at = places.has(index) ? -1 : bytes.indexOf(needle);
          if (at >= 0) places.set(index, { token: id, path, offset: start + at });
        });
        position += chunk.length;
        tail = Buffer.from(bytes.subarray(Math.max(0, bytes.length - overlap)));
      },
      found: () => [...places.keys()].sort((a, b) => a - b).map((index) => places.get(index)!),
    };
  };
}

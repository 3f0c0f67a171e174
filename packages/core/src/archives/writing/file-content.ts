import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const CHUNK_BYTES = 256 * 1024;

/**
 * The content of a file for `ArchiveEntry.open`. Reads are synchronous on purpose: a bundle has thousands of small files, each would wait three times for a
 * thread that is busy compressing; this way they cost microseconds and the compressors never run dry.
 */
export function* fileContent(path: string): Generator<Uint8Array> {
  const file = openSync(path, 'r');
  try {
    let left = fstatSync(file).size;
    for (;;) {
      // Memory of the right size, one byte to see the end: large buffers for small files would cost more than the reading.
      const chunk = Buffer.allocUnsafe(Math.max(1, Math.min(left, CHUNK_BYTES)));
      const count = readSync(file, chunk, 0, chunk.length, null);
      if (count === 0) return;
      left -= count;
      yield chunk.subarray(0, count);
    }
  } finally {
    closeSync(file);
  }
}

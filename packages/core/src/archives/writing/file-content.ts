import { closeSync, openSync, readSync } from 'node:fs';

const CHUNK_BYTES = 256 * 1024;

/**
 * The content of a file for `ArchiveEntry.open`. Reads are synchronous on purpose: a bundle has thousands of small files, each would wait three times for a
 * thread that is busy compressing; this way they cost microseconds and the compressors never run dry.
 */
export async function* fileContent(path: string): AsyncGenerator<Uint8Array> {
  const file = openSync(path, 'r');
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const count = readSync(file, chunk, 0, CHUNK_BYTES, null);
      if (count === 0) return;
      yield chunk.subarray(0, count);
      if (count < CHUNK_BYTES) return;
    }
  } finally {
    closeSync(file);
  }
}

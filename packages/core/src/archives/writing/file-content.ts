import { closeSync, openSync, readSync } from 'node:fs';

const CHUNK_BYTES = 256 * 1024;

/** Buffers that no reader holds. Memory that waits for the garbage collector, one buffer for each of thousands of files, makes it run all the time. */
const idle: Buffer[] = [];

/**
 * The content of a file for `ArchiveEntry.open`. Each piece is overwritten by the next one. Reads are synchronous on purpose: a bundle has thousands of
 * small files, each would wait three times for a thread that is busy compressing; this way they cost microseconds and the compressors never run dry.
 */
export function* fileContent(path: string): Generator<Uint8Array> {
  const file = openSync(path, 'r');
  const buffer = idle.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
  try {
    for (let count = CHUNK_BYTES; count > 0;) {
      count = readSync(file, buffer, 0, CHUNK_BYTES, null);
      if (count > 0) yield buffer.subarray(0, count);
    }
  } finally {
    closeSync(file);
    idle.push(buffer);
  }
}

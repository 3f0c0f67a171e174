/** What a hashing thread is asked for. `algorithms` by their names in `node:crypto`. */
export interface ThreadRequest {
  index: number;
  path: string;
  algorithms: readonly string[];
}

/** Its answer: size and digests in the order of `algorithms`, or the system's error. */
export type ThreadAnswer =
  { index: number; size: number; digests: readonly string[] } | { index: number; error: { message: string; code?: string; stack?: string } };

/**
 * Body of a hashing thread, one request after another. Its text is what the thread runs, so that it needs no file of its own: it may use
 * nothing from outside but `process`. Reads are synchronous: nothing else happens in the thread.
 */
export function serveHashRequests(): void {
  const { parentPort } = process.getBuiltinModule('node:worker_threads');
  const { createHash } = process.getBuiltinModule('node:crypto');
  const { openSync, readSync, closeSync } = process.getBuiltinModule('node:fs');
  const buffer = Buffer.allocUnsafeSlow(1024 * 1024);
  const hashFile = (path: string, algorithms: readonly string[]): { size: number; digests: readonly string[] } => {
    const file = openSync(path, 'r');
    try {
      const hashes = algorithms.map((algorithm) => createHash(algorithm));
      let size = 0;
      for (let count = readSync(file, buffer); count > 0; count = readSync(file, buffer)) {
        for (const hash of hashes) hash.update(buffer.subarray(0, count));
        size += count;
      }
      return { size, digests: hashes.map((hash) => hash.digest('hex')) };
    } finally {
      closeSync(file);
    }
  };
  parentPort?.on('message', ({ index, path, algorithms }: ThreadRequest) => {
    try {
      parentPort.postMessage({ index, ...hashFile(path, algorithms) });
    } catch (cause) {
      const { message, code, stack } = cause as NodeJS.ErrnoException;
      parentPort.postMessage({ index, error: { message, code, stack } });
    }
  });
}

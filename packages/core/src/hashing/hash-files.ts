import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { toFileError, withFileErrors } from '../files/file-error';
import { mapConcurrently } from '../files/map-concurrently';
import { cryptoName, type DigestAlgorithm, type FileDigests } from './digest-algorithm';
import { serveHashRequests, type ThreadAnswer, type ThreadRequest } from './hash-thread';

/** Threads are worth starting when each has so much to hash: starting one costs a tenth of a second of the machine's time. */
const THREAD_FROM_BYTES = 32 * 1024 * 1024;
const BUFFER_BYTES = 512 * 1024;
const STATERS = 8;

export interface HashFilesOptions {
  /** Default: sha256 alone. All of them in one reading of each file. */
  algorithms?: readonly DigestAlgorithm[];
  /** Most threads; default: one a core. */
  threads?: number;
}

/**
 * Digests of many files, in the order of `paths`, one file a thread at a time, the largest first. Each file is read once, in constant memory.
 * Few bytes are hashed without threads. Follows symlinks; the first file that the system refuses is `FILE_…`.
 */
export async function hashFiles(paths: readonly string[], options: HashFilesOptions = {}): Promise<readonly FileDigests[]> {
  const { algorithms = ['sha256'], threads = availableParallelism() } = options;
  const sizes = await mapConcurrently(paths, STATERS, async (path) => (await withFileErrors('read', path, () => stat(path))).size);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const wanted = Math.min(threads, paths.length, Math.floor(total / THREAD_FROM_BYTES));
  if (wanted < 2) {
    // one for all, and no larger than they need: making one costs more than hashing a small file
    const buffer = Buffer.allocUnsafe(Math.min(BUFFER_BYTES, Math.max(16 * 1024, ...sizes.map((size) => size + 1))));
    return mapConcurrently(paths, 1, (path) => withFileErrors('read', path, () => hashHere(path, algorithms, buffer)));
  }
  const order = paths.map((_, index) => index).sort((one, other) => sizes[other]! - sizes[one]!);
  return hashInThreads(paths, order, algorithms, wanted);
}

async function hashHere(path: string, algorithms: readonly DigestAlgorithm[], buffer: Buffer): Promise<FileDigests> {
  const file = await open(path, 'r');
  try {
    const hashes = algorithms.map((algorithm) => createHash(cryptoName(algorithm)));
    let size = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) break;
      for (const hash of hashes) hash.update(buffer.subarray(0, bytesRead));
      size += bytesRead;
    }
    return toDigests(
      size,
      hashes.map((hash) => hash.digest('hex')),
      algorithms,
    );
  } finally {
    await file.close();
  }
}

const toDigests = (size: number, hex: readonly string[], algorithms: readonly DigestAlgorithm[]): FileDigests => ({
  size,
  digests: Object.fromEntries(algorithms.map((algorithm, index) => [algorithm, hex[index]!])),
});

async function hashInThreads(
  paths: readonly string[],
  order: readonly number[],
  algorithms: readonly DigestAlgorithm[],
  threads: number,
): Promise<readonly FileDigests[]> {
  const names = algorithms.map(cryptoName);
  const results = new Array<FileDigests>(paths.length);
  const workers = Array.from({ length: threads }, () => new Worker(`(${serveHashRequests.toString()})()`, { eval: true }));
  const queue = [...order];
  try {
    await Promise.all(
      workers.map(async (worker) => {
        for (let index = queue.shift(); index !== undefined; index = queue.shift()) {
          const answer = await ask(worker, { index, path: paths[index]!, algorithms: names });
          if ('error' in answer) throw toFileError(Object.assign(new Error(answer.error.message), answer.error), 'read', paths[index]!);
          results[index] = toDigests(answer.size, answer.digests, algorithms);
        }
      }),
    );
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return results;
}

/** Listeners go one by one: Node keeps some of its own on a worker. */
function ask(worker: Worker, request: ThreadRequest): Promise<ThreadAnswer> {
  return new Promise((resolve, reject) => {
    const onMessage = (answer: ThreadAnswer): void => settle(() => resolve(answer));
    const onError = (cause: unknown): void => settle(() => reject(cause));
    const onExit = (code: number): void => settle(() => reject(new Error(`a hashing thread ended with ${code}`)));
    const settle = (finish: () => void): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      finish();
    };
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage(request);
  });
}

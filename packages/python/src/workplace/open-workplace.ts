import { chmod, lstat, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTree, withFileLock } from '@waybill/core';
import { pythonErrors } from '../errors/python-errors';
import { placesIn, type Workplace } from './workplace-path';

/** In a workplace of ours; tells it from a folder that happens to have its name. */
const MARK = '.waybill-build';

export interface WorkplaceRequest {
  path: string;
  /** Longest wait for another build of the project. */
  timeoutMs: number;
  onWait(holder: string): void;
  /** Has the folder removed when a signal ends the process; the call that comes back takes that back. */
  removeOnEnd(folder: string): () => void;
}

/**
 * Runs `work` in the project's workplace: empty, private to the user, and nobody else's until the end, when it is removed whatever happened.
 * What a killed run left there is removed first. A link, a file or a folder that is not ours is `WHEEL_WORKPLACE`: nothing in it is touched.
 */
export async function withWorkplace<T>(
  { path, timeoutMs, onWait, removeOnEnd }: WorkplaceRequest,
  work: (places: Workplace) => Promise<T>,
): Promise<T> {
  return withFileLock(`${path}.lock`, { timeoutMs, onWait }, async () => {
    await clear(path);
    await mkdir(path, { mode: 0o700 });
    const forget = removeOnEnd(path);
    try {
      await chmod(path, 0o700);
      const places = placesIn(path);
      for (const folder of [join(path, MARK), places.build, places.sources, places.output, places.temporary, places.wheels, places.scratch]) {
        await mkdir(folder, { mode: 0o755 });
        await chmod(folder, 0o755);
      }
      return await work(places);
    } finally {
      await removeTree(path);
      forget();
    }
  });
}

/** Only what an earlier build of this user left is removed. */
async function clear(path: string): Promise<void> {
  const found = await lstat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw cause;
  });
  if (!found) return;
  const refuse = (actual: string): Error => pythonErrors.error('WHEEL_WORKPLACE', { path, actual });
  if (found.isSymbolicLink()) throw refuse('a link');
  if (!found.isDirectory()) throw refuse('a file');
  if (process.getuid !== undefined && found.uid !== process.getuid()) throw refuse(`a folder of another user (uid ${found.uid})`);
  const names = await readdir(path);
  if (names.length > 0 && !names.includes(MARK)) throw refuse('a folder with files that no build of ours made');
  await removeTree(path);
}

import { mkdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCodeOf, withFileErrors } from '../file-error';
import { ownedName, removeLeftovers } from './owned-name';
import { removeTree } from './remove-tree';

/** Two runs that finish the same folder at once take turns; more than this many is no accident. */
const TURNS = 20;

/**
 * Gives `work` an empty folder beside the final place, on the same file system. When it succeeds, the folder becomes `finalPath`, in place
 * of what was there; when it fails, nothing has changed. A run that is killed leaves the previous folder or none, never part of a new one,
 * and a later run for the same place removes its leftovers.
 */
export async function withStagedFolder<T>(finalPath: string, work: (stage: string) => Promise<T>): Promise<T> {
  const stage = ownedName(finalPath, 'staging');
  await withFileErrors('make', finalPath, async () => {
    await mkdir(dirname(finalPath), { recursive: true });
    await removeLeftovers(finalPath);
    await mkdir(stage);
  });
  try {
    const result = await work(stage);
    await withFileErrors('move', finalPath, () => replace(finalPath, stage));
    return result;
  } catch (cause) {
    await removeTree(stage);
    throw cause;
  }
}

/**
 * Between the two renames there is no folder: a system call that swaps two is not to be had in Node. When the second is refused, the first is
 * taken back. A previous folder that cannot be removed stays aside: the new one is in place.
 */
async function replace(finalPath: string, stage: string): Promise<void> {
  const old = ownedName(finalPath, 'old');
  for (let turn = 1; ; turn += 1) {
    const moved = await renamed(finalPath, old, ['ENOENT']);
    try {
      if (await renamed(stage, finalPath, turn < TURNS ? TAKEN : [])) return moved ? removeTree(old).catch(leaveToLaterRuns) : undefined;
    } catch (cause) {
      // What keeps this one from moving says less than what kept the new one from it
      if (moved) await rename(old, finalPath).catch(leaveToLaterRuns);
      throw cause;
    }
    await removeTree(old);
  }
}

/** Another run has put its folder there. */
const TAKEN = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'];

function leaveToLaterRuns(cause: unknown): void {
  if (systemCodeOf(cause) === '') throw cause;
}

/** False when the system refused for one of the foreseen reasons. */
async function renamed(from: string, to: string, foreseen: readonly string[]): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (cause) {
    if (foreseen.includes(systemCodeOf(cause))) return false;
    throw cause;
  }
}

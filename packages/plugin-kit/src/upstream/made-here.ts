import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hashBytes, writeFileAtomic } from '@waybill/core';

/** Outside of every target's outputs: nothing that comes out of a cache is written there (Nx restores declared outputs alone); git ignores it, `nx reset` empties it. */
const FOLDER = '.nx/workspace-data/waybill/made-here';

const fileOf = (workspaceRoot: string, recordText: string): string => join(workspaceRoot, FOLDER, hashBytes(recordText));

/** Notes that a run in this workspace wrote this record, and with it the artifacts whose digests stand in it. */
export const noteMadeHere = (workspaceRoot: string, recordText: string): Promise<void> => writeFileAtomic(fileOf(workspaceRoot, recordText), '');

export const wasMadeHere = (workspaceRoot: string, recordText: string): Promise<boolean> =>
  stat(fileOf(workspaceRoot, recordText)).then(
    (stats) => stats.isFile(),
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return false;
      throw cause;
    },
  );

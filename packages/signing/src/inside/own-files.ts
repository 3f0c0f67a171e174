import { chmodSync, copyFileSync, existsSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { TreeItem } from '@waybill/core';

const OWNER_WRITES = 0o200;
const PERMISSIONS = 0o777;

/**
 * Each file of a tree may be written by its owner, and is no other file too, while `work` runs: programs sign in place, so that they fail at read-only files, and would change
 * what a hard link shares. Behind it modes are those of `items` again. `root` is absolute, and a copy of the caller’s.
 */
export async function withOwnFiles<T>(root: string, items: readonly TreeItem[], work: () => Promise<T>): Promise<T> {
  const changed = items.filter(({ path, kind, mode }) => kind === 'file' && makeOwn(join(root, path), mode));
  const result = await work();
  for (const { path, mode } of changed) if (existsSync(join(root, path))) chmodSync(join(root, path), mode & PERMISSIONS);
  return result;
}

/** Was there anything to do? */
function makeOwn(file: string, mode: number): boolean {
  const isShared = statSync(file).nlink > 1;
  const isReadOnly = (mode & OWNER_WRITES) === 0;
  if (isShared) {
    copyFileSync(file, `${file}.waybill-own`);
    renameSync(`${file}.waybill-own`, file);
  }
  if (isReadOnly) chmodSync(file, (mode & PERMISSIONS) | OWNER_WRITES);
  return isShared || isReadOnly;
}

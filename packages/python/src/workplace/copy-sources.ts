import { chmod, lstat, lutimes, mkdir, readlink, utimes } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { copyTreeItems, mapConcurrently, readTree, type TreeItem } from '@waybill/core';
import { pythonErrors } from '../errors/python-errors';

const WORKERS = 8;

export interface CopyRequest {
  /** Absolute; what `paths` are relative to. */
  from: string;
  paths: readonly string[];
  /** Absolute; exists. */
  to: string;
  /** Every file, link and folder gets this time. */
  mtimeSeconds: number;
  /** For errors: `from`, relative to the workspace. */
  shownAs: string;
}

/**
 * Copies sources so that a build sees the same on every machine: modes 0644 or 0755, one time for all, links only to what is copied as well.
 * A link that leads out is `WHEEL_LINK_OUTSIDE`: backends follow it, and the file behind it would be shipped.
 */
export async function copySources(request: CopyRequest): Promise<void> {
  const { from, paths, to } = request;
  const items = await mapConcurrently(paths, WORKERS, async (path) => {
    const stats = await lstat(join(from, path));
    if (stats.isSymbolicLink()) checkLink(path, await readlink(join(from, path)), request);
    else if (!stats.isFile()) throw pythonErrors.error('WHEEL_SOURCE_SPECIAL', { path: posix.join(request.shownAs, path) });
    return { from: join(from, path), to: path, mode: (stats.mode & 0o100) === 0 ? 0o644 : 0o755 };
  });
  await mkdir(to, { recursive: true });
  await copyTreeItems(to, items);
  await settleTimes(to, request.mtimeSeconds);
}

function checkLink(path: string, target: string, { shownAs }: CopyRequest): void {
  const end = posix.normalize(posix.join(posix.dirname(path), target));
  if (!posix.isAbsolute(target) && end !== '..' && !end.startsWith('../')) return;
  throw pythonErrors.error('WHEEL_LINK_OUTSIDE', { path: posix.join(shownAs, path), target });
}

/** Modes and times of a whole tree, deepest first, so that a folder's time is set after all in it. */
export async function settleTree(folder: string, mtimeSeconds: number): Promise<void> {
  const items = await readTree(folder);
  await mapConcurrently(items, WORKERS, async ({ path, kind, mode }: TreeItem) => {
    const plain = kind === 'directory' || (mode & 0o100) !== 0 ? 0o755 : 0o644;
    if (kind !== 'symlink' && mode !== plain) await chmod(join(folder, path), plain);
  });
  await settleTimes(folder, mtimeSeconds, items);
}

async function settleTimes(folder: string, seconds: number, known?: readonly TreeItem[]): Promise<void> {
  const items = known ?? (await readTree(folder));
  const set = async ({ path, kind }: TreeItem): Promise<void> =>
    kind === 'symlink' ? lutimes(join(folder, path), seconds, seconds) : utimes(join(folder, path), seconds, seconds);
  await mapConcurrently(
    items.filter(({ kind }) => kind !== 'directory'),
    WORKERS,
    set,
  );
  await mapConcurrently(
    items.filter(({ kind }) => kind === 'directory'),
    WORKERS,
    set,
  );
  await utimes(folder, seconds, seconds);
}

import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { coreErrors } from '../errors/core-errors';
import { comparePaths } from './compare-paths';
import { systemCodeOf, toFileError, withFileErrors } from './file-error';
import type { TreeItem } from './tree-item';

/**
 * Everything below a folder, the folder itself not, ordered by the bytes of the paths. Nothing is followed but `root` itself; nothing is
 * opened, so that a FIFO does not hang it.
 */
export async function readTree(root: string): Promise<TreeItem[]> {
  const items: TreeItem[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const path = folder === '' ? root : join(root, folder);
    const names = await withFileErrors('list', path, () => readdir(path));
    for (const name of names) {
      const item = readItem(root, folder === '' ? name : `${folder}/${name}`);
      if (item.kind === 'directory') folders.push(item.path);
      items.push(item);
    }
  }
  return items.sort((left, right) => comparePaths(left.path, right.path));
}

/** Synchronous on purpose: thousands of promises cost several times what the calls do. */
function readItem(root: string, path: string): TreeItem {
  const absolute = join(root, path);
  try {
    const stats = lstatSync(absolute);
    const common = { path, mode: stats.mode & 0o7777, mtimeMs: stats.mtimeMs };
    if (stats.isSymbolicLink()) return { ...common, kind: 'symlink', size: 0, linkTarget: readlinkSync(absolute) };
    if (stats.isDirectory()) return { ...common, kind: 'directory', size: 0 };
    if (!stats.isFile()) return { ...common, kind: 'special', size: 0, special: specialOf(stats) };
    return { ...common, kind: 'file', size: stats.size, ...(stats.nlink > 1 && { hardLinkGroup: `${stats.dev}:${stats.ino}` }) };
  } catch (cause) {
    if (systemCodeOf(cause) === 'ENOENT' && path.includes('\ufffd'))
      throw coreErrors.error('FILE_NAME', { path: absolute, reason: 'it is not UTF-8' }, { cause });
    throw toFileError(cause, 'read', absolute);
  }
}

function specialOf(stats: Stats): NonNullable<TreeItem['special']> {
  if (stats.isFIFO()) return 'fifo';
  if (stats.isSocket()) return 'socket';
  return stats.isBlockDevice() ? 'block' : 'character';
}

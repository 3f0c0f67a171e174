import { fileContent, readTree, type ArchiveEntry, type TreeItem } from '@waybill/core';
import { join } from 'node:path';

/** Mode of every directory in an archive. */
export const DIRECTORY_MODE = 0o755;

/** 0644 or 0755: what a umask or a file system added does not travel. Set-uid bits and the like are dropped too. */
export const portableMode = (mode: number): number => ((mode & 0o111) === 0 ? 0o644 : 0o755);

/** Items of a tree without empty folders, sorted bytewise; a folder stands before what is in it. */
export async function readContents(root: string): Promise<TreeItem[]> {
  const items = await readTree(root);
  const used = new Set<string>();
  for (const { path, kind } of items) {
    if (kind === 'directory') continue;
    for (let cut = path.lastIndexOf('/'); cut > 0; cut = path.lastIndexOf('/', cut - 1)) used.add(path.slice(0, cut));
  }
  return items.filter(({ path, kind }) => kind !== 'directory' || used.has(path));
}

/** An item as an entry below the archive's one top folder. `through` sees the bytes on their way. */
export function archiveEntry(
  item: TreeItem,
  root: string,
  top: string,
  through: (bytes: Iterable<Uint8Array>) => Iterable<Uint8Array> = (bytes) => bytes,
): ArchiveEntry {
  const path = `${top}/${item.path}`;
  if (item.kind === 'directory') return { kind: 'directory', path, mode: DIRECTORY_MODE };
  if (item.kind === 'symlink') return { kind: 'symlink', path, linkTarget: item.linkTarget! };
  return { kind: 'file', path, mode: portableMode(item.mode), size: item.size, open: () => through(fileContent(join(root, item.path))) };
}

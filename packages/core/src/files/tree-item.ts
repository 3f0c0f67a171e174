export type TreeItemKind = 'file' | 'directory' | 'symlink' | 'special';

/** One entry of a folder tree as `lstat` sees it. */
export interface TreeItem {
  /** Relative to the tree's root, `/` separated, never upwards. */
  path: string;
  kind: TreeItemKind;
  /** Permission bits only (`mode & 0o7777`). */
  mode: number;
  /** Bytes; 0 for what is not a file. */
  size: number;
  mtimeMs: number;
  /** Symlinks: the target as stored. */
  linkTarget?: string;
  /** Files with more than one link: `dev:ino`, the same for all of a hard-link group. */
  hardLinkGroup?: string;
  /** Special files: what it is. */
  special?: 'fifo' | 'socket' | 'block' | 'character';
}

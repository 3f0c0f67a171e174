export interface ListedEntry {
  path: string;
  kind: 'file' | 'directory' | 'symlink' | 'hardlink' | 'special';
  /** Permission bits only. */
  mode: number;
  /** Bytes; 0 for what is not a file. */
  size: number;
  /** Symlinks: the target as stored. Hard links: the path in the archive. */
  linkTarget?: string;
}

export async function listArchive(_path: string): Promise<ListedEntry[]> {
  throw new Error('not yet');
}

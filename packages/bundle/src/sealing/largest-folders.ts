/** Sum of the files below a folder. */
export interface FolderSize {
  path: string;
  /** Bytes. */
  size: number;
}

/** Deeper folders say more than `lib`, and folders of one large file less than the package that it belongs to. */
const DEEPEST = 5;

/** The folders that hold most, largest first; a folder is left out when one below it holds nearly all of it. */
export function largestFolders(files: readonly { path: string; size: number }[], count = 10): FolderSize[] {
  const sizes = new Map<string, number>();
  for (const { path, size } of files) {
    const parts = path.split('/').slice(0, -1).slice(0, DEEPEST);
    parts.forEach((_, index) => {
      const folder = parts.slice(0, index + 1).join('/');
      sizes.set(folder, (sizes.get(folder) ?? 0) + size);
    });
  }
  const eclipsed = new Set<string>();
  for (const [path, size] of sizes) for (const above of foldersAbove(path)) if (size > sizes.get(above)! * 0.9) eclipsed.add(above);
  const telling = [...sizes].filter(([path]) => !eclipsed.has(path)).map(([path, size]) => ({ path, size }));
  return telling.sort((a, b) => b.size - a.size || (a.path < b.path ? -1 : 1)).slice(0, count);
}

/** `a/b` and `a` for `a/b/c`. */
function foldersAbove(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

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
  const all = [...sizes].map(([path, size]) => ({ path, size }));
  const telling = all.filter(({ path, size }) => !all.some((other) => other.path.startsWith(`${path}/`) && other.size > size * 0.9));
  return telling.sort((a, b) => b.size - a.size || (a.path < b.path ? -1 : 1)).slice(0, count);
}

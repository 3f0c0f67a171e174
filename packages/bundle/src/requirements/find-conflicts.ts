import type { RecordLine } from '@waybill/distributions';

/** What one installed distribution says that it installed. */
export interface InstalledDistribution {
  /** Normalised name. */
  name: string;
  version: string;
  /** Name of the dist-info folder. */
  distInfo: string;
  lines: readonly RecordLine[];
}

export interface FileConflict {
  /** Relative to the vendor folder. */
  path: string;
  /** Names of the distributions, sorted. */
  distributions: readonly string[];
  /** All of them recorded the same content: harmless, mostly `__init__.py` of an old-style namespace. */
  same: boolean;
}

/** Files that more than one wheel installs: the installer lets the last one win without a word. Sorted by path. */
export function findConflicts(distributions: readonly InstalledDistribution[]): FileConflict[] {
  const owners = new Map<string, { name: string; hash: string | undefined }[]>();
  for (const { name, lines } of distributions) {
    for (const { path, hash } of lines) {
      const owner = { name, hash };
      const known = owners.get(path);
      if (known === undefined) owners.set(path, [owner]);
      else known.push(owner);
    }
  }
  return [...owners]
    .filter(([path, list]) => list.length > 1 && !path.endsWith('/'))
    .map(([path, list]) => ({
      path,
      distributions: list.map(({ name }) => name).sort(),
      same: list.every(({ hash }) => hash !== undefined && hash === list[0]!.hash),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

import type { BundleEntry } from '../bundle-facts';
import type { TreeIndex } from '../linkage/tree-index';

export interface LauncherHints {
  python: string | undefined;
  home: string | undefined;
  /** By a manifest. */
  named: string | undefined;
}

/** Anyone may execute it. */
const EXECUTABLE = 0o111;

/**
 * What a user starts: the file that a manifest names; else the executable at the top (a native program or a script before anything else); else the only one in `bin` that is not Python's.
 */
export function findLauncher(entries: readonly BundleEntry[], index: TreeIndex, hints: LauncherHints): string | undefined {
  if (hints.named !== undefined && index.entry(hints.named)) return hints.named;
  const top = entries.filter((entry) => !entry.path.includes('/') && isStartable(entry));
  if (top.length > 0) return [...top].sort((a, b) => rank(a) - rank(b))[0]!.path;
  const bin = entries.filter(
    (entry) => /^bin\/[^/]+$/.test(entry.path) && isStartable(entry) && entry.path !== hints.python && !isOfPython(entry.path),
  );
  return bin.length === 1 ? bin[0]!.path : undefined;
}

function isStartable({ kind, mode, path, content }: BundleEntry): boolean {
  if (kind !== 'file' || /\.(so|py|pyc|txt|md|json)(\.|$)/.test(path)) return false;
  return (mode & EXECUTABLE) !== 0 || content === 'elf' || content === 'script';
}

function rank({ content, mode }: BundleEntry): number {
  return (content === 'elf' || content === 'script' ? 0 : 2) + ((mode & EXECUTABLE) === 0 ? 1 : 0);
}

/** Scripts that every Python installation has. */
function isOfPython(path: string): boolean {
  return /^bin\/(python|pydoc|idle|pip|2to3|pyvenv|wheel|easy_install|pygettext|pdb)[\d.]*(-[\d.]+)?(-config)?$/.test(path);
}

import type { BundleEntry } from '../bundle-facts';

/** Where a path in the bundle leads, links followed as the kernel follows them. */
export type Walk =
  | { kind: 'found'; path: string; entry?: BundleEntry }
  | { kind: 'missing'; path: string }
  /** Leaves the bundle's folder: an absolute link, or too many `..`. */
  | { kind: 'outside'; target: string }
  | { kind: 'loop'; path: string };

/** Linux gives up after 40 links (MAXSYMLINKS). */
const MOST_LINKS = 40;

/** Entries by path, and the walk of a path through links and `..`. Folders that no entry names exist when something is in them. */
export class TreeIndex {
  private readonly byPath = new Map<string, BundleEntry>();
  private readonly folders = new Set<string>(['']);

  constructor(entries: readonly BundleEntry[]) {
    for (const entry of entries) {
      this.byPath.set(entry.path, entry);
      if (entry.kind === 'directory') this.folders.add(entry.path);
      this.addParents(entry.path);
    }
  }

  entry(path: string): BundleEntry | undefined {
    return this.byPath.get(path);
  }

  isFolder(path: string): boolean {
    return this.folders.has(path);
  }

  /** `path` is relative to the bundle's root and may hold `.` and `..`; `..` behind a link leads to the parent of the link's target, as in the kernel. */
  walk(path: string): Walk {
    const pending = path.split('/').reverse();
    const at: string[] = [];
    let links = 0;
    for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
      if (part === '' || part === '.') continue;
      if (part === '..') {
        if (at.pop() === undefined) return { kind: 'outside', target: path };
        continue;
      }
      const here = [...at, part].join('/');
      const entry = this.byPath.get(here);
      if (entry?.kind === 'symlink') {
        const target = entry.linkTarget ?? '';
        if (target.startsWith('/')) return { kind: 'outside', target };
        links += 1;
        if (links > MOST_LINKS) return { kind: 'loop', path: here };
        pending.push(...target.split('/').reverse());
        continue;
      }
      if (!entry && !this.folders.has(here)) return { kind: 'missing', path: here };
      if (pending.some((rest) => rest !== '' && rest !== '.') && !this.folders.has(here)) return { kind: 'missing', path: here };
      at.push(part);
    }
    const found = at.join('/');
    const entry = this.byPath.get(found);
    return { kind: 'found', path: found, ...(entry ? { entry } : {}) };
  }

  private addParents(path: string): void {
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const parent = path.slice(0, slash);
      if (this.folders.has(parent)) return;
      this.folders.add(parent);
    }
  }
}

export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

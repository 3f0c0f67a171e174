import type { ArchiveManifestEntry } from '../archive-manifest';
import { compareBytewise } from '../record/compare-bytewise';

/** One path on which a manifest and what is there do not agree. */
export interface EntryDifference {
  path: string;
  /** What the manifest lists; absent: nothing. */
  expected?: ArchiveManifestEntry;
  /** What is there; absent: nothing. */
  actual?: ArchiveManifestEntry;
}

/** Pure. What is missing or other than listed, in the order of the list, then what is there and not listed, by path. */
export function compareEntries(listed: readonly ArchiveManifestEntry[], there: readonly ArchiveManifestEntry[]): readonly EntryDifference[] {
  const found = new Map(there.map((entry) => [entry.path, entry]));
  const differences = listed.flatMap((expected): readonly EntryDifference[] => {
    const actual = found.get(expected.path);
    found.delete(expected.path);
    if (!actual) return [{ path: expected.path, expected }];
    return entryText(actual) === entryText(expected) ? [] : [{ path: expected.path, expected, actual }];
  });
  const added = [...found.values()].sort((one, other) => compareBytewise(one.path, other.path));
  return [...differences, ...added.map((actual) => ({ path: actual.path, actual }))];
}

/** What an entry is, for people: `mode 0755, 12 bytes, sha256 …`. Two with the same text are the same but for their paths. */
export function entryText(entry: ArchiveManifestEntry): string {
  if (entry.type === 'directory') return `a folder, mode ${entry.mode}`;
  return entry.type === 'symlink' ? `a link to ${entry.target}` : `mode ${entry.mode}, ${entry.size} bytes, sha256 ${entry.sha256}`;
}

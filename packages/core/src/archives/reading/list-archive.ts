import type { ReadEntry } from './read-entry';
import { readArchiveEntries } from './read-archive-entries';

/** What an archive says of one entry, as it stands there and unchecked. */
export type ListedEntry = Omit<ReadEntry, 'content'>;

/** All entries of an archive in its order; reads the whole archive, so that a damaged one is told (`ARCHIVE_…`, as `readArchiveEntries`). */
export async function listArchive(path: string): Promise<ListedEntry[]> {
  const listed: ListedEntry[] = [];
  for await (const { content: _, ...entry } of readArchiveEntries(path)) listed.push(entry);
  return listed;
}

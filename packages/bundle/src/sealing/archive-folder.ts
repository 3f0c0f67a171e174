import { writeArchive, type WriteArchiveRequest, type WrittenArchive } from '@waybill/core';
import { existsSync } from 'node:fs';
import { archiveEntry, readContents } from './archive-entries';

/** Archives a folder as it is, deterministically, below one top folder; `undefined`, and nothing written, when it holds no file or is not there. */
export async function archiveFolder(
  root: string,
  topFolder: string,
  request: Omit<WriteArchiveRequest, 'entries'>,
): Promise<WrittenArchive | undefined> {
  const items = existsSync(root) ? await readContents(root) : [];
  if (items.length === 0) return undefined;
  return writeArchive({ ...request, entries: items.map((item) => archiveEntry(item, root, topFolder)) });
}

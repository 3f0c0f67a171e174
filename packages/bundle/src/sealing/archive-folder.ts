import { writeArchive, type ArchiveFormat, type WrittenArchive } from '@waybill/core';
import { existsSync } from 'node:fs';
import { archiveEntry, readContents } from './archive-entries';

/** Archives a folder as it is, deterministically, below one top folder; `undefined`, and nothing written, when it holds no file or is not there. */
export async function archiveFolder(root: string, topFolder: string, format: ArchiveFormat, output: string, mtimeSeconds: number): Promise<WrittenArchive | undefined> {
  const items = existsSync(root) ? await readContents(root) : [];
  if (items.length === 0) return undefined;
  return writeArchive({ format, entries: items.map((item) => archiveEntry(item, root, topFolder)), output, mtimeSeconds });
}

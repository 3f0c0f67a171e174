import { writeArchive, type ArchiveFormat, type WrittenArchive } from '@waybill/core';
import { archiveEntry, readContents } from './archive-entries';

/** Archives a folder as it is, deterministically, below one top folder; `undefined`, and nothing written, when it holds no file. */
export async function archiveFolder(root: string, topFolder: string, format: ArchiveFormat, output: string, mtimeSeconds: number): Promise<WrittenArchive | undefined> {
  const items = await readContents(root);
  if (items.length === 0) return undefined;
  return writeArchive({ format, entries: items.map((item) => archiveEntry(item, root, topFolder)), output, mtimeSeconds });
}

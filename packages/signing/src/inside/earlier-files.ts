import { createWriteStream, existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { archiveFormatOf, readArchiveEntries, WaybillError } from '@waybill/core';

/** Signed files of an earlier run by path, as files of their own. */
export type EarlierFiles = ReadonlyMap<string, string>;

/**
 * Unpacks from the archive that an earlier run of the target left those files that are to be signed now. An archive that is damaged, or none, gives
 * none: everything is signed anew then.
 */
export async function unpackEarlier(archive: string, wanted: ReadonlySet<string>, folder: string): Promise<EarlierFiles> {
  const found = new Map<string, string>();
  if (archiveFormatOf(archive) === undefined || !existsSync(archive)) return found;
  await mkdir(folder);
  try {
    for await (const entry of readArchiveEntries(archive)) {
      if (entry.kind !== 'file' || !wanted.has(entry.path)) continue;
      const file = join(folder, String(found.size));
      await pipeline(entry.content(), createWriteStream(file, { mode: 0o600 }));
      found.set(entry.path, file);
    }
  } catch (cause) {
    if (!(cause instanceof WaybillError)) throw cause;
    return new Map();
  }
  return found;
}

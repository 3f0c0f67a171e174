import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { archiveErrors } from '../../errors/archive-errors';
import { hashFile } from '../../hashing/hash-file';
import type { ExtractRequest } from '../archive-entry';
import { readArchiveEntries } from './read-archive-entries';
import { FolderUnpacker } from './unpack-into-folder';

/**
 * Unpacks a tar, tar.gz, tar.zst or zip file into an empty folder: modes (without setuid, setgid and sticky bits), symlinks and hard links are kept,
 * times and owners are not. On any error (`ARCHIVE_…`) the folder is emptied again. `files` counts files with hard links, `bytes` their content.
 */
export async function extractArchive(request: ExtractRequest): Promise<{ files: number; bytes: number }> {
  const { archive, destination, limits, sha256, stripComponents = 0 } = request;
  await requireEmpty(destination);
  const unpacker = new FolderUnpacker(archive, destination, stripComponents);
  try {
    const options = { ...(limits ? { limits } : {}), ...(sha256 === undefined ? {} : { sha256 }) };
    for await (const entry of readArchiveEntries(archive, options)) await unpacker.place(entry);
    unpacker.finish();
  } catch (error) {
    await emptyFolder(destination);
    throw await explained(request, error);
  }
  return { files: unpacker.files, bytes: unpacker.bytes };
}

async function requireEmpty(destination: string): Promise<void> {
  const names = await readdir(destination).catch((cause: unknown) => {
    throw archiveErrors.error('ARCHIVE_DESTINATION', { destination, reason: 'is no folder that can be used' }, { cause });
  });
  if (names.length > 0) throw archiveErrors.error('ARCHIVE_DESTINATION', { destination, reason: 'is not empty' });
}

async function emptyFolder(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
}

/** A wrong file explains whatever else was found wrong with it. */
async function explained({ archive, sha256 }: ExtractRequest, error: unknown): Promise<unknown> {
  if (sha256 === undefined) return error;
  const actual = await hashFile(archive).catch(() => undefined);
  if (actual === undefined || actual.sha256 === sha256.toLowerCase()) return error;
  return archiveErrors.error('ARCHIVE_DIGEST', { archive, expected: sha256, actual: actual.sha256 }, { cause: error });
}

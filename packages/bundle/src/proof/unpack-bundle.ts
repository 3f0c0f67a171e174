import { chmod, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { archiveFormatOf, extractArchive } from '@waybill/core';
import { bundleErrors } from '../errors/bundle-errors';
import { UNPACKED } from '../ground/unpacked-folder';

/**
 * Unpacks the archive that ships below `workFolder` and gives the folder of the bundle: the one top folder, or the whole when there are
 * several. With a digest the archive is checked while it is read.
 */
export async function unpackBundle(archive: string, workFolder: string, sha256?: string): Promise<string> {
  if (archiveFormatOf(archive) === undefined) throw bundleErrors.error('BUNDLE_SMOKE_FORMAT', { path: archive });
  const destination = join(workFolder, UNPACKED);
  await mkdir(destination);
  await chmod(destination, 0o755);
  await extractArchive({ archive, destination, ...(sha256 !== undefined && { sha256 }) });
  const [first, ...others] = await readdir(destination, { withFileTypes: true });
  if (first === undefined) throw bundleErrors.error('BUNDLE_SMOKE_EMPTY', { path: archive });
  return others.length === 0 && first.isDirectory() ? join(destination, first.name) : destination;
}

import { join } from 'node:path';
import { formatMode, manifestDigest, type ManifestEntry } from '@waybill/artifacts';
import { hashFile, mapConcurrently, readTree } from '@waybill/core';

const READERS = 4;

/** A folder as its tree manifest sees it: files with digests, links; folders only through what they hold. */
export async function readFolderEntries(folder: string): Promise<readonly ManifestEntry[]> {
  const items = await readTree(folder);
  const entries = await mapConcurrently(items, READERS, async ({ path, kind, mode, linkTarget }): Promise<ManifestEntry | undefined> => {
    if (kind === 'symlink') return { path, type: 'symlink', target: linkTarget ?? '' };
    if (kind !== 'file') return undefined;
    const { size, sha256 } = await hashFile(join(folder, path));
    return { path, type: 'file', mode: formatMode(mode), size, sha256 };
  });
  return entries.filter((entry) => entry !== undefined);
}

/** Size (of all files) and digest (of the tree manifest) of a folder that is an artifact. */
export async function describeFolder(folder: string): Promise<{ size: number; sha256: string }> {
  const entries = await readFolderEntries(folder);
  const size = entries.reduce((sum, entry) => sum + (entry.type === 'file' ? entry.size : 0), 0);
  return { size, sha256: manifestDigest(entries) };
}

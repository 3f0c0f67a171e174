import { createHash } from 'node:crypto';
import type { ReadEntry } from '@waybill/core';
import type { ArchiveManifestEntry } from '../archive-manifest';
import { formatMode } from './render-manifest';

/**
 * An entry of an archive as a manifest lists it, under the path that the caller found to be harmless; the content is read to its end. For files, folders and
 * symlinks alone.
 */
export async function describeEntry(path: string, entry: Pick<ReadEntry, 'kind' | 'mode' | 'linkTarget' | 'content'>): Promise<ArchiveManifestEntry> {
  if (entry.kind === 'directory') return { path, type: 'directory', mode: formatMode(entry.mode) };
  if (entry.kind === 'symlink') return { path, type: 'symlink', target: entry.linkTarget ?? '' };
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of entry.content()) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { path, type: 'file', mode: formatMode(entry.mode), size, sha256: hash.digest('hex') };
}

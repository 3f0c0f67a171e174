import { createHash } from 'node:crypto';
import { compareBytewise } from '../record/compare-bytewise';
import type { ManifestEntry, TreeManifest } from '../tree-manifest';
import { parseManifest } from './parse-manifest';

/** Canonical text of a manifest: fixed key order, entries sorted by path, two spaces, LF. What `parseManifest` would refuse is refused here. */
export function renderManifest(manifest: TreeManifest): string {
  return `${JSON.stringify(parseManifest(JSON.stringify(manifest)), null, 2)}\n`;
}

/**
 * Digest of a folder: sha256 over its entries in canonical form (one JSON line each, sorted by path). Modes, sizes, contents and links
 * count; times, owners and empty folders do not.
 */
export function manifestDigest(entries: readonly ManifestEntry[]): string {
  const hash = createHash('sha256');
  for (const entry of [...entries].sort((one, other) => compareBytewise(one.path, other.path))) {
    hash.update(`${JSON.stringify(canonicalEntry(entry))}\n`);
  }
  return hash.digest('hex');
}

function canonicalEntry(entry: ManifestEntry): ManifestEntry {
  if (entry.type === 'symlink') return { path: entry.path, type: 'symlink', target: entry.target };
  return { path: entry.path, type: 'file', mode: entry.mode, size: entry.size, sha256: entry.sha256 };
}

/** Permission bits as a manifest writes them: `0755`. */
export function formatMode(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

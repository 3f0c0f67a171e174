import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { MANIFEST_PATH, parseManifest, renderManifest, type TreeManifest } from '@waybill/artifacts';
import { comparePaths, hashFile, writeFileAtomic } from '@waybill/core';
import { parseRecordText, recordHash, renderRecordText, type RecordLine } from '@waybill/distributions';

const RECORD = /(^|\/)[^/]+\.dist-info\/RECORD$/;

/** Digest and size (bytes) by path in the bundle. */
export type Changed = Map<string, { sha256: string; size: number }>;

async function hashAll(root: string, paths: readonly string[]): Promise<Changed> {
  const changed: Changed = new Map();
  for (const path of paths) changed.set(path, await hashFile(join(root, path)));
  return changed;
}

/** Makes RECORD files true again that list what changed. Other lines stay. Gives the paths of those that were written. */
export async function rewriteRecords(root: string, paths: readonly string[], changedPaths: readonly string[]): Promise<readonly string[]> {
  const changed = await hashAll(root, changedPaths);
  const written: string[] = [];
  for (const path of paths.filter((candidate) => RECORD.test(candidate))) {
    const text = renewRecord(await readFile(join(root, path), 'utf8'), path, changed);
    if (text === undefined) continue;
    await writeFileAtomic(join(root, path), text, { mode: 0o644 });
    written.push(path);
  }
  return written;
}

export interface TreeChanges {
  /** Paths of files that have other bytes, or were not there before. */
  changed: readonly string[];
  /** Paths of files that are gone. */
  removed?: readonly string[];
}

/** Makes the manifest of a bundle, if it has one, true again. */
export async function rewriteManifest(root: string, paths: readonly string[], { changed, removed = [] }: TreeChanges): Promise<void> {
  if (!paths.includes(MANIFEST_PATH) || changed.length + removed.length === 0) return;
  const manifest = parseManifest(await readFile(join(root, MANIFEST_PATH), 'utf8'), { path: MANIFEST_PATH });
  const entries = manifest.entries.filter(({ path }) => !removed.includes(path));
  await writeFileAtomic(join(root, MANIFEST_PATH), renewManifest({ ...manifest, entries }, await hashAll(root, changed)), { mode: 0o644 });
}

/** Pure. `undefined` when it lists none of them. */
export function renewRecord(text: string, path: string, changed: Changed): string | undefined {
  const base = posix.dirname(posix.dirname(path));
  const lines = parseRecordText(text);
  const fresh = lines.map((line): RecordLine => {
    const now = changed.get(posix.normalize(posix.join(base, line.path)));
    return now && line.hash !== undefined ? { path: line.path, hash: recordHash(now.sha256), size: now.size } : line;
  });
  return fresh.some((line, index) => line !== lines[index]) ? renderRecordText(fresh) : undefined;
}

/** Pure. */
export function renewManifest(manifest: TreeManifest, changed: Changed): string {
  const entries = manifest.entries.map((entry) => {
    const now = entry.type === 'file' ? changed.get(entry.path) : undefined;
    return now && entry.type === 'file' ? { ...entry, size: now.size, sha256: now.sha256 } : entry;
  });
  const listed = new Set(entries.map(({ path }) => path));
  const added = [...changed].filter(([path]) => !listed.has(path) && path !== MANIFEST_PATH);
  const fresh = added.map(([path, now]) => ({ path, type: 'file' as const, mode: '0644', ...now }));
  const all = [...entries, ...fresh].sort((one, other) => comparePaths(one.path, other.path));
  return renderManifest({ ...manifest, entries: fresh.length === 0 ? entries : all });
}

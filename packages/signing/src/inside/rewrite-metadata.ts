import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { MANIFEST_PATH, parseManifest, renderManifest, type TreeManifest } from '@waybill/artifacts';
import { hashFile, writeFileAtomic } from '@waybill/core';
import { parseRecordText, recordHash, renderRecordText, type RecordLine } from '@waybill/distributions';

const RECORD = /(^|\/)[^/]+\.dist-info\/RECORD$/;

/** Digest and size (bytes) by path in the bundle. */
export type Changed = Map<string, { sha256: string; size: number }>;

/**
 * Makes what a bundle says of its files true again after some of them changed: RECORD files that list them, and the manifest, which lists those too.
 * Other lines stay. Gives the paths of what was written.
 */
export async function rewriteMetadata(root: string, paths: readonly string[], changedPaths: readonly string[]): Promise<readonly string[]> {
  const changed: Changed = new Map();
  for (const path of changedPaths) changed.set(path, await hashFile(join(root, path)));
  const written: string[] = [];
  for (const path of paths.filter((candidate) => RECORD.test(candidate))) {
    const text = renewRecord(await readFile(join(root, path), 'utf8'), path, changed);
    if (text === undefined) continue;
    await writeFileAtomic(join(root, path), text, { mode: 0o644 });
    written.push(path);
  }
  for (const path of written) changed.set(path, await hashFile(join(root, path)));
  if (!paths.includes(MANIFEST_PATH) || changed.size === 0) return written;
  const manifest = parseManifest(await readFile(join(root, MANIFEST_PATH), 'utf8'), { path: MANIFEST_PATH });
  await writeFileAtomic(join(root, MANIFEST_PATH), renewManifest(manifest, changed), { mode: 0o644 });
  return [...written, MANIFEST_PATH];
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
  return renderManifest({ ...manifest, entries });
}

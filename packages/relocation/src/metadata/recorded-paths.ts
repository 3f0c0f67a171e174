import { readRecord, recordHash } from '@waybill/distributions';
import type { BundleEntry, BundleFacts } from '../bundle-facts';
import { folderOf } from '../linkage/tree-index';

const RECORD_PATH = /(?:^|\/)[^/]+\.dist-info\/RECORD$/;
const known = new WeakMap<BundleFacts, ReadonlySet<string>>();

/** Paths of files that stand in a RECORD with the digest that they have now: as the makers of the wheel built them. */
export function recordedPaths(facts: BundleFacts): ReadonlySet<string> {
  const found = known.get(facts);
  if (found) return found;
  const recorded = findRecorded(facts.entries);
  known.set(facts, recorded);
  return recorded;
}

export function isRecord({ path }: BundleEntry): boolean {
  return RECORD_PATH.test(path);
}

/** `foo/../bar` relative to the folder of the site packages; undefined when it leaves the bundle or is absolute. */
export function joinInBundle(folder: string, path: string): string | undefined {
  if (path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path)) return undefined;
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of path.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function findRecorded(entries: readonly BundleEntry[]): Set<string> {
  const digests = new Map(entries.map(({ path, sha256 }) => [path, sha256]));
  const recorded = new Set(entries.filter((entry) => entry.recorded).map(({ path }) => path));
  for (const entry of entries) {
    if (entry.text === undefined || !isRecord(entry)) continue;
    const folder = folderOf(folderOf(entry.path));
    for (const row of readRecord(entry.text).rows) {
      const path = joinInBundle(folder, row.path);
      const sha256 = path === undefined ? undefined : digests.get(path);
      if (path !== undefined && sha256 !== undefined && row.hash === recordHash(sha256)) recorded.add(path);
    }
  }
  return recorded;
}

import { posix } from 'node:path';
import type { BundleEntry } from '@waybill/relocation';
import { parseRecordText, recordHash } from '@waybill/distributions';

const RECORD = /(^|\/)[^/]+\.dist-info\/RECORD$/;

/** Paths of files that stand in a RECORD with the digest that they have now. */
export function findRecorded(entries: readonly BundleEntry[]): ReadonlySet<string> {
  const digests = new Map(entries.map(({ path, sha256 }) => [path, sha256]));
  const recorded = new Set<string>();
  for (const { path, text } of entries) {
    if (text === undefined || !RECORD.test(path)) continue;
    const folder = posix.dirname(posix.dirname(path));
    for (const line of parseRecordText(text)) {
      const target = posix.normalize(posix.join(folder, line.path));
      const sha256 = digests.get(target);
      if (sha256 !== undefined && line.hash === recordHash(sha256)) recorded.add(target);
    }
  }
  return recorded;
}

import { MANIFEST_PATH, formatMode, type ManifestEntry, type TreeManifest } from '@waybill/artifacts';
import type { Finding } from '@waybill/core';
import type { BundleEntry } from '@waybill/relocation';

const SHOWN = 20;

/** Every file and link against the manifest that the bundle carries: what changed, went or came after it was written. */
export function verifyManifest(manifest: TreeManifest, entries: readonly BundleEntry[]): Finding[] {
  const listed = new Map(manifest.entries.map((entry) => [entry.path, entry]));
  const present = entries.filter(({ kind, path }) => kind !== 'directory' && path !== MANIFEST_PATH);
  const found = new Set(present.map(({ path }) => path));
  const findings = [
    ...present.flatMap((entry) => compareEntry(entry, listed.get(entry.path))),
    ...manifest.entries.filter(({ path }) => !found.has(path)).map(({ path }) => finding(path, 'is in the manifest and not in the bundle', 'a file', 'none')),
  ];
  return findings.length <= SHOWN ? findings : [...findings.slice(0, SHOWN), { check: 'tree-entries', level: 'error', message: `${findings.length - SHOWN} more entries differ from the manifest` }];
}

function compareEntry(entry: BundleEntry, listed: ManifestEntry | undefined): Finding[] {
  if (listed === undefined) return [finding(entry.path, 'is not in the manifest of the bundle', 'an entry in the manifest', 'none')];
  const [expected, actual] = [describeListed(listed), describe(entry)];
  return expected === actual ? [] : [finding(entry.path, 'is not what the manifest of the bundle says', expected, actual)];
}

const describeListed = (entry: ManifestEntry): string => (entry.type === 'symlink' ? `link to ${entry.target}` : `file, ${entry.mode}, ${entry.size} bytes, sha256 ${entry.sha256}`);

const describe = ({ kind, mode, size, sha256, linkTarget }: BundleEntry): string =>
  kind === 'symlink' ? `link to ${linkTarget}` : kind === 'file' ? `file, ${formatMode(mode)}, ${size} bytes, sha256 ${sha256}` : kind;

const finding = (path: string, what: string, expected: string, actual: string): Finding => ({
  check: 'tree-entries',
  level: 'error',
  path,
  message: `\`${path}\` ${what}`,
  expected,
  actual,
  fix: 'package again: whoever changes files of a bundle writes its manifest again',
});

import type { ElfFacts } from '@waybill/binary';
import { compareVersions, readTree } from '@waybill/core';
import { glibcNeeds, type BundleFacts } from '@waybill/relocation';
import { bundleErrors } from '../../../errors/bundle-errors';
import { formatSize, largestFolders } from '../../../sealing';

/** Most holders that an error names: the first ones tell where to look. */
const MOST_HOLDERS = 10;

/**
 * `glibc` allows so much; every file that needs more is named with a symbol. `read` gives the facts of a file (path in the bundle) with
 * its symbols, which are not read before they are wanted.
 */
export function checkGlibc(facts: BundleFacts, allowed: string | undefined, read: (path: string) => ElfFacts | undefined): void {
  if (allowed === undefined) return;
  const tooNew = (of: BundleFacts) => glibcNeeds(of).filter(({ version }) => compareVersions(version, allowed) > 0);
  const paths = new Set(tooNew(facts).map(({ path }) => path));
  if (paths.size === 0) return;
  const entries = facts.entries.filter(({ path }) => paths.has(path)).map((entry) => ({ ...entry, elf: read(entry.path) ?? entry.elf }));
  const needs = tooNew({ ...facts, entries: entries.map(({ elf, ...entry }) => (elf === undefined ? entry : { ...entry, elf })) });
  const holders = needs
    .sort((a, b) => compareVersions(b.version, a.version) || (a.path < b.path ? -1 : 1))
    .filter(({ path }, index) => needs.findIndex((other) => other.path === path) === index);
  throw bundleErrors.error('BUNDLE_GLIBC', { allowed, needed: holders[0]?.version ?? allowed, holders: holders.slice(0, MOST_HOLDERS) });
}

/** `sizeLimit` bytes unpacked, asked before anything is archived; the error names the largest folders. */
export async function checkSize(root: string, limit: number | undefined): Promise<void> {
  const files = (await readTree(root)).filter(({ kind }) => kind === 'file');
  const size = files.reduce((sum, file) => sum + file.size, 0);
  if (limit === undefined || size <= limit) return;
  const folders = largestFolders(files).map((folder) => ({ path: folder.path, size: formatSize(folder.size) }));
  throw bundleErrors.error('BUNDLE_SIZE', { limit: formatSize(limit), size: formatSize(size), folders });
}

import { compareVersions } from '@waybill/core';
import type { GlibcFloor } from '@waybill/relocation';
import { bundleErrors } from '../../../errors/bundle-errors';
import { formatSize, largestFolders } from '../../../sealing';

/** Most holders that an error names: the first ones tell where to look. */
const MOST_HOLDERS = 10;

/** `glibc` allows so much; a file that needs more is named with its symbol. */
export function checkGlibc(floor: GlibcFloor, allowed: string | undefined): void {
  if (allowed === undefined || floor.version === undefined || compareVersions(floor.version, allowed) <= 0) return;
  const holders = floor.holders.filter(({ version }) => compareVersions(version, allowed) > 0).slice(0, MOST_HOLDERS);
  throw bundleErrors.error('BUNDLE_GLIBC', { allowed, needed: floor.version, holders });
}

/** `sizeLimit` bytes unpacked; the error names the largest folders. */
export function checkSize(files: readonly { path: string; size: number }[], limit: number | undefined): void {
  const size = files.reduce((sum, file) => sum + file.size, 0);
  if (limit === undefined || size <= limit) return;
  const folders = largestFolders(files).map((folder) => ({ path: folder.path, size: formatSize(folder.size) }));
  throw bundleErrors.error('BUNDLE_SIZE', { limit: formatSize(limit), size: formatSize(size), folders });
}

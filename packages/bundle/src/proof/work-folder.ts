import { rmSync } from 'node:fs';
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleErrors } from '../errors/bundle-errors';

/** One line of /proc/self/mounts that matters here. */
interface Mount {
  point: string;
  options: readonly string[];
}

/**
 * A new folder on a file system that allows execution (T23: a temporary folder mounted `noexec` would make every bundle red). The first of
 * `candidates` that fits; `BUNDLE_SMOKE_NOEXEC` when none does.
 */
export async function makeWorkFolder(candidates: readonly string[]): Promise<string> {
  const mounts = parseMounts(await readFile('/proc/self/mounts', 'utf8').catch(() => ''));
  const refused: string[] = [];
  for (const candidate of candidates) {
    const folder = await realpath(candidate).catch(() => undefined);
    if (folder === undefined) continue;
    if (isNoexec(mounts, folder)) {
      refused.push(candidate);
      continue;
    }
    const made = await mkdtemp(join(folder, 'waybill-proof-')).catch(() => undefined);
    if (made !== undefined) return keepTrackOf(made);
  }
  throw bundleErrors.error('BUNDLE_SMOKE_NOEXEC', { folders: refused.length > 0 ? refused : candidates });
}

/** Folders that are in use; what is left at the end of the process (Ctrl-C) is removed then. */
const inUse = new Set<string>();
const removeAll = (): void => inUse.forEach((folder) => rmSync(folder, { recursive: true, force: true }));

function keepTrackOf(folder: string): string {
  if (inUse.size === 0) process.once('exit', removeAll);
  inUse.add(folder);
  return folder;
}

export async function removeWorkFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  inUse.delete(folder);
  if (inUse.size === 0) process.off('exit', removeAll);
}

export function parseMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [, point, , options] = line.split(' ');
    if (point === undefined || options === undefined) return [];
    return [
      { point: point.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))), options: options.split(',') },
    ];
  });
}

/** The mount with the longest point above the folder decides; of two at one point the later. */
export function isNoexec(mounts: readonly Mount[], folder: string): boolean {
  const above = mounts.filter(({ point }) => folder === point || folder.startsWith(point === '/' ? '/' : `${point}/`));
  const holder = above.reduce<Mount | undefined>(
    (best, mount) => (best === undefined || mount.point.length >= best.point.length ? mount : best),
    undefined,
  );
  return holder?.options.includes('noexec') ?? false;
}

import { rmSync } from 'node:fs';
import { mkdir, readFile, realpath, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { ownedName, removeLeftovers } from '@waybill/core';
import { bundleErrors } from '../errors/bundle-errors';

/** One line of /proc/self/mounts that matters here. */
interface Mount {
  point: string;
  options: readonly string[];
}

/** The file system in memory that Linux machines have. */
const MEMORY = '/dev/shm';
const TMPFS = 0x01021994;
/** Where no namespace can be had the bundle is copied to every place; so much of what is free it may take, all copies together. */
const COPIES = 16;

/**
 * The file system in memory, when a bundle of `bytes` bytes, copied to every place, is a small part of what is free there and of the memory
 * that this process may use; else nothing. Unpacking there costs no disk: a bundle is a thousand small files that nobody keeps.
 */
export async function memoryFor(bytes: number, folder = MEMORY, availableBytes = process.availableMemory(), copies = COPIES): Promise<string[]> {
  const found = await statfs(folder).catch(() => undefined);
  if (found?.type !== TMPFS) return [];
  return bytes * copies <= Math.min(availableBytes, found.bavail * found.bsize) ? [folder] : [];
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
    const made = await makeOwned(join(folder, 'waybill-proof')).catch(() => undefined);
    if (made !== undefined) return keepTrackOf(made);
  }
  throw bundleErrors.error('BUNDLE_SMOKE_NOEXEC', { folders: refused.length > 0 ? refused : candidates });
}

/** Of what is free in memory a tree that is being made, and what it grows by, may take a quarter. */
const ROOM = 4;

/** Is so much of the memory free that a tree of `bytes` bytes can be made there? */
export const hasRoomInMemory = async (bytes: number): Promise<boolean> =>
  (await memoryFor(bytes, MEMORY, process.availableMemory(), ROOM)).length > 0;

/**
 * A new folder in memory for a tree of `bytes` bytes that does not outlive the run: making and removing thousands of small files costs the
 * processor several times as much on a disk. `undefined` where there is little memory, or where programs cannot be started from it.
 * Remove it with `removeWorkFolder`.
 */
export async function makeFolderInMemory(name: string, bytes: number): Promise<string | undefined> {
  if (!(await hasRoomInMemory(bytes))) return undefined;
  const mounts = parseMounts(await readFile('/proc/self/mounts', 'utf8').catch(() => ''));
  if (isNoexec(mounts, MEMORY)) return undefined;
  const made = await makeOwned(join(MEMORY, name)).catch(() => undefined);
  return made === undefined ? undefined : keepTrackOf(made);
}

/** What a killed proof left behind goes first: in memory it would cost until the next boot. */
async function makeOwned(path: string): Promise<string> {
  await removeLeftovers(path);
  const folder = ownedName(path, 'staging');
  await mkdir(folder, { mode: 0o700 });
  return folder;
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

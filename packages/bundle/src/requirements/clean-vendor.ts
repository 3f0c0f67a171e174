import { mapConcurrently, readTree, writeFileAtomic, type TreeItem } from '@waybill/core';
import { readdirSync } from 'node:fs';
import { chmod, open, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleErrors } from '../errors/bundle-errors';
import { isLicence } from '../runtime/preparation/selection/prune-table';
import { pathMatcher } from '../runtime/preparation/selection/match-paths';
import { findConflicts, type FileConflict, type InstalledDistribution } from './find-conflicts';

/** What INSTALLER says in every bundle, whatever installed the wheel. */
const INSTALLER = 'waybill\n';
const CONSOLE_SCRIPT = 'console script: its first line is the path of an interpreter';
const CONCURRENCY = 16;

/** What the installer writes of itself and of this machine. */
const DROPPED_METADATA = new Set(['direct_url.json', 'REQUESTED', 'uv_cache.json', 'uv_build.json']);
const DROPPED_AT_TOP = new Set(['.lock', '.gitignore', 'CACHEDIR.TAG']);

export interface VendorContents {
  /** Sorted by name. */
  distributions: readonly { name: string; version: string }[];
  conflicts: readonly FileConflict[];
  /** Paths relative to the vendor folder that were removed, with why. */
  removed: readonly Removed[];
}

interface Removed {
  path: string;
  reason: string;
}

/** An entry of `prune.drop` that is about files of wheels: a path or glob in the bundle. */
export const isOfWheels = (entry: string): boolean => entry.startsWith('python/vendor/');

/**
 * Takes out of a freshly filled vendor folder, with the `distributions` that it holds, what holds only on this machine or names it: console scripts (their first line is the
 * path of an interpreter), `direct_url.json`, notes of the installer, C headers, byte code of another place. Licence files stay,
 * whatever they are called. So goes what an entry of `drop` (`isOfWheels`) fits, but for metadata of distributions. Wheels that install different content under one path are `WHEEL_CONFLICT`.
 */
export async function cleanVendor(
  vendor: string,
  distributions: readonly InstalledDistribution[],
  drop: readonly string[] = [],
): Promise<VendorContents> {
  const conflicts = findConflicts(distributions);
  const bad = conflicts.find(({ path, same }) => !same && !isDropped(path));
  if (bad !== undefined) throw bundleErrors.error('WHEEL_CONFLICT', bad);
  const items = await readTree(vendor);
  const dropped = dropJudge(drop);
  const removed = await removeItems(vendor, items, dropped);
  for (const { distInfo } of distributions) await writeFileAtomic(join(vendor, distInfo, 'INSTALLER'), INSTALLER);
  await normaliseModes(vendor, items, removed);
  return {
    distributions: distributions.map(({ name, version }) => ({ name, version })),
    conflicts: conflicts.filter(({ path }) => !isDropped(path)),
    removed: uniquePaths(removed.map(({ path, reason }) => ({ path: dropped(path) ?? path, reason }))),
  };
}

/** The path that an entry fits, the file’s own or that of a folder above it; metadata and licences of a distribution that is there stay. */
function dropJudge(entries: readonly string[]): (path: string) => string | undefined {
  const place = 'python/vendor/';
  const fits = pathMatcher(entries, '');
  return (path) => {
    if (entries.length === 0 || /^[^/]+\.dist-info(\/|$)/.test(path) || isLicence(path) || !fits(place + path)) return undefined;
    return [...ancestors(path), path].find((part) => fits(place + part));
  };
}

const uniquePaths = (removed: readonly Removed[]): Removed[] => [...new Map(removed.map((one) => [one.path, one])).values()];

/** Files that go whatever they hold, so that two wheels may both have them. */
const isDropped = (path: string): boolean => reasonByPath(path) !== undefined || /^bin\//.test(path);

function reasonByPath(path: string): string | undefined {
  const parts = path.split('/');
  const base = parts.at(-1)!;
  if (parts.length === 1 && DROPPED_AT_TOP.has(base)) return 'written by the installer for itself';
  if (parts.length === 2 && parts[0]!.endsWith('.dist-info') && DROPPED_METADATA.has(base)) return 'written by the installer, names this machine';
  if (parts.includes('__pycache__') || /\.py[co]$/.test(base)) return 'byte code of another place';
  return parts[0] === 'include' ? 'C headers, of no use at run time' : undefined;
}

/** Scripts that Python runs, by their first bytes; also those whose first line was too long for a kernel (`'''exec' "/…/python"`). */
async function isPythonScript(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0);
    const [first = '', second = ''] = buffer.subarray(0, bytesRead).toString('latin1').split('\n');
    return first.startsWith('#!') && (/python/i.test(first) || second.startsWith("'''exec'"));
  } finally {
    await handle.close();
  }
}

async function removeItems(vendor: string, items: readonly TreeItem[], dropped: (path: string) => string | undefined): Promise<Removed[]> {
  const judged = await mapConcurrently(items, CONCURRENCY, async ({ path, kind }) => {
    if (kind === 'directory') return undefined;
    const reason =
      reasonByPath(path) ??
      (dropped(path) === undefined ? undefined : 'named in `prune.drop`') ??
      (kind === 'file' && /^bin\/[^/]+$/.test(path) && (await isPythonScript(join(vendor, path))) ? CONSOLE_SCRIPT : undefined);
    return reason === undefined ? undefined : { path, reason };
  });
  const removed = judged.filter((item) => item !== undefined);
  await mapConcurrently(removed, CONCURRENCY, ({ path }) => rm(join(vendor, path)));
  const emptied = new Set(removed.flatMap(({ path }) => ancestors(path)));
  for (const folder of [...emptied].sort((a, b) => b.length - a.length)) await removeIfEmpty(join(vendor, folder));
  return removed;
}

const ancestors = (path: string): string[] =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, index, parts) => parts.slice(0, index + 1).join('/'));

async function removeIfEmpty(folder: string): Promise<void> {
  if (readdirSync(folder).length === 0) await rmdir(folder);
}

/** 0644 or 0755, by the executable bit alone: the umask of this machine does not travel. */
async function normaliseModes(vendor: string, items: readonly TreeItem[], removed: readonly { path: string }[]): Promise<void> {
  const gone = new Set(removed.map(({ path }) => path));
  const wrong = items.filter(({ path, kind, mode }) => kind === 'file' && !gone.has(path) && mode !== 0o644 && mode !== 0o755);
  await mapConcurrently(wrong, CONCURRENCY, ({ path, mode }) => chmod(join(vendor, path), (mode & 0o111) === 0 ? 0o644 : 0o755));
}

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isPrerelease, isReleaseVersion, orderVersions } from '@waybill/artifacts';
import type { Channel, Release } from '@waybill/publishing';

/**
 * A folder that releases stand in:
 *
 *     {path}/{name}/{version}/…            files of a release, whole or not there
 *     {path}/{name}/.{version}.incomplete/ files of one that is not whole yet
 *     {path}/{name}/.{version}.taken-back/ files of one that was taken back
 *     {path}/{name}/stable.json            the newest release of a channel
 *     {path}/simple/                       an index of its wheels and sdists, where one is asked for
 */
export interface FolderPlaces {
  /** Of all releases of the name. */
  base: string;
  whole: string;
  incomplete: string;
  takenBack: string;
  /** A trial on its way out. */
  replaced: string;
}

export function placesOf(root: string, { name, version }: Pick<Release, 'name' | 'version'>): FolderPlaces {
  const base = join(root, name);
  const hidden = (state: string): string => join(base, `.${version}.${state}`);
  return { base, whole: join(base, version), incomplete: hidden('incomplete'), takenBack: hidden('taken-back'), replaced: hidden('replaced') };
}

export const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (stats) => stats.isDirectory(),
    (cause: NodeJS.ErrnoException) => notThere(cause, false),
  );

/** Names that do not begin with a dot, sorted; none when there is no folder. */
export const namesIn = async (path: string): Promise<readonly string[]> => (await entriesOf(path)).filter((name) => !name.startsWith('.')).sort();

const entriesOf = (path: string): Promise<readonly string[]> => readdir(path).catch((cause: NodeJS.ErrnoException) => notThere(cause, []));

function notThere<T>(cause: NodeJS.ErrnoException, otherwise: T): T {
  if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return otherwise;
  throw cause;
}

/** What may be versions: of releases that stand there, and of those that were taken back. */
export async function namesOfReleases(base: string): Promise<readonly string[]> {
  const takenBack = (await entriesOf(base)).flatMap((name) => /^\.(.+)\.taken-back$/.exec(name)?.[1] ?? []);
  return [...(await namesIn(base)), ...takenBack];
}

/** Versions that stand whole in the folder, the oldest first. */
export async function versionsIn(base: string, channel?: Channel): Promise<readonly string[]> {
  const names = (await namesIn(base)).filter(isReleaseVersion);
  const folders: string[] = [];
  for (const name of names) if (await isFolder(join(base, name))) folders.push(name);
  return folders.filter((version) => channel === undefined || channelOf(version) === channel).sort(orderVersions);
}

export const channelOf = (version: string): Channel => (isPrerelease(version) ? 'prerelease' : 'stable');

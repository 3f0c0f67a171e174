import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { orderVersions } from '@waybill/artifacts';
import { hashFile, writeFileAtomic } from '@waybill/core';
import type { Channel, Release } from '@waybill/publishing';
import { channelOf, namesIn, placesOf, versionsIn } from './folder-layout';

const SCHEMA = 'waybill/channel/1';

/** `stable.json` or `prerelease.json`: which release of a channel is the newest, and what its files are. */
export async function movePointer(root: string, release: Release): Promise<string> {
  const { base } = placesOf(root, release);
  const present = await pointedAt(base, release.channel);
  const { name, version, channel } = release;
  const newer = present !== undefined && (await versionsIn(base)).includes(present) && orderVersions(present, version) > 0;
  if (newer) return `${channel} stays at ${present}, which is newer`;
  await writePointer(root, { name, version, channel });
  return `${channel} is ${version}`;
}

/** After a release was taken back: the newest that is left, where a pointer named that one. An option may have put it into the other channel. */
export async function movePointersBack(root: string, release: Pick<Release, 'name' | 'version'>): Promise<readonly string[]> {
  const own = channelOf(release.version);
  const other: Channel = own === 'stable' ? 'prerelease' : 'stable';
  const named = (await pointedAt(placesOf(root, release).base, other)) === release.version;
  return [await movePointerBack(root, release, own), ...(named ? [await movePointerBack(root, release, other)] : [])];
}

async function movePointerBack(root: string, { name, version }: Pick<Release, 'name' | 'version'>, channel: Channel): Promise<string> {
  const { base } = placesOf(root, { name, version });
  const present = await pointedAt(base, channel);
  if (present !== version) return `${channel} stays at ${present ?? 'nothing'}`;
  const before = (await versionsIn(base, channel)).filter((one) => one !== version).at(-1);
  if (before === undefined) await rm(join(base, `${channel}.json`), { force: true });
  else await writePointer(root, { name, version: before, channel });
  return `${channel} is ${before ?? 'nothing'}`;
}

async function writePointer(root: string, { name, version, channel }: Pick<Release, 'name' | 'version' | 'channel'>): Promise<void> {
  const { base, whole } = placesOf(root, { name, version });
  const files = [];
  for (const file of await namesIn(whole)) {
    const { size, sha256 } = await hashFile(join(whole, file));
    files.push({ path: `${version}/${file}`, size, sha256 });
  }
  const text = `${JSON.stringify({ schema: SCHEMA, name, version, channel, files }, null, 2)}\n`;
  const path = join(base, `${channel}.json`);
  if ((await textOf(path)) !== text) await writeFileAtomic(path, text);
}

const textOf = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw cause;
  });

/** A pointer that cannot be read names nothing: it is written again. */
async function pointedAt(base: string, channel: Channel): Promise<string | undefined> {
  const version = /"version": "([^"\\]+)"/.exec((await textOf(join(base, `${channel}.json`))) ?? '')?.[1];
  return version;
}

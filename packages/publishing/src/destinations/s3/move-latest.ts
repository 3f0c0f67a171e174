import { isPrerelease, isReleaseVersion, orderVersions } from '@waybill/artifacts';
import type { HttpResponse } from '@waybill/core';
import type { Channel } from '../../destination';
import { publishingErrors } from '../../errors/publishing-errors';
import { listObjects } from './list-objects';
import { versionsTakenBack } from './mark-taken-back';
import { judgeWhole } from './judge-whole';
import { readObject } from './read-object';
import { s3Reason, s3Refusal } from './s3-refusal';
import { leavesOpen, sendToS3 } from './s3-client';
import { latestKey, versionPrefix, type S3Store } from './s3-config';

const SCHEMA = 'waybill/channel/1';

interface Named {
  name: string;
  version: string;
}

interface Pointer {
  version?: string;
  text: string;
  etag?: string;
}

const channelOf = (version: string): Channel => (isPrerelease(version) ? 'prerelease' : 'stable');

/** Lets `latest.json` name this release, unless it names a newer one. */
export async function moveLatest(store: S3Store, release: Named & { channel: Channel }): Promise<string> {
  const key = latestKey(store, release.name);
  if (!store.latest.includes(release.channel)) return `\`${key}\` stays: it is moved by ${store.latest.join(', ') || 'no'} releases`;
  const present = await readPointer(store, key);
  if (present?.version !== undefined && orderVersions(present.version, release.version) > 0) {
    return `\`${key}\` stays at ${present.version}, which is newer`;
  }
  await writePointer(store, key, release, present);
  return `\`${key}\` is ${release.version}`;
}

/** Whether the pointer can be moved when all files are there: found before any is sent (`PUBLISH_S3_ETAG`). */
export async function judgePointer(store: S3Store, { name, channel }: { name: string; channel: Channel }): Promise<void> {
  const key = latestKey(store, name);
  if (store.latest.includes(channel)) conditionOf(store, key, await readPointer(store, key));
}

export const isLatest = async (store: S3Store, { name, version }: Named): Promise<boolean> =>
  (await readPointer(store, latestKey(store, name)))?.version === version;

/** After a release was taken back: the newest whole one below it, if the pointer names that release. `undefined`: it does not. */
export async function moveLatestBack(store: S3Store, release: Named): Promise<readonly string[] | undefined> {
  const key = latestKey(store, release.name);
  const present = await readPointer(store, key);
  if (present === undefined || present.version !== release.version) return undefined;
  const { before, left } = await versionBefore(store, release);
  if (before !== undefined) await writePointer(store, key, { name: release.name, version: before }, present);
  else {
    const response = await sendToS3(store, { method: 'DELETE', key });
    if (response.status >= 300) throw await s3Refusal(store, response, `delete \`${key}\``);
  }
  return [`\`${key}\` is ${before ?? 'gone: there is no earlier release'}`, ...left];
}

/**
 * A release that was given up half way is passed over. Sums are signed and their signatures sent last, and nothing there says that there shall be some: one
 * that has fewer of them than the release that the pointer named is passed over for one that has as many. Where there is none (the key is new), it is taken.
 */
async function versionBefore(store: S3Store, { name, version }: Named): Promise<{ before?: string; left: readonly string[] }> {
  const folder = versionPrefix(store, name, '').slice(0, -1);
  const versions = (await listObjects(store, folder, { folders: true })).map((prefix) => prefix.slice(folder.length, -1));
  const gone = await versionsTakenBack(store, name);
  const below = versions
    .filter((one) => isReleaseVersion(one) && !gone.has(one) && store.latest.includes(channelOf(one)) && orderVersions(one, version) < 0)
    .sort(orderVersions);
  const { signatures: wanted } = await judgeWhole(store, { name, version });
  const passed = new Map<string, string>();
  let best: { one: string; signatures: number } | undefined;
  for (const one of below.reverse()) {
    const { lack, signatures } = await judgeWhole(store, { name, version: one });
    if (lack === undefined && signatures > (best?.signatures ?? -1)) best = { one, signatures };
    if (best?.one === one && signatures >= wanted) break;
    passed.set(one, lack ?? `its sums have fewer signatures (${signatures}) than those of ${version} (${wanted})`);
  }
  const before = best?.one;
  const above = [...passed].filter(([one]) => before === undefined || orderVersions(one, before) > 0);
  const doubt = before === undefined ? undefined : passed.get(before);
  return {
    ...(before !== undefined && { before }),
    left: [
      ...above.map(([one, why]) => `${one} was passed over: ${why}`),
      ...(doubt === undefined ? [] : [`look whether ${before} is whole: ${doubt}`]),
    ],
  };
}

/** One that cannot be read, or that names what no release is called, names nothing: it is written again. */
async function readPointer(store: S3Store, key: string): Promise<Pointer | undefined> {
  const response = await sendToS3(store, { method: 'GET', key });
  if (response.status === 404 && (await s3Reason(response)).code !== 'NoSuchBucket') return undefined;
  if (response.status !== 200) throw await s3Refusal(store, response, `read \`${key}\``);
  const text = await response.text();
  const version = /"version": "([0-9][^"\\]*)"/.exec(text)?.[1];
  return {
    text,
    ...(version !== undefined && isReleaseVersion(version) && { version }),
    ...(response.headers['etag'] !== undefined && { etag: response.headers['etag'] }),
  };
}

/** Only over what was read: two publishes at once do not undo each other. */
async function writePointer(store: S3Store, key: string, release: Named & { channel?: Channel }, present: Pointer | undefined): Promise<void> {
  const text = await renderPointer(store, release);
  if (present?.text === text) return;
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-cache', ...conditionOf(store, key, present) };
  const response = await sendToS3(store, { method: 'PUT', key, headers, body: Buffer.from(text) });
  if (response.status !== 200) throw await pointerRefusal(store, key, response);
}

/** Without an ETag nothing tells whether it is still what was read (`PUBLISH_S3_ETAG`). */
function conditionOf({ id }: S3Store, key: string, present: Pointer | undefined): Readonly<Record<string, string>> {
  if (present === undefined) return { 'if-none-match': '*' };
  if (present.etag === undefined) throw publishingErrors.error('PUBLISH_S3_ETAG', { id, key });
  return { 'if-match': present.etag };
}

async function pointerRefusal(store: S3Store, key: string, response: HttpResponse): Promise<Error> {
  const { id } = store;
  if (response.status === 412) return publishingErrors.error('PUBLISH_S3_LATEST', { id, key, reason: 'somebody else moved it' });
  if (!leavesOpen(response.status)) return s3Refusal(store, response, `write \`${key}\``);
  return publishingErrors.error('PUBLISH_UNANSWERED', { id, action: `write \`${key}\``, said: `HTTP ${response.status}` });
}

/** The same for the same files: writing it again changes nothing. What is listed and not given leaves open what it is (`PUBLISH_UNANSWERED`). */
async function renderPointer(store: S3Store, { name, version, channel = channelOf(version) }: Named & { channel?: Channel }): Promise<string> {
  const prefix = versionPrefix(store, name, version);
  const files = [];
  for (const key of [...(await listObjects(store, prefix))].sort()) {
    const found = await readObject(store, key);
    if (found === undefined)
      throw publishingErrors.error('PUBLISH_UNANSWERED', { id: store.id, action: `give \`${key}\`, which it lists`, said: 'HTTP 404' });
    files.push({ path: `${version}/${key.slice(prefix.length)}`, size: found.size, sha256: found.sha256 });
  }
  return `${JSON.stringify({ schema: SCHEMA, name, version, channel, files }, null, 2)}\n`;
}

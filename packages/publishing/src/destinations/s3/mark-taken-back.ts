import { listObjects } from './list-objects';
import { sendToS3 } from './s3-client';
import { takenBackPrefix, versionPrefix, type S3Store } from './s3-config';
import { s3Refusal } from './s3-refusal';

interface Named {
  name: string;
  version: string;
}

const SCHEMA = 'waybill/taken-back/1';

const keyOf = (store: S3Store, { name, version }: Named): string => `${takenBackPrefix(store, name)}${version}.json`;

/** The same bytes each time. It stands outside of the version, whose objects are never changed. */
export async function markTakenBack(store: S3Store, { name, version }: Named): Promise<string> {
  const key = keyOf(store, { name, version });
  const body = Buffer.from(`${JSON.stringify({ schema: SCHEMA, name, version }, null, 2)}\n`);
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-cache' };
  const response = await sendToS3(store, { method: 'PUT', key, headers, body });
  if (response.status !== 200) throw await s3Refusal(store, response, `write \`${key}\``);
  return `\`${key}\` says that it was taken back`;
}

export async function readMark(store: S3Store, release: Named): Promise<string | undefined> {
  const key = keyOf(store, release);
  return (await listObjects(store, key)).includes(key) ? `\`${key}\` stands there` : undefined;
}

/** Names of folders and marks: versions among them are those that stand there or were taken back. */
export async function standingNames(store: S3Store, name: string): Promise<readonly string[]> {
  const folder = versionPrefix(store, name, '').slice(0, -1);
  const folders = (await listObjects(store, folder, { folders: true })).map((prefix) => prefix.slice(folder.length, -1));
  return [...folders, ...(await versionsTakenBack(store, name))];
}

/** Versions that were taken back. */
export async function versionsTakenBack(store: S3Store, name: string): Promise<ReadonlySet<string>> {
  const prefix = takenBackPrefix(store, name);
  return new Set((await listObjects(store, prefix)).map((key) => key.slice(prefix.length).replace(/\.json$/, '')));
}

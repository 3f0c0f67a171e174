import type { PublishFile, Release } from '../../destination';
import { publishingErrors } from '../../errors/publishing-errors';
import { findingsOf } from '../error-finding';
import { textOf } from './read-xml';
import { listParts, listUploads } from './list-parts';
import { abortUpload } from './resume-upload';
import { leavesOpen, sendToS3 } from './s3-client';
import { latestKey, versionPrefix, type S3Store } from './s3-config';
import { s3Reason, s3Refusal } from './s3-refusal';

/** A store without uploads in parts. */
const UNKNOWN_HERE: ReadonlySet<number> = new Set([405, 501]);

/**
 * Begins an upload in parts and gives it up: nothing stands under the key then, and it takes the right to write (`s3:PutObject`). For a file and for the
 * pointer that is to be moved. What a run that was killed in between left of that is aborted too.
 */
export async function proveS3Rights(store: S3Store, release: Release, files: readonly PublishFile[]): Promise<readonly string[]> {
  const file = files.find(({ size }) => size >= store.parts.fromBytes) ?? files[0]!;
  const pointer = store.latest.includes(release.channel) ? [latestKey(store, release.name)] : [];
  const remarks: string[] = [];
  for (const key of [`${versionPrefix(store, release.name, release.version)}${file.name}`, ...pointer]) remarks.push(...(await tryKey(store, key)));
  return remarks;
}

/** Uploads of a key without any part: begun to prove rights, or by a run that was killed before it sent anything. Whoever may not list them leaves them. */
async function abortEmpty(store: S3Store, key: string): Promise<readonly string[]> {
  const refused = await findingsOf(async () => {
    for (const uploadId of await listUploads(store, key)) {
      if ((await listParts(store, key, uploadId)).length === 0) await abortUpload(store, key, uploadId);
    }
    return [];
  });
  return refused.map(({ message }) => `empty uploads of \`${key}\` that were broken off are not looked for: ${message}`);
}

async function tryKey(store: S3Store, key: string): Promise<readonly string[]> {
  const response = await sendToS3(store, { method: 'POST', key, query: { uploads: '' } });
  if (UNKNOWN_HERE.has(response.status)) return [`the store does not tell before it is written whether \`${key}\` may be written`];
  if (leavesOpen(response.status)) {
    const { code } = await s3Reason(response);
    throw publishingErrors.error('PUBLISH_UNANSWERED', { id: store.id, action: `begin an upload of \`${key}\``, said: code });
  }
  const uploadId = response.status === 200 ? textOf(await response.text(), 'UploadId') : undefined;
  if (uploadId === undefined) throw await s3Refusal(store, response, `write \`${key}\``);
  const left = await abortUpload(store, key, uploadId);
  if (left !== undefined) return [`an empty upload of \`${key}\` stays: ${[left.message, ...left.details].join('; ')}`];
  return abortEmpty(store, key);
}

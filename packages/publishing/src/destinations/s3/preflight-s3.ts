import type { Finding, HttpResponse } from '@waybill/core';
import type { PublishFile, Release } from '../../destination';
import { publishingErrors } from '../../errors/publishing-errors';
import { errorFinding, findingsOf } from '../error-finding';
import { readList } from './list-objects';
import { listUploads } from './list-parts';
import { judgePointer } from './move-latest';
import { s3Refusal } from './s3-refusal';
import { sendToS3 } from './s3-client';
import { versionPrefix, type S3Store } from './s3-config';

const SKEW_MS = 5 * 60_000;
const LARGEST_BYTES = 5 * 1024 ** 4;

/**
 * Bucket, region, key, secret, clock and the right to list, by listing; the rights to write can only be seen by writing (`proveS3Rights`). A connection
 * that gives no answer is thrown.
 */
export async function preflightS3(store: S3Store, release: Release, files: readonly PublishFile[]): Promise<readonly Finding[]> {
  const prefix = versionPrefix(store, release.name, release.version);
  const response = await sendToS3(store, { method: 'GET', query: { 'list-type': '2', prefix, 'max-keys': '1' } });
  if (response.status !== 200) return [errorFinding(await s3Refusal(store, response, `list \`${prefix}\``))];
  const foreign = await findingsOf(() => readList(store, response));
  if (foreign.length > 0) return foreign;
  return [
    ...clockFindings(store, response),
    ...(await findingsOf(() => judgePointer(store, release))),
    ...(await uploadFindings(store, prefix, files)),
    ...sizeFindings(store, files),
  ];
}

function clockFindings(store: S3Store, { headers }: HttpResponse): readonly Finding[] {
  const skew = store.nowMs() - Date.parse(headers['date'] ?? '');
  if (Number.isNaN(skew) || Math.abs(skew) < SKEW_MS) return [];
  const said = `this machine is ${Math.round(Math.abs(skew) / 1_000)} s ${skew > 0 ? 'ahead' : 'behind'}`;
  return [{ ...errorFinding(publishingErrors.error('PUBLISH_S3_CLOCK', { id: store.id, said })), level: 'warning' }];
}

/** Large files are sent in parts, and broken uploads must be seen. */
async function uploadFindings(store: S3Store, prefix: string, files: readonly PublishFile[]): Promise<readonly Finding[]> {
  const large = files.find(({ size }) => size >= store.parts.fromBytes);
  return large === undefined ? [] : findingsOf(() => listUploads(store, `${prefix}${large.name}`));
}

const sizeFindings = (store: S3Store, files: readonly PublishFile[]): readonly Finding[] =>
  files
    .filter(({ size }) => size > LARGEST_BYTES)
    .map(({ name, size }) => errorFinding(publishingErrors.error('PUBLISH_S3_SIZE', { id: store.id, name, size, limit: LARGEST_BYTES })));

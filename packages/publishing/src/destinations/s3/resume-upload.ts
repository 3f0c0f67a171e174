import { createHash } from 'node:crypto';
import { WaybillError } from '@waybill/core';
import type { PublishFile } from '../../destination';
import { listParts, listUploads, type StoredPart } from './list-parts';
import { s3Refusal } from './s3-refusal';
import { sendToS3 } from './s3-client';
import type { S3Store } from './s3-config';

/**
 * Number of the part that says which bytes an upload was begun for. What is written with an object is fixed at the begin and told to nobody before the
 * object stands: an upload that was begun for other bytes would give them the wrong digest, however right its parts are. The mark is not among the
 * parts that are completed, and the store drops it then.
 */
export const MARK_PART = 10_000;
export const MOST_PARTS = MARK_PART - 1;

/** Content of that part. */
export const markOf = ({ sha256 }: Pick<PublishFile, 'sha256'>): Buffer => Buffer.from(`sha256:${sha256}`);

export interface BegunUpload {
  uploadId: string;
  /** Without the mark. */
  parts: readonly StoredPart[];
}

/** The latest upload of the key that was begun for these bytes and neither completed nor aborted. One whose mark cannot be read is none. */
export async function findBegunUpload(store: S3Store, key: string, file: PublishFile): Promise<BegunUpload | undefined> {
  const mark = createHash('md5').update(markOf(file)).digest('hex');
  for (const uploadId of await listUploads(store, key)) {
    const parts = await listParts(store, key, uploadId);
    if (parts.some(({ number, etag }) => number === MARK_PART && etag.replaceAll('"', '') === mark)) {
      return { uploadId, parts: parts.filter(({ number }) => number !== MARK_PART) };
    }
  }
  return undefined;
}

/**
 * Uploads of files that stand already are of no use, and the store keeps their parts. Gives a line for each that cannot be aborted: it hinders nobody,
 * but costs room until somebody does it.
 */
export async function abortRests(store: S3Store, keys: readonly string[]): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const key of keys) {
    for (const uploadId of await listUploads(store, key)) {
      const refusal = await abortUpload(store, key, uploadId);
      if (refusal) lines.push(`an unfinished upload of \`${key}\` stays and takes room: ${[refusal.message, ...refusal.details].join('; ')}`);
    }
  }
  return lines;
}

/** One that is gone already is as well. */
export async function abortUpload(store: S3Store, key: string, uploadId: string): Promise<WaybillError | undefined> {
  const response = await sendToS3(store, { method: 'DELETE', key, query: { uploadId } });
  const gone = response.status === 204 || response.status === 200 || response.status === 404;
  return gone ? undefined : s3Refusal(store, response, `abort the upload ${uploadId}`);
}

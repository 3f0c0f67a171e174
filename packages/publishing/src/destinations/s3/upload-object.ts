import type { HttpResponse } from '@waybill/core';
import type { PublishFile, UploadOutcome, UploadProgress } from '../../destination';
import { contentType } from '../content-type';
import { uncertain } from '../uncertain-outcome';
import { s3Refusal } from './s3-refusal';
import { leavesOpen, sendToS3 } from './s3-client';
import type { S3Store } from './s3-config';

export const IMMUTABLE = 'public, max-age=31536000, immutable';

/** What is written with an object, in whatever way it is sent. */
export const headersOf = ({ name, sha256 }: PublishFile): Record<string, string> => ({
  'content-type': contentType(name),
  'cache-control': IMMUTABLE,
  'x-amz-meta-sha256': sha256,
});

/** One conditional PUT. The digest is signed and sent as a checksum too: other bytes on the way are refused by the store. */
export async function uploadWhole(store: S3Store, key: string, file: PublishFile, progress: UploadProgress): Promise<UploadOutcome> {
  const response = await sendToS3(store, {
    ...{ method: 'PUT', key, timeoutMs: progress.timeoutMs, onSent: progress.onSent },
    headers: { ...headersOf(file), 'if-none-match': '*', 'x-amz-checksum-sha256': Buffer.from(file.sha256, 'hex').toString('base64') },
    body: { content: file.content, sha256: file.sha256 },
  });
  return outcomeOf(store, response, `write \`${key}\``);
}

/** 412: the name was taken since we looked, maybe by our own earlier request. Looking decides. */
export async function outcomeOf(store: S3Store, response: HttpResponse, action: string): Promise<UploadOutcome> {
  if (response.status === 200) return { outcome: 'stored' };
  if (response.status === 412) return { outcome: 'uncertain', reason: 'the name was taken meanwhile' };
  if (leavesOpen(response.status)) return uncertain('the store', response);
  throw await s3Refusal(store, response, action);
}

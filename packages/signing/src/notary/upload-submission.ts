import { networkErrorCodes, WaybillError, type HttpBody, type HttpClient, type HttpResponse } from '@waybill/core';
import { cutParts, sendToBucket, textOfXml, type BucketRequest } from '@waybill/publishing';
import { notarizeErrors } from '../errors/notarize-errors';
import type { UploadPlace } from './notary-client';
import { pauseBehind } from './notary-request';

export interface Upload {
  http: HttpClient;
  place: UploadPlace;
  /** For people. */
  name: string;
  content: HttpBody;
  /** Lower-case hex. */
  sha256: string;
  /** In place of Amazon’s own addresses: the bucket is the first part of the path then. */
  endpoint?: string | undefined;
  /** Larger files go in parts of this size; the least that S3 takes is 5 MiB. */
  partBytes?: number | undefined;
  nowMs(): number;
  pause(ms: number): Promise<unknown>;
}

/** Of all buckets of the service; documented nowhere, and the same in every client. */
const REGION = 'us-west-2';
const PART_BYTES = 16 * 1024 * 1024;
const TRIES = 6;
const PART_TIMEOUT_MS = 10 * 60_000;

/** Sends the bytes of a submission to its bucket, large ones in parts, each repeated by itself (`NOTARIZE_UPLOAD`). Credentials are never shown. */
export async function uploadSubmission(upload: Upload): Promise<void> {
  const { content, sha256, partBytes = PART_BYTES } = upload;
  if (content.size <= partBytes) await send(upload, { method: 'PUT', body: { content, sha256 } });
  else await sendInParts(upload, partBytes);
}

async function sendInParts(upload: Upload, partBytes: number): Promise<void> {
  const begun = await send(upload, { method: 'POST', query: { uploads: '' } });
  const uploadId = textOfXml(await begun.text(), 'UploadId');
  if (uploadId === undefined) throw notarizeErrors.error('NOTARIZE_UPLOAD', { name: upload.name, said: 'it gave no number for an upload in parts' });
  const parts: string[] = [];
  for await (const body of cutParts(upload.content.open(), partBytes)) {
    const query = { partNumber: String(parts.length + 1), uploadId };
    const { headers } = await send(upload, { method: 'PUT', query, body });
    parts.push(`<Part><PartNumber>${query.partNumber}</PartNumber><ETag>${(headers['etag'] ?? '').replaceAll('"', '&quot;')}</ETag></Part>`);
  }
  const list = `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</CompleteMultipartUpload>`;
  await send(upload, { method: 'POST', query: { uploadId }, headers: { 'content-type': 'application/xml' }, body: Buffer.from(list) });
}

/** Until the bucket has said yes. What it has done already it does again: all these requests may be repeated. */
async function send(upload: Upload, request: Omit<BucketRequest, 'key' | 'timeoutMs'>): Promise<HttpResponse> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await sendOnce(upload, request);
    if (answer.ok) return answer.response;
    // The answer to an earlier try was lost, and that one had completed the upload.
    if (attempt > 1 && answer.code === 'NoSuchUpload') return answer.response;
    if (!answer.again || attempt >= TRIES) throw notarizeErrors.error('NOTARIZE_UPLOAD', { name: upload.name, said: answer.said });
    await upload.pause(pauseBehind(attempt));
  }
}

type Answer = { ok: true; response: HttpResponse } | { ok: false; again: boolean; said: string; code?: string; response: HttpResponse };
const NO_RESPONSE: HttpResponse = { status: 0, headers: {}, bytes: async () => Buffer.alloc(0), text: async () => '', async *stream() {} };

async function sendOnce({ http, place, endpoint, nowMs }: Upload, request: Omit<BucketRequest, 'key' | 'timeoutMs'>): Promise<Answer> {
  const { bucket, object, accessKeyId, secretAccessKey, sessionToken } = place;
  const bucketUrl = endpoint === undefined ? `https://${bucket}.s3.${REGION}.amazonaws.com` : `${endpoint.replace(/\/$/, '')}/${bucket}`;
  const access = { http, bucketUrl, region: REGION, keys: { accessKeyId, secretAccessKey, sessionToken }, nowMs };
  try {
    const response = await sendToBucket(access, { ...request, key: object, timeoutMs: PART_TIMEOUT_MS });
    const text = request.method === 'POST' || response.status >= 300 ? await response.text() : '';
    const again = response.status >= 500 || response.status === 429 || response.status === 408;
    const read = { ...response, text: async () => text };
    // Completing answers 200 before it is done; how it ended stands in the body.
    if (response.status < 300 && !text.includes('<Error>')) return { ok: true, response: read };
    const code = textOfXml(text, 'Code') ?? `HTTP ${response.status}`;
    return { ok: false, again: again || response.status < 300, said: `${code}: ${textOfXml(text, 'Message') ?? ''}`, code, response: read };
  } catch (error) {
    if (!(error instanceof WaybillError) || !networkErrorCodes.includes(error.code)) throw error;
    return { ok: false, again: true, said: error.message, response: NO_RESPONSE };
  }
}

import { hashBytes, type HttpBody, type HttpMethod, type HttpResponse } from '@waybill/core';
import type { S3Store } from './s3-config';
import { encodeRfc3986, signRequest } from './sign-request';

export interface S3Request {
  method: HttpMethod;
  /** Absent: the bucket itself. */
  key?: string;
  query?: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
  /** A body in memory is hashed here; of a stream the digest is known. */
  body?: Uint8Array | { content: HttpBody; sha256: string };
  timeoutMs?: number;
  onSent?(bytes: number): void;
}

/** What it takes to ask a bucket. */
export type BucketAccess = Pick<S3Store, 'http' | 'bucketUrl' | 'region' | 'keys' | 'nowMs'>;

/** Sends one signed request. An answer of any status is an answer. */
export async function sendToS3(
  store: BucketAccess,
  { method, key, query = {}, headers = {}, body, timeoutMs, onSent }: S3Request,
): Promise<HttpResponse> {
  const path = key === undefined ? '' : `/${key.split('/').map(encodeRfc3986).join('/')}`;
  const search = Object.entries(query).map(([name, value]) => `${encodeRfc3986(name)}=${encodeRfc3986(value)}`);
  const url = new URL(`${store.bucketUrl}${path}${search.length > 0 ? `?${search.join('&')}` : ''}`);
  const bytes = body === undefined || body instanceof Uint8Array ? body : body.content;
  const payloadSha256 = body instanceof Uint8Array || body === undefined ? hashBytes(body ?? '') : body.sha256;
  const signed = signRequest({ method, url, headers, payloadSha256 }, { ...store.keys, region: store.region, nowMs: store.nowMs() });
  return store.http.request({
    // A signature is for one host: a bucket elsewhere answers with its region, which is told.
    ...{ method, url: url.href, headers: signed, sameOrigin: true },
    ...(bytes !== undefined && { body: bytes }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(onSent !== undefined && { onSent }),
  });
}

/** Answers that leave open whether a write was done. */
export const leavesOpen = (status: number): boolean => status >= 500 || status === 429 || status === 409 || status === 408;

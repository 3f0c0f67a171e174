import type { HttpResponse, WaybillError } from '@waybill/core';
import { publishingErrors } from '../../errors/publishing-errors';
import { textOf } from './read-xml';
import type { S3Store } from './s3-config';

const WRONG_KEYS = new Set(['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'XAdminUserNotFound', 'Unauthorized']);
const OLD_TOKEN = new Set(['ExpiredToken', 'InvalidToken', 'TokenRefreshRequired']);
const WRONG_REGION = new Set(['AuthorizationHeaderMalformed', 'PermanentRedirect', 'TemporaryRedirect', 'IllegalLocationConstraintException']);
const OTHER_BYTES = new Set(['BadDigest', 'XAmzContentSHA256Mismatch', 'InvalidDigest', 'IncompleteBody']);

/** Code and sentence of an answer: `<Error>`, or the status alone where there is no body (HEAD). */
export async function s3Reason(response: HttpResponse): Promise<{ code: string; message: string; text: string }> {
  const text = await response.text();
  return { code: textOf(text, 'Code') ?? `HTTP ${response.status}`, message: textOf(text, 'Message') ?? '', text };
}

/** What a store refuses, as an error with its fix. `action` is an infinitive: `list`, `write \`key\``. */
export async function s3Refusal(store: S3Store, response: HttpResponse, action: string): Promise<WaybillError> {
  const { code, message, text } = await s3Reason(response);
  const { id, bucket, region } = store;
  const said = message === '' ? code : `${code}: ${message}`;
  if (code === 'NoSuchBucket') return publishingErrors.error('PUBLISH_S3_BUCKET', { id, bucket, said });
  if (WRONG_KEYS.has(code)) return publishingErrors.error('PUBLISH_S3_CREDENTIALS', { id, said, expired: false });
  if (OLD_TOKEN.has(code)) return publishingErrors.error('PUBLISH_S3_CREDENTIALS', { id, said, expired: true });
  if (code === 'RequestTimeTooSkewed' || code === 'RequestExpired') return publishingErrors.error('PUBLISH_S3_CLOCK', { id, said });
  if (WRONG_REGION.has(code) || response.status === 301 || response.status === 307) {
    const right = response.headers['x-amz-bucket-region'] ?? textOf(text, 'Region');
    return publishingErrors.error('PUBLISH_S3_REGION', { id, region, said, ...(right !== undefined && { right }) });
  }
  if (OTHER_BYTES.has(code)) return publishingErrors.error('PUBLISH_S3_DIGEST', { id, action, said });
  if (response.status === 403) return publishingErrors.error('PUBLISH_S3_RIGHTS', { id, bucket, action, said });
  return publishingErrors.error('PUBLISH_S3_REFUSED', { id, action, said });
}

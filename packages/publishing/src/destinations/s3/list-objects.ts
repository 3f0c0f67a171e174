import type { HttpResponse } from '@waybill/core';
import { publishingErrors } from '../../errors/publishing-errors';
import { elements, textOf } from './read-xml';
import { s3Refusal } from './s3-refusal';
import { sendToS3 } from './s3-client';
import type { S3Store } from './s3-config';

/** The text of a list (`PUBLISH_S3_ANSWER`): a page that names no objects must not be taken for an empty bucket. */
export async function readList({ id, bucketUrl }: S3Store, response: HttpResponse): Promise<string> {
  const text = await response.text(4 * 1024 * 1024);
  if (/<ListBucketResult[\s>]/.test(text)) return text;
  const actual = `HTTP ${response.status}, another thing (${response.headers['content-type'] ?? 'no media type'})`;
  throw publishingErrors.error('PUBLISH_S3_ANSWER', { id, address: bucketUrl, actual });
}

/** Keys below a prefix; with `folders`, the prefixes one level down instead. */
export async function listObjects(store: S3Store, prefix: string, { folders = false } = {}): Promise<readonly string[]> {
  const keys: string[] = [];
  for (let token: string | undefined; ;) {
    const query = { 'list-type': '2', prefix, ...(folders && { delimiter: '/' }), ...(token !== undefined && { 'continuation-token': token }) };
    const response = await sendToS3(store, { method: 'GET', query });
    if (response.status !== 200) throw await s3Refusal(store, response, `list \`${prefix}\``);
    const text = await readList(store, response);
    const found = folders
      ? elements(text, 'CommonPrefixes').map((one) => textOf(one, 'Prefix'))
      : elements(text, 'Contents').map((one) => textOf(one, 'Key'));
    keys.push(...found.filter((key) => key !== undefined));
    const next = textOf(text, 'NextContinuationToken');
    if (textOf(text, 'IsTruncated') !== 'true' || next === undefined || next === token) return keys;
    token = next;
  }
}

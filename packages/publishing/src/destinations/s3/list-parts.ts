import { elements, textOf } from './read-xml';
import { s3Refusal } from './s3-refusal';
import { sendToS3 } from './s3-client';
import type { S3Store } from './s3-config';

export interface StoredPart {
  number: number;
  etag: string;
  size: number;
}

/** Ids of the uploads of exactly this key that were begun and neither completed nor aborted, the latest first. */
export async function listUploads(store: S3Store, key: string): Promise<readonly string[]> {
  const uploads: string[] = [];
  for (let marker: Readonly<Record<string, string>> = {}; ;) {
    const response = await sendToS3(store, { method: 'GET', query: { uploads: '', prefix: key, ...marker } });
    if (response.status !== 200) throw await s3Refusal(store, response, 'list uploads that were broken off');
    const text = await response.text(4 * 1024 * 1024);
    uploads.push(...elements(text, 'Upload').filter((upload) => textOf(upload, 'Key') === key));
    const [nextKey, nextId] = [textOf(text, 'NextKeyMarker'), textOf(text, 'NextUploadIdMarker')];
    if (textOf(text, 'IsTruncated') !== 'true' || !nextKey || !nextId || nextId === marker['upload-id-marker']) break;
    marker = { 'key-marker': nextKey, 'upload-id-marker': nextId };
  }
  const begun = (upload: string): string => textOf(upload, 'Initiated') ?? '';
  return uploads.sort((left, right) => (begun(left) < begun(right) ? 1 : -1)).map((upload) => textOf(upload, 'UploadId')!);
}

/** In the order of their numbers. An upload that is gone has none. */
export async function listParts(store: S3Store, key: string, uploadId: string): Promise<readonly StoredPart[]> {
  const parts: StoredPart[] = [];
  for (let marker = '0'; ;) {
    const response = await sendToS3(store, { method: 'GET', key, query: { uploadId, 'part-number-marker': marker } });
    if (response.status === 404) return [];
    if (response.status !== 200) throw await s3Refusal(store, response, `list the parts of \`${key}\``);
    const text = await response.text(4 * 1024 * 1024);
    for (const part of elements(text, 'Part')) {
      parts.push({ number: Number(textOf(part, 'PartNumber')), etag: textOf(part, 'ETag') ?? '', size: Number(textOf(part, 'Size')) });
    }
    const next = textOf(text, 'NextPartNumberMarker');
    if (textOf(text, 'IsTruncated') !== 'true' || next === undefined || next === marker) return parts;
    marker = next;
  }
}

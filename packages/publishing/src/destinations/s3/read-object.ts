import { hashThrough } from '@waybill/core';
import type { PublishFile, RemoteFile } from '../../destination';
import { findBegunUpload } from './resume-upload';
import { s3Refusal } from './s3-refusal';
import { sendToS3 } from './s3-client';
import { versionPrefix, type S3Store } from './s3-config';

export interface StoredObject {
  size: number;
  sha256: string;
}

/** What stands under a key. The digest is the one that we wrote beside it, or that of the bytes: never the ETag, which is none for objects in parts. */
export async function readObject(store: S3Store, key: string): Promise<StoredObject | undefined> {
  const head = await sendToS3(store, { method: 'HEAD', key });
  if (head.status === 404) return undefined;
  if (head.status !== 200)
    throw await s3Refusal(store, await sendToS3(store, { method: 'GET', key, headers: { range: 'bytes=0-0' } }), `read \`${key}\``);
  const size = Number(head.headers['content-length']);
  const told = head.headers['x-amz-meta-sha256'];
  if (told !== undefined && /^[0-9a-f]{64}$/.test(told)) return { size, sha256: told };
  const read = hashThrough(downloadObject(store, key));
  for await (const chunk of read) void chunk;
  return read.digest();
}

export async function* downloadObject(store: S3Store, key: string): AsyncGenerator<Uint8Array> {
  const response = await sendToS3(store, { method: 'GET', key });
  if (response.status !== 200) throw await s3Refusal(store, response, `read \`${key}\``);
  yield* response.stream();
}

/** `partial`: parts of these bytes are there. They are hidden until somebody completes them. */
export async function inspectObject(store: S3Store, release: { name: string; version: string }, file: PublishFile): Promise<RemoteFile> {
  const key = `${versionPrefix(store, release.name, release.version)}${file.name}`;
  const { name } = file;
  const url = publicUrl(store, key);
  const found = await readObject(store, key);
  if (found !== undefined) {
    const same = found.size === file.size && found.sha256 === file.sha256;
    return { name, state: same ? 'same' : 'conflict', ...found, ...url, ...(!same && { reason: `sha256 ${found.sha256}, ${found.size} bytes` }) };
  }
  if (file.size < store.parts.fromBytes) return { name, state: 'absent' };
  const begun = await findBegunUpload(store, key, file);
  return begun === undefined ? { name, state: 'absent' } : { name, state: 'partial', reason: `${begun.parts.length} parts of a broken upload` };
}

/** S3 takes a `+` in an address for a blank. */
export const publicUrl = (store: S3Store, key: string): { url?: string } =>
  store.publicUrl === undefined ? {} : { url: `${store.publicUrl}/${key.replaceAll('+', '%2B')}` };

import { createHash } from 'node:crypto';
import { WaybillError, type HttpResponse } from '@waybill/core';
import type { PublishFile, UploadOutcome, UploadProgress } from '../../destination';
import { NO_ANSWER, pauseMs } from '../../engine/pauses';
import { waitOf } from '../uncertain-outcome';
import { cutParts, partOf, type FilePart } from './cut-parts';
import type { StoredPart } from './list-parts';
import { textOf } from './read-xml';
import { findBegunUpload, MARK_PART, markOf, MOST_PARTS } from './resume-upload';
import { s3Reason, s3Refusal } from './s3-refusal';
import { leavesOpen, sendToS3 } from './s3-client';
import type { S3Store } from './s3-config';
import { headersOf, outcomeOf } from './upload-object';

const AT_ONCE = 4;
/** Of one part. */
const ATTEMPTS = 4;
const MIB = 1024 * 1024;

interface Upload {
  store: S3Store;
  key: string;
  uploadId: string;
  progress: UploadProgress;
}

/** Thrown within an upload, to end it: the answer to one request left open whether it arrived. */
class Uncertain extends Error {
  constructor(
    request: string,
    readonly response: HttpResponse,
  ) {
    super(`the store answered ${response.status} to ${request}`);
  }
}

/**
 * Sends a large file in equal parts (R2 asks for that). An upload of this key that was begun for these bytes is taken up: its parts stay. Completing is
 * conditional: what stands there meanwhile is not overwritten.
 */
export async function uploadInParts(store: S3Store, key: string, file: PublishFile, progress: UploadProgress): Promise<UploadOutcome> {
  try {
    const found = await findBegunUpload(store, key, file);
    const upload: Upload = { store, key, progress, uploadId: found?.uploadId ?? (await begin(store, key, file)) };
    if (!found) await putPart(upload, MARK_PART, partOf(markOf(file)), () => undefined);
    return await complete(upload, await sendParts(upload, file, found?.parts ?? []));
  } catch (error) {
    if (error instanceof Uncertain) return { outcome: 'uncertain', reason: error.message, ...waitOf(error.response) };
    throw error;
  }
}

async function begin(store: S3Store, key: string, file: PublishFile): Promise<string> {
  const response = await sendToS3(store, { method: 'POST', key, query: { uploads: '' }, headers: headersOf(file) });
  if (leavesOpen(response.status)) throw new Uncertain('the begin of an upload', response);
  const uploadId = response.status === 200 ? textOf(await response.text(), 'UploadId') : undefined;
  if (uploadId === undefined) throw await s3Refusal(store, response, `begin the upload of \`${key}\``);
  return uploadId;
}

/** ETags of all parts in their order. Reads the file once, however much of it is there; at most `AT_ONCE` parts stand in memory. */
async function sendParts(upload: Upload, file: PublishFile, there: readonly StoredPart[]): Promise<readonly string[]> {
  const { partBytes: usual } = upload.store.parts;
  const partBytes = file.size > usual * MOST_PARTS ? Math.ceil(file.size / MOST_PARTS / MIB) * MIB : usual;
  const etags: string[] = [];
  const failures: unknown[] = [];
  const going = new Set<Promise<void>>();
  let number = 0;
  const start = (index: number, part: FilePart): void => {
    const sending = sendPart(upload, index + 1, part, there)
      .then((etag) => void (etags[index] = etag))
      .catch((error: unknown) => void failures.push(error))
      .finally(() => going.delete(sending));
    going.add(sending);
  };
  try {
    for await (const part of cutParts(file.content.open(), partBytes)) {
      start(number, part);
      number += 1;
      if (going.size >= AT_ONCE) await Promise.race(going);
      if (failures.length > 0) break;
    }
  } finally {
    await Promise.all(going);
  }
  if (failures.length > 0) throw failures[0];
  return etags;
}

/** A part that is there stays when its ETag is the MD5 of these bytes; a store whose ETags say nothing gets it again. */
async function sendPart(upload: Upload, number: number, part: FilePart, there: readonly StoredPart[]): Promise<string> {
  const { onSent } = upload.progress;
  const { size } = part.content;
  const stored = there.find((one) => one.number === number && one.size === size);
  const isSame = stored !== undefined && stored.etag.replaceAll('"', '') === (await md5Of(part));
  if (!isSame) return putPart(upload, number, part, onSent);
  onSent(size);
  return stored.etag;
}

async function md5Of({ content }: FilePart): Promise<string> {
  const hash = createHash('md5');
  for await (const piece of content.open()) hash.update(piece);
  return hash.digest('hex');
}

/** Gives the ETag. A part whose answer is lost is sent again alone: a part that arrived twice is one. */
async function putPart(upload: Upload, number: number, part: FilePart, onSent: (bytes: number) => void): Promise<string> {
  const furthest = onlyFurther(onSent);
  for (let attempt = 1; ; attempt += 1) {
    const end = await tryPart(upload, number, part, furthest()).catch((cause: unknown) => ({ cause }));
    if (typeof end === 'string') return end;
    const open = end.cause instanceof Uncertain || (end.cause instanceof WaybillError && NO_ANSWER.has(end.cause.code));
    if (!open || attempt === ATTEMPTS) throw end.cause;
    const asked = end.cause instanceof Uncertain ? waitOf(end.cause.response).retryAfterMs : undefined;
    await upload.store.pause(asked ?? pauseMs(attempt));
  }
}

/** Bytes that were told before, by an attempt that failed, are not told again. */
function onlyFurther(onSent: (bytes: number) => void): () => (bytes: number) => void {
  let told = 0;
  return () => {
    let sent = 0;
    return (bytes) => {
      sent += bytes;
      if (sent > told) onSent(sent - told);
      told = Math.max(told, sent);
    };
  };
}

async function tryPart(upload: Upload, number: number, part: FilePart, onSent: (bytes: number) => void): Promise<string> {
  const { store, key, uploadId, progress } = upload;
  const query = { partNumber: String(number), uploadId };
  const response = await sendToS3(store, { method: 'PUT', key, query, body: part, timeoutMs: progress.timeoutMs, onSent });
  if (leavesOpen(response.status)) throw new Uncertain(`part ${number}`, response);
  const etag = response.headers['etag'];
  if (response.status !== 200 || etag === undefined) throw await s3Refusal(store, response, `write part ${number} of \`${key}\``);
  return etag;
}

/** The answer begins with 200 while the store is still at work: only its body says how it ended. */
async function complete({ store, key, uploadId, progress }: Upload, etags: readonly string[]): Promise<UploadOutcome> {
  const parts = etags.map((etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag.replaceAll('"', '&quot;')}</ETag></Part>`);
  const body = Buffer.from(`<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</CompleteMultipartUpload>`);
  const headers = { 'content-type': 'application/xml', 'if-none-match': '*' };
  const response = await sendToS3(store, { method: 'POST', key, query: { uploadId }, headers, body, timeoutMs: progress.timeoutMs });
  if (response.status === 404) return { outcome: 'uncertain', reason: 'the upload was completed or aborted meanwhile' };
  if (response.status !== 200) return outcomeOf(store, response, `complete \`${key}\``);
  const { code, text } = await s3Reason(response);
  if (!text.includes('<Error>')) return { outcome: 'stored' };
  return { outcome: 'uncertain', reason: `the store answered 200 with ${code}` };
}

/** Uploads in parts of the S3 stand-in: begin, send, list, complete under a condition, abort. Parts must be equal but for the last, as R2 wants them. */
import { createHash, randomUUID } from 'node:crypto';
import { denied, escapeXml, etagOf, judgeConditions, keep } from './s3-server.mjs';

const noUpload = { status: 404, code: 'NoSuchUpload' };

/** @returns what the store answers, or `undefined` when the request is not about an upload in parts */
export function answerUpload(store, asked) {
  const { key, query, method } = asked;
  if (query.has('uploads')) return method === 'POST' ? begin(store, asked) : listUploads(store, query);
  const uploadId = query.get('uploadId');
  if (uploadId === null) return undefined;
  const upload = store.uploads.get(uploadId);
  if (!upload || upload.key !== key) return noUpload;
  const handlers = { PUT: putPart, GET: listParts, POST: complete, DELETE: abort };
  return handlers[method](store, asked, upload, uploadId);
}

function begin(store, { key, headers }) {
  if (store.denies('begin')) return denied;
  const uploadId = randomUUID();
  const begun = new Date(store.nowMs() + store.uploads.size * 1000).toISOString();
  store.uploads.set(uploadId, { key, headers, begun, parts: new Map() });
  return { body: `<InitiateMultipartUploadResult><Key>${escapeXml(key)}</Key><UploadId>${uploadId}</UploadId></InitiateMultipartUploadResult>` };
}

function listUploads(store, query) {
  if (store.denies('list-uploads')) return denied;
  const prefix = query.get('prefix') ?? '';
  const after = query.get('upload-id-marker');
  const all = [...store.uploads].filter(([, { key }]) => key.startsWith(prefix));
  const rest = after === null ? all : all.slice(all.findIndex(([id]) => id === after) + 1);
  const page = rest.slice(0, store.pageSize);
  const entries = page.map(
    ([id, { key, begun }]) => `<Upload><Key>${escapeXml(key)}</Key><UploadId>${id}</UploadId><Initiated>${begun}</Initiated></Upload>`,
  );
  const more = page.length < rest.length;
  const [id, { key }] = page.at(-1) ?? ['', { key: '' }];
  const next = more ? `<NextKeyMarker>${escapeXml(key)}</NextKeyMarker><NextUploadIdMarker>${id}</NextUploadIdMarker>` : '';
  return { body: `<ListMultipartUploadsResult><IsTruncated>${more}</IsTruncated>${next}${entries.join('')}</ListMultipartUploadsResult>` };
}

function putPart(store, { query, body }, upload) {
  if (store.denies('part')) return denied;
  const number = Number(query.get('partNumber'));
  if (!(number >= 1 && number <= 10_000)) return { status: 400, code: 'InvalidArgument' };
  const etag = etagOf(body);
  upload.parts.set(number, { bytes: body, etag });
  return { headers: { etag } };
}

function listParts(store, { query }, upload) {
  if (store.denies('list-parts')) return denied;
  const after = Number(query.get('part-number-marker') ?? 0);
  const numbers = [...upload.parts.keys()].sort((a, b) => a - b).filter((number) => number > after);
  const page = numbers.slice(0, store.pageSize);
  const entries = page.map((number) => {
    const { bytes, etag } = upload.parts.get(number);
    return `<Part><PartNumber>${number}</PartNumber><ETag>${escapeXml(etag)}</ETag><Size>${bytes.length}</Size></Part>`;
  });
  const more = page.length < numbers.length;
  const next = more ? `<NextPartNumberMarker>${page.at(-1)}</NextPartNumberMarker>` : '';
  return { body: `<ListPartsResult><IsTruncated>${more}</IsTruncated>${next}${entries.join('')}</ListPartsResult>` };
}

function complete(store, asked, upload, uploadId) {
  if (store.denies('complete')) return denied;
  const refusal = judgeConditions(store, asked);
  if (refusal) return refusal;
  // the two stand in either order
  const wanted = [...asked.body.toString().matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part]) => ({
    number: Number(/<PartNumber>(\d+)</.exec(part)?.[1]),
    etag: (/<ETag>(.*?)</.exec(part)?.[1] ?? '').replaceAll('&quot;', '"'),
  }));
  const parts = wanted.map(({ number }) => upload.parts.get(number));
  if (wanted.length === 0 || wanted.some(({ etag }, index) => parts[index]?.etag !== etag)) return { status: 400, code: 'InvalidPart' };
  if (wanted.some(({ number }, index) => index > 0 && number <= wanted[index - 1].number)) return { status: 400, code: 'InvalidPartOrder' };
  const sizes = parts.slice(0, -1).map(({ bytes }) => bytes.length);
  if (sizes.some((size) => size < store.minPartBytes)) return { status: 400, code: 'EntityTooSmall' };
  if (new Set(sizes).size > 1 || (sizes.length > 0 && parts.at(-1).bytes.length > sizes[0])) return { status: 400, code: 'InvalidPart' };
  const digests = parts.map(({ etag }) => Buffer.from(etag.replaceAll('"', ''), 'hex'));
  const etag = `"${createHash('md5').update(Buffer.concat(digests)).digest('hex')}-${parts.length}"`;
  keep(store, asked.key, Buffer.concat(parts.map(({ bytes }) => bytes)), upload.headers, etag);
  store.uploads.delete(uploadId);
  return { body: `<CompleteMultipartUploadResult><Key>${escapeXml(asked.key)}</Key><ETag>${escapeXml(etag)}</ETag></CompleteMultipartUploadResult>` };
}

function abort(store, _asked, _upload, uploadId) {
  if (store.denies('abort')) return denied;
  store.uploads.delete(uploadId);
  return { status: 204 };
}

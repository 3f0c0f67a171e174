/** A strict S3 store in memory: signatures, digests, conditions, equal parts. Refuses what the real ones refuse, by their codes. */
import { createHash } from 'node:crypto';
import { bodyOf, listen } from './loopback.mjs';
import { judgeSignature } from './s3-signature.mjs';
import { answerUpload } from './s3-uploads.mjs';

const SETTINGS = {
  bucket: 'releases',
  accessKeyId: 'AKIDTEST',
  secretAccessKey: 'secret/of+the=store',
  region: 'us-east-1',
  /** Of every part but the last: what real stores ask for. */
  minPartBytes: 5 * 1024 * 1024,
  pageSize: 1000,
};
export const escapeXml = (text) => String(text).replace(/[<>&"']/g, (one) => `&#${one.charCodeAt(0)};`);
export const etagOf = (bytes) => `"${createHash('md5').update(bytes).digest('hex')}"`;

/**
 * @param {Partial<typeof SETTINGS> & { denies?: (action: string) => boolean, nowMs?: () => number, dateMs?: () => number, sessionToken?: string,
 *   holds?: (request: string) => boolean, unsignedBodies?: boolean }} [options]
 *   `unsignedBodies`: takes bodies whose digest is not in the signature, as real stores do; `holds`: requests that have no effect and no answer; `denies`: actions (`list`, `list-uploads`, `get`, `put`, `delete`, `begin`, `part`, `complete`, `abort`, `list-parts`) that the key has no right to
 */
export async function startS3(options = {}) {
  const store = {
    ...{ ...SETTINGS, denies: () => false, nowMs: Date.now, ...options },
    /** @type {Map<string, { bytes: Buffer, headers: Record<string, string>, etag: string }>} */
    objects: new Map(),
    /** @type {Map<string, { key: string, headers: Record<string, string>, begun: string, parts: Map<number, { bytes: Buffer, etag: string }> }>} */
    uploads: new Map(),
    requests: [],
    /** Successful writes of a key, each time. */
    stored: [],
  };
  const { url, stop } = await listen(async (request, response) => {
    const body = await bodyOf(request);
    store.requests.push(`${request.method} ${request.url}`);
    if (store.holds?.(`${request.method} ${request.url}`)) return;
    const answer = judgeSignature(request, body, store) ?? route(store, request, body);
    const date = new Date((store.dateMs ?? store.nowMs)()).toUTCString();
    if (answer.code !== undefined) {
      const text = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${answer.code}</Code><Message>refused: ${answer.code}</Message>${answer.extra ?? ''}</Error>`;
      return void response.writeHead(answer.status, { date, 'content-type': 'application/xml' }).end(request.method === 'HEAD' ? undefined : text);
    }
    response.writeHead(answer.status ?? 200, { date, ...answer.headers }).end(request.method === 'HEAD' ? undefined : answer.body);
  });
  return Object.assign(store, { url, stop });
}

function route(store, request, body) {
  const url = new URL(request.url, 'http://x');
  const [, bucket, ...rest] = url.pathname.split('/').map(decodeURIComponent);
  if (bucket !== store.bucket) return { status: 404, code: 'NoSuchBucket' };
  const asked = { key: rest.join('/'), query: url.searchParams, method: request.method, headers: request.headers, body };
  const { query } = asked;
  const upload = answerUpload(store, asked);
  if (upload) return upload;
  if (asked.key === '') return query.get('list-type') === '2' ? list(store, query) : { status: 501, code: 'NotImplemented' };
  const handlers = { PUT: put, GET: get, HEAD: get, DELETE: remove };
  return handlers[request.method]?.(store, asked) ?? { status: 405, code: 'MethodNotAllowed' };
}

export const denied = { status: 403, code: 'AccessDenied' };

export function judgeConditions({ objects }, { key, headers }) {
  const there = objects.get(key);
  if (headers['if-none-match'] === '*' && there) return { status: 412, code: 'PreconditionFailed' };
  if (headers['if-match'] !== undefined && headers['if-match'] !== there?.etag) return { status: 412, code: 'PreconditionFailed' };
  return undefined;
}

export function keep(store, key, bytes, headers, etag = etagOf(bytes)) {
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => /^(content-type|cache-control|x-amz-meta-.*)$/.test(name)));
  store.objects.set(key, { bytes, headers: kept, etag });
  store.stored.push(key);
  return etag;
}

function put(store, asked) {
  if (store.denies('put')) return denied;
  const refusal = judgeConditions(store, asked);
  if (refusal) return refusal;
  return { headers: { etag: keep(store, asked.key, asked.body, asked.headers) } };
}

function get(store, { key, method }) {
  if (store.denies('get')) return denied;
  const object = store.objects.get(key);
  if (!object) return { status: 404, code: 'NoSuchKey' };
  const length = method === 'HEAD' ? object.bytes.length : Buffer.byteLength(object.bytes);
  return { headers: { ...object.headers, ...(object.etag && { etag: object.etag }), 'content-length': String(length) }, body: object.bytes };
}

function remove(store, { key }) {
  if (store.denies('delete')) return denied;
  store.objects.delete(key);
  return { status: 204 };
}

function list(store, query) {
  if (store.denies('list')) return denied;
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter');
  const after = query.get('continuation-token') ?? '';
  const below = [...store.objects.keys()].filter((key) => key.startsWith(prefix));
  const folderOf = (key) => {
    const end = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
    return end < 0 ? undefined : key.slice(0, end + 1);
  };
  const names = [...new Set(below.map((key) => folderOf(key) ?? key))].sort().filter((name) => name > after);
  const page = names.slice(0, Math.min(Number(query.get('max-keys') ?? store.pageSize), store.pageSize));
  const more = page.length < names.length;
  const entries = page.map((name) =>
    store.objects.has(name)
      ? `<Contents><Key>${escapeXml(name)}</Key><ETag>${escapeXml(store.objects.get(name).etag)}</ETag><Size>${store.objects.get(name).bytes.length}</Size></Contents>`
      : `<CommonPrefixes><Prefix>${escapeXml(name)}</Prefix></CommonPrefixes>`,
  );
  const next = more ? `<NextContinuationToken>${escapeXml(page.at(-1))}</NextContinuationToken>` : '';
  return {
    body: `<ListBucketResult><Prefix>${escapeXml(prefix)}</Prefix><IsTruncated>${more}</IsTruncated>${entries.join('')}${next}</ListBucketResult>`,
  };
}

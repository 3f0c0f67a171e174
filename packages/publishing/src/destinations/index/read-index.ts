import { hashThrough, type HttpClient, type HttpResponse } from '@waybill/core';
import type { PublishFile, RemoteFile } from '../../destination';
import { publishingErrors } from '../../errors/publishing-errors';
import { faultOfRoot } from './judge-root';
import { SIMPLE_ACCEPT, readSimplePage, type ListedFile } from './read-simple-page';

/** An index as it is read. */
export interface IndexReader {
  id: string;
  uploadUrl: string;
  /** The simple API, with a slash at its end. */
  simpleUrl: string;
  /** Names as indexes compare them. */
  projects: readonly string[];
  http: HttpClient;
  /** Value of `Authorization`, sent to the origin of the index alone. */
  authorization?: string;
}

const LONGEST_PAGE_BYTES = 64 * 1024 * 1024;
const ROOT_BYTES = 64 * 1024;
const isRedirect = (status: number): boolean => status >= 300 && status < 400;

/** All files of all versions; `undefined` when the index knows none of the projects. */
export async function readListed(reader: IndexReader): Promise<readonly ListedFile[] | undefined> {
  const pages = await Promise.all(reader.projects.map((project) => readPage(reader, project)));
  const known = pages.filter((page) => page !== undefined);
  return known.length === 0 ? undefined : known.flat();
}

/** Many an index passes questions for projects that it does not know on to a public one: what that one has does not stand here. */
async function readPage(reader: IndexReader, project: string): Promise<readonly ListedFile[] | undefined> {
  const url = `${reader.simpleUrl}${project}/`;
  const answer = await get(reader, url, SIMPLE_ACCEPT, { sameOrigin: true });
  if (answer.status === 404 || isRedirect(answer.status)) return undefined;
  if (answer.status !== 200) throw notShown(reader, answer.status, `\`${project}\``);
  const page = readSimplePage(await answer.text(LONGEST_PAGE_BYTES), answer.headers['content-type'] ?? '', answer.url ?? url);
  if (typeof page === 'string') throw publishingErrors.error('PUBLISH_INDEX_PAGE', { id: reader.id, reason: page });
  return page;
}

/**
 * A wrong address looks like an index that has no such project. So where none is known the list of all projects is asked for, which every index
 * has (`PUBLISH_INDEX_SIMPLE`, `PUBLISH_INDEX_READ`).
 */
export async function checkRoot(reader: IndexReader): Promise<void> {
  const answer = await get(reader, reader.simpleUrl, SIMPLE_ACCEPT, { sameOrigin: true });
  const { status } = answer;
  if (status === 401 || status === 403) throw notShown(reader, status, 'its list of projects');
  const wrong = status === 200 ? faultOfRoot(await startOf(answer), answer.headers['content-type'] ?? '') : `HTTP ${status}`;
  if (wrong !== undefined)
    throw publishingErrors.error('PUBLISH_INDEX_SIMPLE', { id: reader.id, url: withoutLogin(reader.simpleUrl), reason: wrong });
}

/** Version 1.3 of the simple API is that which knows attestations (PEP 740, PEP 691). */
export async function offersAttestations(reader: IndexReader): Promise<boolean> {
  const answer = await get(reader, reader.simpleUrl, SIMPLE_ACCEPT, { sameOrigin: true });
  const minor = answer.status === 200 ? /"api-version"\s*:\s*"1\.(\d+)"/.exec(await startOf(answer))?.[1] : undefined;
  return minor !== undefined && Number(minor) >= 3;
}

/** Attestations of a file, as the index shows them. */
export async function readProvenance(reader: IndexReader, url: string): Promise<{ status: number; text: string }> {
  const answer = await get(reader, url, 'application/vnd.pypi.integrity.v1+json');
  return { status: answer.status, text: await answer.text() };
}

/** Lists of public indexes have many megabytes. */
async function startOf(answer: HttpResponse): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of answer.stream()) {
    size += pieces.push(piece) && piece.length;
    if (size >= ROOT_BYTES) break;
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** Caches are passed by; a credential goes only to where it belongs. */
function get(reader: IndexReader, url: string, accept: string, more: { sameOrigin?: true } = {}): Promise<HttpResponse> {
  const ours = new URL(url).origin === new URL(reader.uploadUrl).origin && reader.authorization !== undefined;
  const headers = { accept, 'cache-control': 'no-cache', ...(ours && { authorization: reader.authorization! }) };
  return reader.http.request({ method: 'GET', url, headers, ...more });
}

const notShown = ({ id }: IndexReader, status: number, what: string): Error => publishingErrors.error('PUBLISH_INDEX_READ', { id, status, what });

/** By the digest that the index tells, or by that of the bytes it gives. */
export async function stateOf(reader: IndexReader, { name, sha256: expected }: PublishFile, listed: readonly ListedFile[]): Promise<RemoteFile> {
  const found = listed.find((file) => file.name === name);
  if (!found) return { name, state: 'absent' };
  const sha256 = found.sha256 ?? (await digestAt(reader, found.url));
  const state = sha256 === expected ? 'same' : 'conflict';
  return { name, state, sha256, url: withoutLogin(found.url), ...(state === 'conflict' && { reason: `sha256 ${sha256}` }) };
}

async function digestAt(reader: IndexReader, url: string): Promise<string> {
  const read = hashThrough(bytesAt(reader, url));
  for await (const chunk of read) void chunk;
  return read.digest().sha256;
}

export async function* downloadFile(reader: IndexReader, name: string): AsyncGenerator<Uint8Array> {
  const found = (await readListed(reader))?.find((file) => file.name === name);
  if (!found) throw notShown(reader, 404, `\`${name}\``);
  yield* bytesAt(reader, found.url);
}

async function* bytesAt(reader: IndexReader, url: string): AsyncGenerator<Uint8Array> {
  const answer = await get(reader, url, '*/*');
  if (answer.status !== 200) throw notShown(reader, answer.status, 'a file that it lists');
  yield* answer.stream();
}

/** Without credentials, which stand in some addresses. */
export function withoutLogin(address: string): string {
  const url = new URL(address);
  [url.username, url.password] = ['', ''];
  return url.href;
}

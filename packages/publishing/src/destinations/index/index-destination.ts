import { hashThrough, type Finding, type HttpClient, type HttpResponse, type Secret } from '@waybill/core';
import type { Destination, PublishFile, Release, RemoteFile, TakenBack, UploadOutcome, UploadProgress } from '../../destination';
import { publishingErrors } from '../../errors/publishing-errors';
import { isOfVersion } from './distribution-name';
import { outcomeOf, refusalOf } from './judge-answer';
import { judgePublicFiles } from './judge-files';
import { SIMPLE_ACCEPT, readSimplePage, type ListedFile } from './read-simple-page';
import { multipartBody, uploadFields } from './upload-form';

export interface IndexConfig {
  id: string;
  /** What tools upload to. */
  uploadUrl: string;
  /** The simple API, with a slash at its end. */
  simpleUrl: string;
  /** Distributions of the release, names as indexes compare them. */
  projects: readonly string[];
  /** Name that tools know it by; its rules are then known too. */
  publicName?: 'pypi' | 'testpypi';
  /** Absent: no credential is sent. */
  login?: { user: string; password: Secret };
  http: HttpClient;
  /** METADATA of a wheel, PKG-INFO of an sdist. */
  metadataOf(file: PublishFile): Promise<string>;
  /** Milliseconds since 1970. */
  nowMs(): number;
}

const LONGEST_PAGE_BYTES = 64 * 1024 * 1024;
const MAIN_KINDS: readonly string[] = ['wheel', 'sdist'];

/** A package index: PyPI, TestPyPI, devpi, pypiserver, Artifactory, GitLab and whatever else takes PyPI's upload API. */
export function createIndexDestination(config: IndexConfig): Destination {
  const { id, uploadUrl, publicName } = config;
  return {
    id,
    type: 'index',
    remote: true,
    rights: 'first-file',
    identity: `index ${new URL(uploadUrl).href.replace(/\/+$/, '')}`,
    title: `index ${publicName ?? withoutLogin(uploadUrl)}`,
    choose: (_, files) => ({
      // Wheels first: while a release is half there, no installer has to build it from the sdist.
      files: MAIN_KINDS.flatMap((kind) => files.filter((file) => file.kind === kind)),
      left: files.filter(({ kind }) => !MAIN_KINDS.includes(kind)).map(({ name }) => ({ name, reason: 'an index takes wheels and sdists' })),
    }),
    preflight: (release, files) => preflight(config, release, files),
    inspect: async (_, files) => {
      const listed = (await readListed(config)) ?? [];
      const states: RemoteFile[] = [];
      for (const file of files) states.push(await stateOf(config, file, listed));
      return states;
    },
    upload: (_, file, progress) => upload(config, file, progress),
    finalise: async () => [],
    list: async ({ version }) =>
      (await readListed(config))
        ?.filter(({ name }) => isOfVersion(name, version))
        .map(({ name, sha256, url }) => ({ name, state: 'same' as const, url, ...(sha256 !== undefined && { sha256 }) })),
    download: (_, name) => download(config, name),
    guide: ({ version }) => ({
      install: config.projects.map(
        (project) => `pip install ${publicName === 'pypi' ? '' : `--index-url ${config.simpleUrl} `}${project}==${version}`,
      ),
      takeBack: yankLines(config, version),
    }),
    readTakenBack: (release) => readYanked(config, release),
    takeBack: (release) => takeBack(config, release),
  };
}

/** Without credentials, which stand in some addresses. */
function withoutLogin(address: string): string {
  const url = new URL(address);
  [url.username, url.password] = ['', ''];
  return url.href;
}

async function preflight(config: IndexConfig, release: Release, files: readonly PublishFile[]): Promise<readonly Finding[]> {
  const { id, publicName, nowMs } = config;
  if (files.length === 0) {
    const fix = 'build some, or remove this destination';
    return [{ check: 'index', level: 'error', path: id, message: 'the release has neither wheel nor sdist, and an index takes nothing else', fix }];
  }
  // What their metadata lacks is found before the first byte.
  for (const file of files) uploadFields(file, await config.metadataOf(file));
  return publicName === undefined
    ? []
    : judgePublicFiles(
        release,
        files,
        ((await readListed(config)) ?? []).filter(({ name }) => isOfVersion(name, release.version)),
        nowMs(),
      );
}

/** All files of all versions; `undefined` when the index knows none of the projects. */
async function readListed(config: IndexConfig): Promise<readonly ListedFile[] | undefined> {
  const pages = await Promise.all(config.projects.map((project) => readPage(config, project)));
  const known = pages.filter((page) => page !== undefined);
  return known.length === 0 ? undefined : known.flat();
}

async function readPage(config: IndexConfig, project: string): Promise<readonly ListedFile[] | undefined> {
  const url = `${config.simpleUrl}${project}/`;
  const answer = await get(config, url, SIMPLE_ACCEPT);
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw publishingErrors.error('PUBLISH_INDEX_READ', { id: config.id, status: answer.status, what: `\`${project}\`` });
  const page = readSimplePage(await answer.text(LONGEST_PAGE_BYTES), answer.headers['content-type'] ?? '', url);
  if (typeof page === 'string') throw publishingErrors.error('PUBLISH_INDEX_PAGE', { id: config.id, reason: page });
  return page;
}

/** Caches are passed by; a credential goes only to where it belongs. */
function get(config: IndexConfig, url: string, accept: string): Promise<HttpResponse> {
  const ours = new URL(url).origin === new URL(config.uploadUrl).origin;
  return config.http.request({ method: 'GET', url, headers: { accept, 'cache-control': 'no-cache', ...(ours && authorization(config)) } });
}

function authorization({ login }: IndexConfig): { authorization?: string } {
  return login ? { authorization: `Basic ${Buffer.from(`${login.user}:${login.password.reveal()}`).toString('base64')}` } : {};
}

/** By the digest that the index tells, or by that of the bytes it gives. */
async function stateOf(config: IndexConfig, { name, sha256: expected }: PublishFile, listed: readonly ListedFile[]): Promise<RemoteFile> {
  const found = listed.find((file) => file.name === name);
  if (!found) return { name, state: 'absent' };
  const sha256 = found.sha256 ?? (await digestAt(config, found.url));
  const state = sha256 === expected ? 'same' : 'conflict';
  return { name, state, sha256, url: withoutLogin(found.url), ...(state === 'conflict' && { reason: `sha256 ${sha256}` }) };
}

async function digestAt(config: IndexConfig, url: string): Promise<string> {
  const read = hashThrough(bytesAt(config, url));
  for await (const chunk of read) void chunk;
  return read.digest().sha256;
}

async function* download(config: IndexConfig, name: string): AsyncGenerator<Uint8Array> {
  const found = (await readListed(config))?.find((file) => file.name === name);
  if (!found) throw publishingErrors.error('PUBLISH_INDEX_READ', { id: config.id, status: 404, what: `\`${name}\`` });
  yield* bytesAt(config, found.url);
}

async function* bytesAt(config: IndexConfig, url: string): AsyncGenerator<Uint8Array> {
  const answer = await get(config, url, '*/*');
  if (answer.status !== 200)
    throw publishingErrors.error('PUBLISH_INDEX_READ', { id: config.id, status: answer.status, what: 'a file that it lists' });
  yield* answer.stream();
}

/** A refusal is judged by what the index shows afterwards: other bytes than ours are for the engine to tell, ours are success. */
async function upload(config: IndexConfig, file: PublishFile, { onSent, timeoutMs }: UploadProgress): Promise<UploadOutcome> {
  const { body, contentType } = multipartBody(file, uploadFields(file, await config.metadataOf(file)));
  const headers = { 'content-type': contentType, accept: 'application/json', ...authorization(config) };
  const response = await config.http.request({ method: 'POST', url: config.uploadUrl, headers, body, timeoutMs, onSent });
  const answer = {
    id: config.id,
    name: file.name,
    status: response.status,
    text: await response.text(),
    retryAfter: response.headers['retry-after'],
  };
  const outcome = outcomeOf(answer);
  if (outcome) return outcome;
  const { state } = await stateOf(config, file, (await readListed(config)) ?? []);
  if (state !== 'absent') return { outcome: 'uncertain', reason: `HTTP ${answer.status}`, retryAfterMs: 0 };
  throw refusalOf(answer);
}

/** Yanking is the only mark that an index has, and a person makes it. */
async function readYanked(config: IndexConfig, { version }: Release): Promise<string | undefined> {
  const found = ((await readListed(config)) ?? []).find(({ name, yanked }) => yanked && isOfVersion(name, version));
  return found && `the index shows \`${found.name}\` as yanked`;
}

/** No index has an API for yanking: a person does it, and the page shows when it is done. */
async function takeBack(config: IndexConfig, { version }: Release): Promise<TakenBack> {
  const files = ((await readListed(config)) ?? []).filter(({ name }) => isOfVersion(name, version));
  if (files.length === 0) return { outcome: 'absent', lines: [] };
  const left = files.filter(({ yanked }) => !yanked);
  if (left.length === 0) return { outcome: 'done', lines: ['all files are yanked'] };
  return { outcome: 'pending', lines: [...left.map(({ name }) => `not yanked yet: ${name}`), ...yankLines(config, version)] };
}

const yankLines = ({ projects, publicName }: IndexConfig, version: string): readonly string[] =>
  publicName === undefined
    ? projects.map(
        (project) => `remove or yank ${project} ${version} with the tools of the index; the name of a file that was public should not be used again`,
      )
    : projects.map(
        (project) =>
          `yank ${project} ${version} on the page of the project: Manage, Releases, Options, Yank; never delete it: its file names would be lost`,
      );

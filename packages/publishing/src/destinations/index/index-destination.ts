import type { Finding, HttpClient, Secret } from '@waybill/core';
import type { JobVariables, Sigstore } from '@waybill/signatures';
import type { Destination, PublishFile, Release, RemoteFile, TakenBack, TriedOut, UploadOutcome, UploadProgress } from '../../destination';
import { createIndexAttestations, NO_ATTESTATIONS, type IndexAttestations } from './attestations/index-attestations';
import { isOfVersion } from './distribution-name';
import type { IndexInstaller } from './index-installer';
import { NO_LOGIN, tokenLogin, type IndexLogin } from './index-login';
import { outcomeOf, refusalOf } from './judge-answer';
import { judgePublicFiles } from './judge-files';
import { checkRoot, downloadFile, offersAttestations, readListed, readProvenance, stateOf, withoutLogin, type IndexReader } from './read-index';
import { createTrustedLogin } from './trusted/trusted-login';
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
  /** Largest file that the public index takes of this project; by default what it takes of everybody. */
  fileLimitMib?: number;
  /** Without it and `trusted` no credential is sent. */
  login?: { user: string; password: Secret };
  /** Trusted publishing: what a CI tells this job. */
  trusted?: JobVariables;
  /** Makes attestations (PEP 740) where the job is trusted and the index takes them. `predicateType` is what the index expects them to say. */
  attestations?: { predicateType(): Promise<string>; sigstore?: Sigstore };
  /** Installs what was published; without it nothing is installed. */
  installer?: IndexInstaller;
  http: HttpClient;
  /** METADATA of a wheel, PKG-INFO of an sdist. */
  metadataOf(file: PublishFile): Promise<string>;
  /** Milliseconds since 1970. */
  nowMs(): number;
}

/** An index with what was made of its settings. */
interface Index extends Omit<IndexConfig, 'attestations'>, IndexReader {
  access: IndexLogin;
  attestations: IndexAttestations;
}

const MAIN_KINDS: readonly string[] = ['wheel', 'sdist'];

/** A package index: PyPI, TestPyPI, devpi, pypiserver, Artifactory, GitLab and whatever else takes PyPI's upload API. */
export function createIndexDestination(config: IndexConfig): Destination {
  const { id, uploadUrl, publicName } = config;
  const index = openIndex(config);
  return {
    id,
    type: 'index',
    remote: true,
    // a trusted publisher shows its rights when it is asked for its token
    rights: config.trusted ? 'preflight' : 'first-file',
    identity: `index ${withoutLogin(uploadUrl).replace(/\/+$/, '')}`,
    title: `index ${publicName ?? withoutLogin(uploadUrl)}`,
    choose: (_, files) => ({
      // Wheels first: while a release is half there, no installer has to build it from the sdist.
      files: MAIN_KINDS.flatMap((kind) => files.filter((file) => file.kind === kind)),
      left: files.filter(({ kind }) => !MAIN_KINDS.includes(kind)).map(({ name }) => ({ name, reason: 'an index takes wheels and sdists' })),
    }),
    preflight: (release, files) => preflight(index, release, files),
    inspect: async (_, files) => {
      const listed = (await readListed(index)) ?? [];
      const states: RemoteFile[] = [];
      for (const file of files) states.push(await stateOf(index, file, listed));
      return states;
    },
    upload: (_, file, progress) => upload(index, file, progress),
    finalise: async () => [],
    list: async ({ version }) =>
      (await readListed(index))
        ?.filter(({ name }) => isOfVersion(name, version))
        .map(({ name, sha256, url }) => ({ name, state: 'same' as const, url, ...(sha256 !== undefined && { sha256 }) })),
    download: (_, name) => downloadFile(index, name),
    tryOut: (release, files, attested) => tryOut(index, release, { files, attested }),
    guide: ({ version }) => ({
      install: config.projects.map(
        (project) => `pip install ${publicName === 'pypi' ? '' : `--index-url ${config.simpleUrl} `}${project}==${version}`,
      ),
      takeBack: yankLines(config, version),
    }),
    readTakenBack: (release) => readYanked(index, release),
    takeBack: (release) => takeBack(index, release),
  };
}

function openIndex(config: IndexConfig): Index {
  const { login, trusted } = config;
  const access = trusted ? createTrustedLogin({ ...config, variables: trusted }) : login ? tokenLogin(login) : NO_LOGIN;
  const reader = { ...config, ...(access.reading !== undefined && { authorization: access.reading }) };
  return { ...reader, access, attestations: openAttestations(config, reader) };
}

function openAttestations({ trusted, attestations, ...config }: IndexConfig, reader: IndexReader): IndexAttestations {
  if (trusted === undefined || attestations === undefined) return NO_ATTESTATIONS;
  const offers = async (): Promise<boolean> => config.publicName !== undefined || offersAttestations(reader);
  return createIndexAttestations({ ...config, ...attestations, variables: trusted, offers, read: (url) => readProvenance(reader, url) });
}

async function preflight(index: Index, release: Release, files: readonly PublishFile[]): Promise<readonly Finding[]> {
  const { id, publicName, nowMs, fileLimitMib } = index;
  if (files.length === 0) {
    const fix = 'build some, or remove this destination';
    return [{ check: 'index', level: 'error', path: id, message: 'the release has neither wheel nor sdist, and an index takes nothing else', fix }];
  }
  // What their metadata lacks is found before the first byte.
  for (const file of files) uploadFields(file, await index.metadataOf(file));
  const listed = await readListed(index);
  // a page without files may be any page
  if ((listed ?? []).length === 0 && publicName === undefined) await checkRoot(index);
  const names = new Set(listed?.map(({ name }) => name));
  const ofVersion = (listed ?? []).filter(({ name }) => isOfVersion(name, release.version));
  return [
    ...(publicName === undefined ? [] : judgePublicFiles(release, files, { listed: ofVersion, nowMs: nowMs(), fileLimitMib })),
    ...(files.every(({ name }) => names.has(name)) ? [] : await checkSending(index)),
  ];
}

/** What is needed once something is sent: leave, and what installs it afterwards. */
async function checkSending({ id, access, attestations, installer, http }: Index): Promise<readonly Finding[]> {
  if (!http.readOnly) await installer?.prepare(id);
  const findings = await access.check();
  // an identity that the index does not take needs no certificate
  const isTaken = findings.every(({ check }) => check === 'identity');
  return isTaken ? [...findings, ...(await attestations.check())] : findings;
}

/** Reads back who is said to have published it, then installs it. */
async function tryOut(
  index: Index,
  release: Release,
  { files, attested }: { files: readonly PublishFile[]; attested: readonly string[] },
): Promise<TriedOut> {
  const { isWaiting, line } = await index.attestations.readBack({ files, attested }, async () => (await readListed(index)) ?? []);
  if (isWaiting) return { outcome: 'waiting', line: line! };
  const tried = await install(index, release, files);
  return line === undefined ? tried : { ...tried, line: `${tried.line}; ${line}` };
}

async function install(index: Index, { version }: Release, files: readonly PublishFile[]): Promise<TriedOut> {
  const { id, simpleUrl, uploadUrl, installer } = index;
  const login = new URL(simpleUrl).origin === new URL(uploadUrl).origin ? index.login : undefined;
  const wheels = files.filter(({ kind }) => kind === 'wheel');
  if (!installer || wheels.length === 0) return { outcome: 'untried', line: `${id}: nothing was installed from there` };
  return installer.install({ id, version, simpleUrl, wheels, ...(login && { login }) });
}

/** A refusal is judged by what the index shows afterwards: other bytes than ours are for the engine to tell, ours are success. */
async function upload(index: Index, file: PublishFile, { onSent, timeoutMs }: UploadProgress): Promise<UploadOutcome> {
  const attestations = await index.attestations.fieldsFor(file);
  const { body, contentType } = multipartBody(file, [...uploadFields(file, await index.metadataOf(file)), ...attestations]);
  const authorization = await index.access.uploading();
  const headers = { 'content-type': contentType, accept: 'application/json', ...(authorization !== undefined && { authorization }) };
  const response = await index.http.request({ method: 'POST', url: index.uploadUrl, headers, body, timeoutMs, onSent });
  const answer = {
    id: index.id,
    name: file.name,
    status: response.status,
    text: index.access.hide(await response.text()),
    headers: response.headers,
    attested: attestations.length > 0,
    ...(index.publicName === undefined && index.login && { user: index.login.user }),
  };
  const outcome = outcomeOf(answer);
  const { attested } = answer;
  if (outcome) return attested ? { ...outcome, attested } : outcome;
  const { state } = await stateOf(index, file, (await readListed(index)) ?? []);
  if (state !== 'absent') return { outcome: 'uncertain', reason: `HTTP ${answer.status}`, retryAfterMs: 0, attested };
  throw refusalOf(answer);
}

/** Yanking is the only mark that an index has, and a person makes it. */
async function readYanked(index: Index, { version }: Release): Promise<string | undefined> {
  const found = ((await readListed(index)) ?? []).find(({ name, yanked }) => yanked && isOfVersion(name, version));
  return found && `the index shows \`${found.name}\` as yanked`;
}

/** No index has an API for yanking: a person does it, and the page shows when it is done. */
async function takeBack(index: Index, { version }: Release): Promise<TakenBack> {
  const files = ((await readListed(index)) ?? []).filter(({ name }) => isOfVersion(name, version));
  if (files.length === 0) return { outcome: 'absent', lines: [] };
  const left = files.filter(({ yanked }) => !yanked);
  if (left.length === 0) return { outcome: 'done', lines: ['all files are yanked'] };
  return { outcome: 'pending', lines: [...left.map(({ name }) => `not yanked yet: ${name}`), ...yankLines(index, version)] };
}

const yankLines = ({ projects, publicName }: Pick<IndexConfig, 'projects' | 'publicName'>, version: string): readonly string[] =>
  publicName === undefined
    ? projects.map(
        (project) => `remove or yank ${project} ${version} with the tools of the index; the name of a file that was public should not be used again`,
      )
    : projects.map(
        (project) =>
          `yank ${project} ${version} on the page of the project: Manage, Releases, Options, Yank; never delete it: its file names would be lost`,
      );

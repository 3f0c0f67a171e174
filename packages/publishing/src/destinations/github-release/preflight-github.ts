import type { Finding } from '@waybill/core';
import type { PublishFile, Release } from '../../destination';
import { publishingErrors } from '../../errors/publishing-errors';
import { errorFinding, findingsOf } from '../error-finding';
import { findRelease, listAssets, tagOf, type GithubRelease } from './find-release';
import { readJson, sendToGithub } from './github-client';
import type { GithubRepository } from './github-config';
import { githubRefusal, githubSaid } from './github-refusal';
import { isOwn } from './inspect-assets';
import { judgeTag } from './judge-tag';

const LARGEST_BYTES = 2 * 1024 ** 3 - 1;
const MOST_ASSETS = 1_000;

/** Token, repository, rights, tag, double drafts, limits: all findings, unless the token is not taken. */
export async function preflightGithub(github: GithubRepository, release: Release, files: readonly PublishFile[]): Promise<readonly Finding[]> {
  const access = await findingsOf(() => judgeAccess(github));
  if (access.length > 0) return access;
  let found: GithubRelease | undefined;
  return [
    ...(await findingsOf(() => judgeTag(github, release))),
    ...(await findingsOf(async () => void (found = await findRelease(github, tagOf(release))))),
    ...limitFindings(github, files),
    ...sharedFindings(github, release, files),
    ...(found === undefined ? [] : await lateFindings(github, found, files)),
  ];
}

/** As the API gives it (docs.github.com, REST, "Repositories"). */
interface Repository {
  full_name: string;
  permissions?: { push?: boolean };
  archived?: boolean;
}

/** The token of an installation (as workflows have it) is never told that it may push: what it may, only writing shows (`proveGithubRights`). */
async function judgeAccess(github: GithubRepository): Promise<void> {
  const { id, repository } = github;
  const response = await sendToGithub(github, { method: 'GET', path: '' });
  if (response.status === 404) throw publishingErrors.error('PUBLISH_GITHUB_REPOSITORY', { id, repository, said: await githubSaid(response) });
  if (response.status !== 200) throw await githubRefusal(github, response, 'read the repository');
  const isRepository = ({ full_name: name }: Partial<Repository>): boolean => typeof name === 'string';
  const { permissions, archived } = await readJson<Repository>(github, response, 'read the repository', isRepository);
  const refuse = (said: string): Error => publishingErrors.error('PUBLISH_GITHUB_RIGHTS', { id, repository, action: 'publish releases', said });
  if (archived === true) throw refuse('the repository is archived');
  if (permissions?.push === true) return;
  const installation = await sendToGithub(github, { method: 'HEAD', path: `${github.apiUrl}/installation/repositories?per_page=1` });
  if (installation.status !== 200) throw refuse('GitHub says that it may not push');
}

function limitFindings({ id }: GithubRepository, files: readonly PublishFile[]): readonly Finding[] {
  const faults = files.flatMap(({ name, size }) => [
    ...(size > LARGEST_BYTES ? [{ id, name, limit: 'less than 2 GiB', actual: `${size} bytes` }] : []),
    ...(size === 0 ? [{ id, name, limit: 'at least one byte', actual: 'an empty file' }] : []),
    ...(/^[A-Za-z0-9_][A-Za-z0-9._+-]*[A-Za-z0-9_]$/.test(name) ? [] : [{ id, name, limit: 'letters, digits, `.`, `_`, `+`, `-`', actual: name }]),
  ]);
  const many = files.length > MOST_ASSETS ? [{ id, name: files.at(-1)!.name, limit: `${MOST_ASSETS} assets`, actual: `${files.length}` }] : [];
  return [...faults, ...many].map((fault) => errorFinding(publishingErrors.error('PUBLISH_GITHUB_ASSET', fault)));
}

/** A name that does not begin with the project's may be another's too: the second of them would find it taken. */
const sharedFindings = ({ id, sharedWith }: GithubRepository, release: Release, files: readonly PublishFile[]): readonly Finding[] =>
  files
    .filter(({ name }) => sharedWith.length > 0 && !isOwn(release, name))
    .map(({ name }) => ({ id, name, begins: `${release.name}-${release.version}` }))
    .map((fault) => errorFinding(publishingErrors.error('PUBLISH_GITHUB_SHARED_NAME', fault)));

/** Files that a public release lacks; of an immutable one that is a conflict, found before. */
async function lateFindings(github: GithubRepository, found: GithubRelease, files: readonly PublishFile[]): Promise<readonly Finding[]> {
  if (found.draft || found.immutable === true) return [];
  const there = new Set((await listAssets(github, found)).map(({ name }) => name));
  const names = files.map(({ name }) => name).filter((name) => !there.has(name));
  if (names.length === 0) return [];
  return [{ ...errorFinding(publishingErrors.error('PUBLISH_GITHUB_LATE', { id: github.id, tag: found.tag_name, names })), level: 'warning' }];
}

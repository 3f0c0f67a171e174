import type { Release } from '../../destination';
import { publishingErrors } from '../../errors/publishing-errors';
import { listAll, readJson, sendToGithub } from './github-client';
import type { GithubRepository } from './github-config';
import { githubRefusal, leavesOpen } from './github-refusal';

/** A release as the API gives it (docs.github.com, REST, "Releases"). */
export interface GithubRelease {
  id: number;
  tag_name: string;
  draft: boolean;
  prerelease: boolean;
  immutable?: boolean;
  name: string | null;
  body: string | null;
  upload_url: string;
  html_url: string;
}

export interface GithubAsset {
  id: number;
  url: string;
  name: string;
  /** `uploaded`; anything else is the rest of an upload that broke off. */
  state: string;
  size: number;
  /** `sha256:<hex>`; servers from before 2025 give none. */
  digest?: string | null;
  browser_download_url: string;
}

const isRelease = ({ id, tag_name: tag }: Partial<GithubRelease>): boolean => typeof id === 'number' && typeof tag === 'string';

/** The tag of a release; a destination that is remote has one. */
export const tagOf = (release: Release): string => release.tag ?? release.version;

/**
 * The release of a tag, be it a draft: only a list shows drafts, and those that this run made are asked for where the list lacks them. More than one is
 * `PUBLISH_GITHUB_DRAFTS`: nobody knows which is meant.
 */
export async function findRelease(github: GithubRepository, tag: string): Promise<GithubRelease | undefined> {
  const all = await listAll<GithubRelease>(github, '/releases', 'list the releases');
  const listed = all.filter((release) => release.tag_name === tag);
  const made = github.made.get(tag);
  const own = made === undefined || listed.some(({ id }) => id === made) ? undefined : await readRelease(github, made);
  const found = await withoutTwin(github, tag, own?.tag_name === tag ? [...listed, own] : listed);
  if (found.length > 1) throw publishingErrors.error('PUBLISH_GITHUB_DRAFTS', { id: github.id, tag, urls: found.map(({ html_url }) => html_url) });
  return found[0];
}

/**
 * A draft that this run made beside an older one, because nothing showed that yet, goes again while nothing is in it: of two that do so the older stays.
 */
async function withoutTwin(github: GithubRepository, tag: string, found: readonly GithubRelease[]): Promise<readonly GithubRelease[]> {
  const own = found.find(({ id }) => id === github.made.get(tag));
  if (own?.draft !== true || !found.some(({ id }) => id < own.id) || (await listAssets(github, own)).length > 0) return found;
  const response = await sendToGithub(github, { method: 'DELETE', path: `/releases/${own.id}` });
  if (response.status !== 204 && response.status !== 404) throw await githubRefusal(github, response, 'delete a draft that was made twice');
  github.made.delete(tag);
  return found.filter((release) => release !== own);
}

const LOOKS = 4;
const PAUSE_MS = 1_500;

/** As above. Where this run asked for a draft and got no answer, the list gets time to show it: another would be one too many. */
export async function findOrAwaitRelease(github: GithubRepository, tag: string): Promise<GithubRelease | undefined> {
  for (let look = 1; ; look += 1) {
    const found = await findRelease(github, tag);
    if (found !== undefined || look === LOOKS || !github.open.has(tag)) return found;
    await github.pause(PAUSE_MS);
  }
}

/** `undefined` when it was deleted. */
async function readRelease(github: GithubRepository, id: number): Promise<GithubRelease | undefined> {
  const response = await sendToGithub(github, { method: 'GET', path: `/releases/${id}` });
  if (response.status === 404) return undefined;
  if (response.status !== 200) throw await githubRefusal(github, response, 'read the release');
  return readJson<GithubRelease>(github, response, 'read the release', isRelease);
}

export const listAssets = (github: GithubRepository, { id }: GithubRelease): Promise<readonly GithubAsset[]> =>
  listAll<GithubAsset>(github, `/releases/${id}/assets`, 'list the assets');

/** The release, made as a draft where there is none. `undefined`: GitHub’s answer leaves open whether it made one. */
export async function ensureDraft(github: GithubRepository, release: Release): Promise<GithubRelease | undefined> {
  return (await findOrAwaitRelease(github, tagOf(release))) ?? makeDraft(github, release);
}

/** A draft, which only those see who may write. `undefined`: GitHub’s answer leaves open whether it made one. */
export async function makeDraft(github: GithubRepository, release: Release): Promise<GithubRelease | undefined> {
  const tag = tagOf(release);
  const json = {
    ...{ tag_name: tag, name: `${release.name} ${release.version}`, draft: true, prerelease: release.channel === 'prerelease' },
    ...(release.commit !== undefined && { target_commitish: release.commit }),
  };
  // until it is known: an answer may be lost on its way too
  github.open.add(tag);
  const response = await sendToGithub(github, { method: 'POST', path: '/releases', json });
  if (leavesOpen(response.status)) return undefined;
  github.open.delete(tag);
  if (response.status !== 201) throw await githubRefusal(github, response, 'make a draft of the release', tag);
  const made = await readJson<GithubRelease>(github, response, 'make a draft of the release', isRelease);
  github.made.set(tag, made.id);
  // somebody else may have made one at the same time: then there are two, and this finds it
  return (await findRelease(github, tag)) ?? made;
}

import type { HttpClient, Secret } from '@waybill/core';
import { publishingErrors } from '../../errors/publishing-errors';

export interface GithubConfig {
  id: string;
  http: HttpClient;
  /** `owner/name`. */
  repository: string;
  token: Secret;
  /** Of GitHub Enterprise `https://host/api/v3` (in workflows: `GITHUB_API_URL`). */
  apiUrl?: string;
  /** Names of the other projects whose files belong to the release of the same tag: it stays a draft until all of them have ended. */
  sharedWith?: readonly string[];
  /** How it waits for the list to show a draft that may have been made, given by specs. */
  pause?: (milliseconds: number) => Promise<void>;
}

export interface GithubRepository {
  id: string;
  http: HttpClient;
  repository: string;
  token: Secret;
  /** Without a slash at the end. */
  apiUrl: string;
  sharedWith: readonly string[];
  /** Ids of the drafts that this run made, by tag: the list of releases may lag behind. */
  made: Map<string, number>;
  /** Tags of drafts that were asked for without an answer that tells whether they were made. */
  open: Set<string>;
  pause: (milliseconds: number) => Promise<void>;
}

const API = 'https://api.github.com';

/** `PUBLISH_GITHUB_SETTING` for what can never work. */
export function githubRepository({ apiUrl = API, sharedWith = [], ...config }: GithubConfig): GithubRepository {
  const { id, http, repository, token, pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)) } = config;
  const refuse = (what: string, value: string, expected: string): Error =>
    publishingErrors.error('PUBLISH_GITHUB_SETTING', { id, what, value, expected });
  // owners that a company manages have `_` in their names
  if (!/^[A-Za-z0-9_-]+\/[A-Za-z0-9._-]+$/.test(repository)) throw refuse('repository', repository, '`owner/name`');
  if (!/^https?:\/\/[^/?#@]+(\/[^?#]*)?$/.test(apiUrl)) throw refuse('apiUrl', apiUrl, 'an address of the form `https://host/api/v3`');
  return { id, http, repository, token, apiUrl: apiUrl.replace(/\/+$/, ''), sharedWith, made: new Map(), open: new Set(), pause };
}

/** Origins of GitHub that get the token: its API, and `uploads.` beside `api.` (GitHub Enterprise Server has one host for both). */
export function isOfGithub({ apiUrl }: GithubRepository, url: URL): boolean {
  const api = new URL(apiUrl);
  return url.origin === api.origin || (url.protocol === api.protocol && url.host === api.host.replace(/^api\./, 'uploads.'));
}

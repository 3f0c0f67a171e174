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
}

export interface GithubRepository {
  id: string;
  http: HttpClient;
  repository: string;
  token: Secret;
  /** Without a slash at the end. */
  apiUrl: string;
}

const API = 'https://api.github.com';

/** `PUBLISH_GITHUB_SETTING` for what can never work. */
export function githubRepository({ id, http, repository, token, apiUrl = API }: GithubConfig): GithubRepository {
  const refuse = (what: string, value: string, expected: string): Error =>
    publishingErrors.error('PUBLISH_GITHUB_SETTING', { id, what, value, expected });
  if (!/^[A-Za-z0-9-]+\/[A-Za-z0-9._-]+$/.test(repository)) throw refuse('repository', repository, '`owner/name`');
  if (!/^https?:\/\/[^/?#@]+(\/[^?#]*)?$/.test(apiUrl)) throw refuse('apiUrl', apiUrl, 'an address of the form `https://host/api/v3`');
  return { id, http, repository, token, apiUrl: apiUrl.replace(/\/+$/, '') };
}

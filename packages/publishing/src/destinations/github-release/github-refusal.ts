import type { HttpResponse, WaybillError } from '@waybill/core';
import { publishingErrors } from '../../errors/publishing-errors';
import type { GithubRepository } from './github-config';

/** GitHub's sentences, with the codes of single faults. */
export async function githubSaid(response: HttpResponse): Promise<string> {
  const text = await response.text();
  const messages = [...text.matchAll(/"message"\s*:\s*"((?:[^"\\]|\\.)*)"/g)].map(([, message]) => message);
  const codes = [...text.matchAll(/"code"\s*:\s*"(\w+)"/g)].map(([, code]) => code);
  return [`HTTP ${response.status}`, ...messages, ...codes].join(': ');
}

/** Seconds since 1970 at which it takes requests again, where the limit of requests is used up. */
function limitEnds({ status, headers }: HttpResponse, said: string): string | undefined {
  const used = (status === 403 || status === 429) && (headers['x-ratelimit-remaining'] === '0' || /rate limit/i.test(said));
  if (!used) return undefined;
  const seconds = Number(headers['x-ratelimit-reset']);
  return seconds > 0 ? new Date(seconds * 1_000).toISOString() : '';
}

/** What GitHub refuses, as an error with its fix. `action` is an infinitive. */
export async function githubRefusal({ id, repository }: GithubRepository, response: HttpResponse, action: string, tag = ''): Promise<WaybillError> {
  const said = await githubSaid(response);
  const until = limitEnds(response, said);
  if (until !== undefined) return publishingErrors.error('PUBLISH_GITHUB_LIMIT', { id, until, said });
  if (response.status === 401) return publishingErrors.error('PUBLISH_GITHUB_CREDENTIALS', { id, said });
  if (response.status === 422 && /used by an immutable/i.test(said)) return publishingErrors.error('PUBLISH_GITHUB_TAG_USED', { id, tag, said });
  if (response.status === 422 && /immutable/i.test(said)) return publishingErrors.error('PUBLISH_GITHUB_IMMUTABLE', { id, tag, said });
  // a token that may read and not write is answered 403 or, where it is to learn nothing, 404
  if (response.status === 403 || response.status === 404) return publishingErrors.error('PUBLISH_GITHUB_RIGHTS', { id, repository, action, said });
  return publishingErrors.error('PUBLISH_GITHUB_REFUSED', { id, action, said });
}

/** Answers that leave open whether a write was done. */
export const leavesOpen = (status: number): boolean => status >= 500 || status === 429 || status === 408;

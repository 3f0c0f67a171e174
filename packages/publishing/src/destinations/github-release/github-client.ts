import { jsonOf, type HttpRequest, type HttpResponse } from '@waybill/core';
import { publishingErrors } from '../../errors/publishing-errors';
import { isOfGithub, type GithubRepository } from './github-config';
import { githubRefusal } from './github-refusal';

type Request = Omit<HttpRequest, 'url'> & {
  /** Below the repository (`/releases`), or an address that GitHub gave. */
  path: string;
  json?: object;
};

const LIMIT_BYTES = 16 * 1024 * 1024;
const MOST_PAGES = 100;

/** One request with the token, to GitHub alone (`PUBLISH_GITHUB_HOST`); a redirect to a store loses it. An answer of any status is an answer. */
export async function sendToGithub(github: GithubRepository, { path, json, headers, ...request }: Request): Promise<HttpResponse> {
  const url = path.startsWith('https:') || path.startsWith('http:') ? path : `${github.apiUrl}/repos/${github.repository}${path}`;
  if (!isOfGithub(github, new URL(url))) {
    throw publishingErrors.error('PUBLISH_GITHUB_HOST', { id: github.id, host: new URL(url).host, apiUrl: github.apiUrl });
  }
  return github.http.request({
    ...request,
    url,
    headers: {
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      authorization: `Bearer ${github.token.reveal()}`,
      ...(json && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(json && { body: Buffer.from(JSON.stringify(json)) }),
  });
}

/** What GitHub answers, if it is that which is expected (`PUBLISH_GITHUB_ANSWER`). `action` is an infinitive. */
export async function readJson<Value>(
  { id, apiUrl }: GithubRepository,
  response: HttpResponse,
  action: string,
  isRight: (value: Partial<Value>) => boolean,
): Promise<Value> {
  const value = jsonOf(await response.text(LIMIT_BYTES));
  if (typeof value === 'object' && value !== null && isRight(value as Partial<Value>)) return value as Value;
  const type = response.headers['content-type'] ?? 'no media type';
  throw publishingErrors.error('PUBLISH_GITHUB_ANSWER', { id, apiUrl, action, actual: `HTTP ${response.status}, another thing (${type})` });
}

/** All pages of a list. */
export async function listAll<Item>(github: GithubRepository, path: string, action: string): Promise<readonly Item[]> {
  const items: Item[] = [];
  let next: string | undefined = `${path}?per_page=100`;
  for (let page = 0; next !== undefined && page < MOST_PAGES; page += 1) {
    const response = await sendToGithub(github, { method: 'GET', path: next });
    if (response.status !== 200) throw await githubRefusal(github, response, action);
    items.push(...(await readJson<readonly Item[]>(github, response, action, Array.isArray)));
    next = /<([^>]+)>\s*;\s*rel="next"/.exec(response.headers['link'] ?? '')?.[1];
  }
  return items;
}

/** Identities of CI jobs: GitHub's service that gives a job its id token, and tokens as GitLab puts them into a variable. Signed with a key of its own. */
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { listen } from './loopback.mjs';

export const GITHUB = 'https://token.example.org/github';
export const GITLAB = 'https://gitlab.example.org';
const LIFE_SECONDS = 300;

/** What GitHub says of a job of the repository `team/word-tally`. */
export const GITHUB_JOB = {
  ...{ sub: 'repo:team/word-tally:environment:release', repository: 'team/word-tally', repository_owner: 'team', repository_owner_id: '7' },
  ...{ ref: 'refs/tags/v1.0', sha: 'c0ffee', environment: 'release' },
  job_workflow_ref: 'team/word-tally/.github/workflows/release.yml@refs/tags/v1.0',
  workflow_ref: 'team/word-tally/.github/workflows/release.yml@refs/tags/v1.0',
};
/** What GitLab says of a job of the project `team/word-tally`. */
export const GITLAB_JOB = {
  ...{ sub: 'project_path:team/word-tally:ref_type:tag:ref:v1.0', namespace_path: 'team', namespace_id: '7', project_path: 'team/word-tally' },
  ...{ ref: 'v1.0', sha: 'c0ffee', environment: 'release' },
  ci_config_ref_uri: 'gitlab.example.org/team/word-tally//.gitlab-ci.yml@refs/tags/v1.0',
};

/**
 * @param {{ claims?: object, nowMs?: () => number }} [options] `claims` replace those of the job; one that is `undefined` is left out
 * @returns `url` and `requestToken` for a job of GitHub, `make` for any token, `jwks` for whoever checks
 */
export async function startIdTokens({ claims = {}, nowMs = Date.now } = {}) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = randomUUID();
  const requestToken = `ghs_${randomUUID()}`;
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const make = (payload) => {
    const now = Math.floor(nowMs() / 1_000);
    const all = { jti: randomUUID(), iat: now, nbf: now, exp: now + LIFE_SECONDS, ...payload };
    const head = `${part({ alg: 'RS256', typ: 'JWT', kid })}.${part(all)}`;
    return `${head}.${sign('RSA-SHA256', Buffer.from(head), privateKey).toString('base64url')}`;
  };
  const given = [];
  const { url, stop } = await listen((request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    const right = pathname === '/token' && searchParams.get('api-version') === '2.0' && request.headers.authorization === `bearer ${requestToken}`;
    if (!right) return void response.writeHead(401).end('{"message":"Unauthorized"}');
    given.push(make({ iss: GITHUB, aud: searchParams.get('audience'), ...GITHUB_JOB, ...claims }));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ count: 1, value: given.at(-1) }));
  });
  const variables = {
    GITHUB_ACTIONS: 'true',
    ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/token?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken,
  };
  return { url, stop, make, given, requestToken, variables, keys: new Map([[kid, publicKey]]) };
}

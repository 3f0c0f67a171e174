import { Secret, type HttpClient } from '@waybill/core';
import { faultOfClaims, readClaims, type Claims } from './claims';

/** What a CI tells its jobs. */
export type JobVariables = Readonly<Record<string, string | undefined>>;

export interface IdTokenRequest {
  audience: string;
  variables: JobVariables;
  http: HttpClient;
  nowMs(): number;
}

export interface IdToken {
  secret: Secret;
  claims: Claims;
  /** The variable that holds it. There is no other one in this job. */
  variable?: string;
}

/** Why there is no token. `variable`: GitLab, which of them must be set. `permission`: GitHub, the job may not ask. `nowhere`: no CI that is known. */
export type IdTokenFault = { kind: 'variable'; variable: string } | { kind: 'permission' | 'nowhere' } | { kind: 'unusable'; reason: string };

export type FoundIdToken = { ok: true; token: IdToken } | { ok: false; fault: IdTokenFault };

/** By which names jobs are given a token, as the packaging tools read it: `PYPI_ID_TOKEN` for the audience `pypi`. */
export const idTokenVariable = (audience: string): string => `${audience.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_ID_TOKEN`;

/** Whether a job has a way to an identity at all: asks nobody. */
export function idTokenSource(audience: string, variables: JobVariables): 'variable' | 'github' | Exclude<IdTokenFault, { kind: 'unusable' }> {
  const variable = idTokenVariable(audience);
  if (variables[variable]?.trim()) return 'variable';
  if (variables['GITLAB_CI'] === 'true') return { kind: 'variable', variable };
  if (variables['ACTIONS_ID_TOKEN_REQUEST_URL'] && variables['ACTIONS_ID_TOKEN_REQUEST_TOKEN']) return 'github';
  return { kind: variables['GITHUB_ACTIONS'] === 'true' ? 'permission' : 'nowhere' };
}

/** The identity of this job, for one audience, unverified. GitHub gives a new one at each call; a variable holds the same (GitLab, or who logged in elsewhere). */
export async function findIdToken(request: IdTokenRequest): Promise<FoundIdToken> {
  const { audience, variables, nowMs } = request;
  const source = idTokenSource(audience, variables);
  if (typeof source === 'object') return { ok: false, fault: source };
  const variable = idTokenVariable(audience);
  const found = source === 'variable' ? { secret: new Secret(variables[variable]!.trim()), variable } : await fromGithub(request);
  if ('status' in found) return unusable(`GitHub gave none (HTTP ${found.status})`);
  const claims = readClaims(found.secret.reveal());
  const reason = claims === undefined ? 'it is no JSON Web Token' : faultOfClaims(claims, audience, nowMs());
  return claims === undefined || reason !== undefined ? unusable(reason!) : { ok: true, token: { ...found, claims } };
}

const unusable = (reason: string): FoundIdToken => ({ ok: false, fault: { kind: 'unusable', reason } });

async function fromGithub({ audience, variables, http }: IdTokenRequest): Promise<{ secret: Secret } | { status: number }> {
  const url = new URL(variables['ACTIONS_ID_TOKEN_REQUEST_URL']!);
  url.searchParams.set('audience', audience);
  const headers = { accept: 'application/json', authorization: `bearer ${variables['ACTIONS_ID_TOKEN_REQUEST_TOKEN']!}` };
  const answer = await http.request({ method: 'GET', url: url.href, headers });
  const value = answer.status === 200 ? /"value"\s*:\s*"([^"\\]+)"/.exec(await answer.text())?.[1] : undefined;
  return value === undefined ? { status: answer.status } : { secret: new Secret(value) };
}

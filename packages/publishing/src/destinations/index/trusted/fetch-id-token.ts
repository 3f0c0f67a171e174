import { Secret, type HttpClient } from '@waybill/core';
import { publishingErrors } from '../../../errors/publishing-errors';
import { faultOf, readClaims, type Claims } from './read-claims';

/** What a CI tells its jobs. */
export type JobVariables = Readonly<Record<string, string | undefined>>;

export interface IdTokenRequest {
  id: string;
  audience: string;
  variables: JobVariables;
  http: HttpClient;
  nowMs(): number;
}

export interface IdToken {
  secret: Secret;
  claims: Claims;
  /** GitLab: the variable that holds it. There is no other one in this job. */
  variable?: string;
}

/** By which names GitLab's jobs give a token, as the packaging tools read it: `PYPI_ID_TOKEN` for the audience `pypi`. */
export const idTokenVariable = (audience: string): string => `${audience.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_ID_TOKEN`;

/**
 * The identity of this job, for one audience, unverified. `PUBLISH_TRUSTED_NOWHERE`, `…_PERMISSION`, `…_VARIABLE` where there is none,
 * `…_ID_TOKEN` where it cannot be of use. GitHub gives a new one at each call, GitLab the same.
 */
export async function fetchIdToken(request: IdTokenRequest): Promise<IdToken> {
  const { id, audience, variables, nowMs } = request;
  const found = await (variables['GITLAB_CI'] === 'true' ? fromVariable(request) : fromGithub(request));
  const claims = readClaims(found.secret.reveal());
  const reason = claims === undefined ? 'it is no JSON Web Token' : faultOf(claims, audience, nowMs());
  if (claims === undefined || reason !== undefined) throw publishingErrors.error('PUBLISH_TRUSTED_ID_TOKEN', { id, reason: reason!, said: [] });
  return { ...found, claims };
}

type Found = Pick<IdToken, 'secret' | 'variable'>;

async function fromVariable({ id, audience, variables }: IdTokenRequest): Promise<Found> {
  const variable = idTokenVariable(audience);
  const value = variables[variable]?.trim();
  if (!value) throw publishingErrors.error('PUBLISH_TRUSTED_VARIABLE', { id, variable, audience });
  return { secret: new Secret(value), variable };
}

async function fromGithub({ id, audience, variables, http }: IdTokenRequest): Promise<Found> {
  const [address, pass] = [variables['ACTIONS_ID_TOKEN_REQUEST_URL'], variables['ACTIONS_ID_TOKEN_REQUEST_TOKEN']];
  if (!address || !pass) {
    throw publishingErrors.error(variables['GITHUB_ACTIONS'] === 'true' ? 'PUBLISH_TRUSTED_PERMISSION' : 'PUBLISH_TRUSTED_NOWHERE', { id });
  }
  const url = new URL(address);
  url.searchParams.set('audience', audience);
  const headers = { accept: 'application/json', authorization: `bearer ${pass}` };
  const answer = await http.request({ method: 'GET', url: url.href, headers });
  const value = answer.status === 200 ? /"value"\s*:\s*"([^"\\]+)"/.exec(await answer.text())?.[1] : undefined;
  if (value === undefined) {
    throw publishingErrors.error('PUBLISH_TRUSTED_ID_TOKEN', { id, reason: `GitHub gave none (HTTP ${answer.status})`, said: [] });
  }
  return { secret: new Secret(value) };
}

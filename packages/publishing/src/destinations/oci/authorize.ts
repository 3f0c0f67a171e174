import { jsonOf, WaybillError, type HttpResponse } from '@waybill/core';
import { publishingErrors } from '../../errors/publishing-errors';
import { ociSaid } from './oci-refusal';
import type { OciRepository } from './oci-config';
import { parseChallenge } from './parse-challenge';

/** Value of `Authorization`, and when it ends. */
export interface Pass {
  authorization?: string;
  untilMs: number;
}

const WITHOUT_END = Number.POSITIVE_INFINITY;
/** A token that says nothing of its life lives a minute (specification, "Token Response Fields"). */
const DEFAULT_SECONDS = 60;
const MARGIN_MS = 15_000;

export const isFresh = (pass: Pass, nowMs: number): boolean => nowMs + MARGIN_MS < pass.untilMs;

/**
 * Asks the registry what it wants and gets it: nothing, Basic, or a token for this repository. `PUBLISH_OCI_CREDENTIALS` when it is not taken. One that wants
 * nothing here may want something later.
 */
export async function authorize(repository: OciRepository): Promise<Pass> {
  const { id, http, origin, credentials } = repository;
  const open = await http.request({ method: 'GET', url: `${origin}/v2/` });
  if (open.status !== 401) return { untilMs: WITHOUT_END };
  const pass = await answerChallenge(repository, open);
  if (pass === undefined)
    throw publishingErrors.error('PUBLISH_OCI_CREDENTIALS', { id, given: credentials !== undefined, said: await ociSaid(open) });
  if (!pass.authorization!.startsWith('Basic ')) return pass;
  const closed = await http.request({ method: 'GET', url: `${origin}/v2/`, headers: { authorization: pass.authorization! } });
  if (closed.status === 401) throw publishingErrors.error('PUBLISH_OCI_CREDENTIALS', { id, given: true, said: await ociSaid(closed) });
  return pass;
}

/** What an answer 401 asks for; `undefined` where that needs credentials and there are none. */
export async function answerChallenge(repository: OciRepository, { headers }: HttpResponse): Promise<Pass | undefined> {
  const header = headers['www-authenticate'] ?? '';
  const challenge = parseChallenge(header);
  if (challenge.scheme === 'bearer' && challenge.realm !== undefined) return bearer(repository, challenge.realm, challenge.service);
  if (challenge.scheme !== 'basic') throw publishingErrors.error('PUBLISH_OCI_CHALLENGE', { id: repository.id, challenge: header });
  return repository.credentials && { authorization: basicOf(repository.credentials), untilMs: WITHOUT_END };
}

async function bearer(repository: OciRepository, realm: string, service: string | undefined): Promise<Pass> {
  const { id, http, path, credentials, nowMs } = repository;
  if (!URL.canParse(realm)) throw publishingErrors.error('PUBLISH_OCI_CHALLENGE', { id, challenge: `Bearer realm="${realm}"` });
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  url.searchParams.set('scope', `repository:${path}:${http.readOnly ? 'pull' : 'pull,push'}`);
  const response = await http.request({ method: 'GET', url: url.href, headers: { ...(credentials && { authorization: basicOf(credentials) }) } });
  if (response.status === 401 || response.status === 403 || response.status === 400) {
    throw publishingErrors.error('PUBLISH_OCI_CREDENTIALS', { id, given: credentials !== undefined, said: await ociSaid(response) });
  }
  const answer = response.status === 200 ? await tokenOf(response) : undefined;
  if (answer === undefined) throw publishingErrors.error('PUBLISH_OCI_REFUSED', { id, action: 'give a token', said: await ociSaid(response) });
  return { authorization: `Bearer ${answer.token}`, untilMs: nowMs() + answer.seconds * 1_000 };
}

const basicOf = ({ username, password }: NonNullable<OciRepository['credentials']>): string =>
  `Basic ${Buffer.from(`${username}:${password.reveal()}`).toString('base64')}`;

async function tokenOf(response: HttpResponse): Promise<{ token: string; seconds: number } | undefined> {
  const answer = jsonOf(await response.text()) as { token?: unknown; access_token?: unknown; expires_in?: unknown };
  const token = answer?.token ?? answer?.access_token;
  return typeof token === 'string' && token !== '' ? { token, seconds: Number(answer.expires_in ?? DEFAULT_SECONDS) || DEFAULT_SECONDS } : undefined;
}

/** Whether a token says itself that it cannot push: a JWT with `access` (specification, "Token Claim Set"). Others say nothing. */
export function mayNotPush({ authorization }: Pass, path: string): boolean {
  const payload = /^Bearer [\w-]+\.([\w-]+)\.[\w-]+$/.exec(authorization ?? '')?.[1];
  const claims = payload === undefined ? undefined : (jsonOf(Buffer.from(payload, 'base64url').toString('utf8')) as { access?: unknown } | undefined);
  if (!Array.isArray(claims?.access)) return false;
  const own = (claims.access as { type?: string; name?: string; actions?: string[] }[]).find(
    ({ type, name }) => type === 'repository' && name === path,
  );
  return !own?.actions?.some((action) => action === 'push' || action === '*');
}

export const isRefusal = (error: unknown): error is WaybillError => error instanceof WaybillError && error.code.startsWith('PUBLISH_');

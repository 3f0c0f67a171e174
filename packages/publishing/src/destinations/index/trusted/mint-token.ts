import { Secret, type HttpClient, type HttpResponse } from '@waybill/core';
import type { IdToken } from '@waybill/signatures';
import { publishingErrors } from '../../../errors/publishing-errors';
import { wordsOf } from '../words-of-server';
import { claimLines } from './describe-claims';

export interface TokenOffice {
  id: string;
  /** What tools upload to: its origin is that of the office. */
  uploadUrl: string;
  http: HttpClient;
}

/** A token of the index: good for the projects of one publisher, for a quarter of an hour. */
export interface MintedToken {
  secret: Secret;
  /** Milliseconds since 1970. */
  expiresMs: number;
}

const LIFE_MS = 900_000;

/** For whom an id token has to be made (`PUBLISH_TRUSTED_UNSUPPORTED`). */
export async function askAudience({ id, uploadUrl, http }: TokenOffice): Promise<string> {
  const url = new URL('/_/oidc/audience', uploadUrl).href;
  const answer = await http.request({ method: 'GET', url, headers: { accept: 'application/json' } });
  const text = await answer.text();
  const audience = answer.status === 200 ? /"audience"\s*:\s*"([^"\\]+)"/.exec(text)?.[1] : undefined;
  if (audience === undefined) throw publishingErrors.error('PUBLISH_TRUSTED_UNSUPPORTED', { id, status: answer.status, said: wordsOf(text) });
  return audience;
}

/** Exchanges the identity of a job, once, for a token (`PUBLISH_TRUSTED_REFUSED`, with the words of the index). */
export async function mintToken({ id, uploadUrl, http }: TokenOffice, idToken: IdToken, nowMs: number): Promise<MintedToken> {
  const url = new URL('/_/oidc/mint-token', uploadUrl).href;
  const body = Buffer.from(JSON.stringify({ token: idToken.secret.reveal() }));
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const answer = await http.request({ method: 'POST', url, headers, body });
  const { token, expires, errors } = await readAnswer(answer);
  if (answer.status === 200 && typeof token === 'string' && token !== '') {
    return { secret: new Secret(token), expiresMs: typeof expires === 'number' ? expires * 1_000 : nowMs + LIFE_MS };
  }
  throw publishingErrors.error('PUBLISH_TRUSTED_REFUSED', {
    id,
    status: answer.status,
    said: errors.map(({ code, description }) => `${code}: ${description}`).map((line) => line.replaceAll(idToken.secret.reveal(), '******')),
    claims: claimLines(idToken.claims),
    code: errors[0]?.code ?? '',
  });
}

interface Answer {
  token?: unknown;
  expires?: unknown;
  errors: readonly { code: string; description: string }[];
}

async function readAnswer(answer: HttpResponse): Promise<Answer> {
  const text = await answer.text();
  try {
    const value = JSON.parse(text) as { token?: unknown; expires?: unknown; message?: unknown; errors?: unknown } | null;
    const listed = Array.isArray(value?.errors) ? (value.errors as readonly { code?: unknown; description?: unknown }[]) : [];
    const errors = listed.map(({ code, description }) => ({ code: String(code), description: String(description) }));
    const said = errors.length === 0 && typeof value?.message === 'string' ? [{ code: 'message', description: value.message }] : errors;
    return { token: value?.token, expires: value?.expires, errors: said };
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    return { errors: wordsOf(text).map((line) => ({ code: 'said', description: line })) };
  }
}

import { backoffMs, networkErrorCodes, retryAfterMs, WaybillError, type HttpClient, type HttpMethod, type HttpResponse } from '@waybill/core';
import { notarizeErrors } from '../errors/notarize-errors';
import { makeToken, type ApiKey } from './api-key';

/** How the service is reached and how time passes. */
export interface NotaryWire {
  http: HttpClient;
  /** Address of the collection of submissions, without a slash at its end. */
  url: string;
  key: ApiKey;
  nowMs(): number;
  pause(ms: number): Promise<unknown>;
}

export interface NotaryRequest {
  method: HttpMethod;
  /** Behind the address of the collection: `/<id>/logs`. */
  path: string;
  /** For people, an infinitive: `submit app.zip`. */
  action: string;
  body?: object;
  /** How often it is sent at most before no answer is an error; 5 by default. */
  tries?: number;
}

export type NotaryAnswer = { status: 200; json: unknown } | { status: 404 };

export const NOTARY_URL = 'https://appstoreconnect.apple.com/notary/v2/submissions';

const TRIES = 5;
const PAUSES = { baseMs: 1_000, maxWaitMs: 30_000 };
/** Beyond this a token is refused because of its times. */
const CLOCK_MS = 5 * 60_000;
/** The service answers so for a moment, or to too many. */
const passes = (status: number): boolean => status === 429 || status >= 500;

/**
 * One request with a token of its own. Dropped connections, 429 and 5xx are repeated, also for what submits: a submission to which nothing is uploaded
 * does nothing. A stale or doubted token is renewed once. `NOTARIZE_UNAUTHORIZED`, `NOTARIZE_CLOCK`, `NOTARIZE_FORBIDDEN`, `NOTARIZE_REFUSED`, `NOTARIZE_UNREACHABLE`.
 */
export async function askNotary(wire: NotaryWire, request: NotaryRequest): Promise<NotaryAnswer> {
  const { action, tries = TRIES } = request;
  let renewed = false;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await sendOnce(wire, request);
    if ('status' in answer && answer.status === 401 && !renewed) {
      renewed = true;
      continue;
    }
    if ('status' in answer && !passes(answer.status)) return judge(wire, action, answer);
    const said = 'failed' in answer ? answer.failed.message : await saidOf(answer);
    if (attempt >= tries) throw notarizeErrors.error('NOTARIZE_UNREACHABLE', { action, tries: attempt, said });
    const asked = 'failed' in answer ? undefined : retryAfterMs(answer.headers['retry-after'], wire.nowMs());
    await wire.pause(Math.min(PAUSES.maxWaitMs, asked ?? pauseBehind(attempt)));
  }
}

/** The whole wait: one run asks for one thing at a time. */
export const pauseBehind = (attempt: number): number => backoffMs(PAUSES, attempt, 1);

/** Certificates that are not accepted or names that do not exist stay as they are: trying again does not help. */
async function sendOnce(
  { http, url, key, nowMs }: NotaryWire,
  { method, path, body }: NotaryRequest,
): Promise<HttpResponse | { failed: WaybillError }> {
  const headers = { authorization: `Bearer ${makeToken(key, nowMs())}`, accept: 'application/json' };
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  try {
    return await http.request({
      method,
      url: `${url}${path}`,
      headers: { ...headers, ...(bytes && { 'content-type': 'application/json' }) },
      ...(bytes && { body: bytes }),
    });
  } catch (error) {
    if (error instanceof WaybillError && networkErrorCodes.includes(error.code)) return { failed: error };
    throw error;
  }
}

async function judge({ nowMs }: NotaryWire, action: string, response: HttpResponse): Promise<NotaryAnswer> {
  const { status, headers } = response;
  if (status === 404) return { status };
  if (status === 200 || status === 201) return { status: 200, json: parseAnswer(await response.text(), action) };
  const said = await saidOf(response);
  if (status === 401) {
    const [hereMs, thereMs] = [nowMs(), Date.parse(headers['date'] ?? '')];
    if (Math.abs(hereMs - thereMs) > CLOCK_MS) throw notarizeErrors.error('NOTARIZE_CLOCK', { action, hereMs, thereMs });
    throw notarizeErrors.error('NOTARIZE_UNAUTHORIZED', { action, said });
  }
  if (status === 403) throw notarizeErrors.error('NOTARIZE_FORBIDDEN', { action, said });
  throw notarizeErrors.error('NOTARIZE_REFUSED', { action, status, said });
}

/** `action` is an infinitive, for people. `NOTARIZE_ANSWER`. */
export function parseAnswer(text: string, action: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw notarizeErrors.error('NOTARIZE_ANSWER', { action, reason: 'it is no JSON' }, { cause });
  }
}

/** Apple’s own words, verbatim: `{errors: [{status, code, title, detail}]}`; of anything else the beginning. */
async function saidOf(response: HttpResponse): Promise<string> {
  const text = await response.text();
  const errors = errorsIn(text);
  if (errors.length === 0) return `HTTP ${response.status} ${text.slice(0, 300)}`.trim();
  return errors.map(({ code, title, detail }) => [code, title, detail].filter((part) => typeof part === 'string').join(': ')).join('\n');
}

function errorsIn(text: string): readonly { code?: unknown; title?: unknown; detail?: unknown }[] {
  if (!text.trimStart().startsWith('{')) return [];
  try {
    const { errors } = JSON.parse(text) as { errors?: unknown };
    return Array.isArray(errors) ? (errors as { code?: unknown }[]) : [];
  } catch (cause) {
    if (cause instanceof SyntaxError) return [];
    throw cause;
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { coreErrors } from '../errors/core-errors';
import { createAgents, exchange, type Wire } from './exchange';
import { findRedirect } from './find-redirect';
import type { Environment } from './find-proxy';
import type { HttpClient, HttpRequest, HttpResponse } from './http-port';
import { checkTarget, isRead, type HttpTarget } from './http-target';
import { explainNetworkError } from './network-error';
import { isPassing, RETRY_POLICY, retryAfterMs, waitBefore, type RetryPolicy } from './retry-policy';

export interface HttpClientOptions {
  /** Refuses every request that could change something: a dry run. */
  readOnly: boolean;
  /** `waybill/0.1.0`. */
  userAgent: string;
  /** Applied to every address before it is shown. */
  redact?: (text: string) => string;
  /** Variables that name a proxy (`HTTPS_PROXY`, `NO_PROXY`); those of this process by default. */
  env?: Environment;
  /** PEM of an authority to trust; Node's own `NODE_EXTRA_CA_CERTS` works as well. */
  ca?: string;
  /** For requests that name none: from the start to the head of the answer. Milliseconds, 60 s by default. */
  timeoutMs?: number;
  retry?: Partial<RetryPolicy>;
  /** How it waits, given by specs. */
  pause?: (ms: number) => Promise<unknown>;
}

interface Setting extends Wire {
  readOnly: boolean;
  redact: (text: string) => string;
  retry: RetryPolicy;
  pause: (ms: number) => Promise<unknown>;
}

const MAX_REDIRECTS = 5;

/** The port over Node's own HTTP. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const setting: Setting = {
    readOnly: options.readOnly,
    userAgent: options.userAgent,
    redact: options.redact ?? ((text) => text),
    env: options.env ?? process.env,
    ...(options.ca !== undefined && { ca: options.ca }),
    timeoutMs: options.timeoutMs ?? 60_000,
    retry: { ...RETRY_POLICY, ...options.retry },
    pause: options.pause ?? sleep,
    agents: createAgents(),
  };
  return { readOnly: options.readOnly, request: (request) => follow(request, setting) };
}

async function follow(first: HttpRequest, setting: Setting): Promise<HttpResponse> {
  let request = first;
  for (let redirects = 0; ; redirects += 1) {
    const target = checkTarget(request, setting.readOnly, setting.redact);
    const response = await repeat(request, target, setting);
    const next = findRedirect(request, target, response.status, response.headers['location']);
    const leaves = next !== undefined && request.sameOrigin === true && new URL(next.url).origin !== target.url.origin;
    if (next === undefined || leaves) return { ...response, url: target.url.href };
    if (redirects === MAX_REDIRECTS) throw coreErrors.error('NETWORK_REDIRECT', { to: target.shown, reason: `more than ${MAX_REDIRECTS} redirects` });
    request = next;
  }
}

/** Reads until there is an answer that stays; everything else once. */
async function repeat(request: HttpRequest, target: HttpTarget, setting: Setting): Promise<HttpResponse> {
  for (let attempt = 1; ; attempt += 1) {
    const result = await attemptOnce(request, target, setting);
    const after = 'response' in result ? retryAfterMs(result.response.headers['retry-after'], Date.now()) : undefined;
    const wait = result.again && isRead(request.method) ? waitBefore(setting.retry, attempt, after, Math.random()) : undefined;
    if (wait !== undefined) await setting.pause(wait);
    else if ('response' in result) return result.response;
    else throw result.error;
  }
}

type Attempt = { response: HttpResponse; again: boolean } | { error: Error; again: boolean };

async function attemptOnce(request: HttpRequest, target: HttpTarget, setting: Setting): Promise<Attempt> {
  try {
    const response = await exchange(request, target, setting);
    return { response, again: isPassing(response.status) };
  } catch (error) {
    return explainNetworkError(error, target.shown);
  }
}

import { coreErrors } from '../errors/core-errors';
import type { HttpRequest } from './http-port';
import { isRead, type HttpTarget } from './http-target';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** What may follow to another origin: nothing in it says who asks. */
const ANONYMOUS = new Set(['accept', 'accept-language', 'range', 'user-agent']);

/** The request that an answer asks for instead, or `undefined`. Only reads are redirected; an answer without `Location` is an answer. */
export function findRedirect(request: HttpRequest, target: HttpTarget, status: number, location: string | undefined): HttpRequest | undefined {
  if (!isRead(request.method) || !REDIRECTS.has(status) || location === undefined) return undefined;
  if (!URL.canParse(location, target.url.href))
    throw coreErrors.error('NETWORK_REDIRECT', { to: target.shown, reason: 'it redirects to what is no URL' });
  const next = new URL(location, target.url);
  if (target.url.protocol === 'https:' && next.protocol === 'http:') {
    throw coreErrors.error('NETWORK_REDIRECT', { to: target.shown, reason: 'it redirects from https to http' });
  }
  const headers = Object.entries(request.headers ?? {}).filter(([name]) => next.origin === target.url.origin || ANONYMOUS.has(name));
  return { ...request, url: next.href, headers: Object.fromEntries(headers) };
}

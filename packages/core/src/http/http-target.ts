import { coreErrors } from '../errors/core-errors';
import type { HttpMethod, HttpRequest } from './http-port';

/** Where a request goes, parsed once. */
export interface HttpTarget {
  method: HttpMethod;
  url: URL;
  /** Method, origin and path, for people: no query, redacted. */
  shown: string;
}

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;
export const isLoopback = (url: URL): boolean => LOOPBACK.test(url.hostname);

/** Reads that may be sent again: nothing changes however often they arrive. */
export const isRead = (method: HttpMethod): boolean => method === 'GET' || method === 'HEAD';

/** Refuses what must not leave: another protocol, clear text beyond this machine, credentials in an address, a write of a client that only reads. */
export function checkTarget(request: HttpRequest, readOnly: boolean, redact: (text: string) => string): HttpTarget {
  const url = parseUrl(request.url, redact);
  const shown = redact(`${request.method} ${url.origin}${url.pathname}`);
  if (url.protocol === 'http:' && !isLoopback(url)) throw coreErrors.error('NETWORK_INSECURE', { to: shown });
  if (readOnly && !isRead(request.method) && !(request.method === 'POST' && request.asks)) throw coreErrors.error('NETWORK_READ_ONLY', { to: shown });
  return { method: request.method, url, shown };
}

function parseUrl(text: string, redact: (text: string) => string): URL {
  if (!URL.canParse(text)) throw coreErrors.error('NETWORK_URL', { url: redact(text.split('?')[0]!), reason: 'it is no URL' });
  const url = new URL(text);
  const shown = redact(`${url.protocol}//${url.host}${url.pathname}`);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw coreErrors.error('NETWORK_URL', { url: shown, reason: `\`${url.protocol}\` is not HTTP` });
  if (url.username !== '' || url.password !== '') throw coreErrors.error('NETWORK_URL', { url: shown, reason: 'it holds a user name or password' });
  return url;
}

import { createHash, createHmac } from 'node:crypto';
import type { HttpMethod, Secret } from '@waybill/core';

export interface ToSign {
  method: HttpMethod;
  url: URL;
  /** Names in lower case. All are signed. */
  headers: Readonly<Record<string, string>>;
  /** sha256 of the body, lower-case hex: the server compares it with what arrives. */
  payloadSha256: string;
}

export interface SigningKeys {
  accessKeyId: Secret;
  secretAccessKey: Secret;
  sessionToken?: Secret;
  region: string;
  nowMs: number;
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** RFC 3986: what `encodeURIComponent` leaves of the reserved characters is encoded too. */
export const encodeRfc3986 = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * AWS Signature Version 4 (docs.aws.amazon.com, "Authenticating Requests: Using the Authorization Header"), service `s3`: the path is encoded once, the payload
 * is signed. Gives all headers to send.
 */
export function signRequest({ method, url, headers, payloadSha256 }: ToSign, keys: SigningKeys): Record<string, string> {
  const time = new Date(keys.nowMs).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const all: Record<string, string> = {
    ...headers,
    host: url.host,
    'x-amz-content-sha256': payloadSha256,
    'x-amz-date': time,
    ...(keys.sessionToken && { 'x-amz-security-token': keys.sessionToken.reveal() }),
  };
  const names = Object.keys(all).sort();
  const signed = names.join(';');
  const canonical = [
    method,
    url.pathname,
    canonicalQuery(url),
    ...names.map((name) => `${name}:${all[name]!.trim().replace(/\s+/g, ' ')}`),
    '',
    signed,
    payloadSha256,
  ].join('\n');
  const scope = `${time.slice(0, 8)}/${keys.region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', time, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const key = scope.split('/').reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${keys.secretAccessKey.reveal()}`);
  const signature = hmac(key, text).toString('hex');
  const credential = `${keys.accessKeyId.reveal()}/${scope}`;
  return { ...all, authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signed}, Signature=${signature}` };
}

function canonicalQuery(url: URL): string {
  const pairs = [...url.searchParams].map(([name, value]) => [encodeRfc3986(name), encodeRfc3986(value)] as const);
  return pairs
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map((pair) => pair.join('='))
    .join('&');
}

/** Checks AWS Signature Version 4 as a server does: from what arrived. Shares no code with the client that it judges. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;
const SKEW_MS = 15 * 60_000;

const hex = (data) => createHash('sha256').update(data).digest('hex');
const mac = (key, data) => createHmac('sha256', key).update(data).digest();
const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * @returns {{ status: number, code: string, extra?: string } | undefined} why the request is refused
 */
export function judgeSignature(request, body, { accessKeyId, secretAccessKey, sessionToken, region, nowMs, unsignedBodies = false }) {
  const { headers, method } = request;
  if (headers.authorization === undefined) return { status: 403, code: 'AccessDenied' };
  const match = AUTHORIZATION.exec(headers.authorization);
  if (!match) return { status: 400, code: 'AuthorizationHeaderMalformed' };
  const [, key, day, scopeRegion, signedNames, signature] = match;
  if (key !== accessKeyId) return { status: 403, code: 'InvalidAccessKeyId' };
  if (scopeRegion !== region) return { status: 400, code: 'AuthorizationHeaderMalformed', extra: `<Region>${region}</Region>` };
  const fault = judgeHeaders(headers, signedNames.split(';'), day, nowMs);
  if (fault) return fault;
  if (sessionToken !== undefined && headers['x-amz-security-token'] !== sessionToken) return { status: 400, code: 'ExpiredToken' };
  const url = new URL(request.url, 'http://x');
  const query = [...url.searchParams].map(([name, value]) => [encode(name), encode(value)]).sort((a, b) => (a[0] < b[0] ? -1 : 1));
  const lines = signedNames.split(';').map((name) => `${name}:${headers[name].trim().replace(/ +/g, ' ')}\n`);
  const digest = headers['x-amz-content-sha256'];
  const canonical = `${method}\n${url.pathname}\n${query.map((pair) => pair.join('=')).join('&')}\n${lines.join('')}\n${signedNames}\n${digest}`;
  const toSign = `AWS4-HMAC-SHA256\n${headers['x-amz-date']}\n${day}/${region}/s3/aws4_request\n${hex(canonical)}`;
  const signingKey = mac(mac(mac(mac(`AWS4${secretAccessKey}`, day), region), 's3'), 'aws4_request');
  if (!timingSafeEqual(mac(signingKey, toSign), Buffer.from(signature, 'hex'))) return { status: 403, code: 'SignatureDoesNotMatch' };
  if (unsignedBodies && digest === 'UNSIGNED-PAYLOAD') return undefined;
  return judgeBody(headers, body, digest);
}

function judgeHeaders(headers, signed, day, nowMs) {
  const mustBeSigned = Object.keys(headers).filter((name) => name === 'host' || name.startsWith('x-amz-'));
  if (mustBeSigned.some((name) => !signed.includes(name)) || signed.some((name) => headers[name] === undefined)) {
    return { status: 403, code: 'AccessDenied' };
  }
  const [, year, month, date, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(headers['x-amz-date'] ?? '') ?? [];
  const time = Date.UTC(year, month - 1, date, hour, minute, second);
  if (Number.isNaN(time) || !headers['x-amz-date'].startsWith(day)) return { status: 400, code: 'AuthorizationHeaderMalformed' };
  return Math.abs(time - nowMs()) > SKEW_MS ? { status: 403, code: 'RequestTimeTooSkewed' } : undefined;
}

function judgeBody(headers, body, digest) {
  if (digest !== hex(body)) return { status: 400, code: 'XAmzContentSHA256Mismatch' };
  const checksum = headers['x-amz-checksum-sha256'];
  if (checksum !== undefined && checksum !== createHash('sha256').update(body).digest('base64')) return { status: 400, code: 'BadDigest' };
  return undefined;
}

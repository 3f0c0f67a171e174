import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import type { Secret } from '@waybill/core';
import { notarizeErrors } from '../errors/notarize-errors';
import { readNamedFile } from '../inside/read-named-file';

/** A team key of App Store Connect. */
export interface ApiKey {
  /** Ten letters and digits. */
  keyId: string;
  /** UUID. */
  issuer: string;
  key: KeyObject;
}

export interface ApiKeySource {
  keyId: string;
  keyIdVariable: string;
  issuer: string;
  issuerVariable: string;
  /** The text of the `.p8` file, as it is or in base64. */
  key: Secret;
  keyVariable: string;
}

const KEY_ID = /^[A-Z0-9]{8,12}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Apple refuses tokens that would live longer than 20 minutes. Each request has one of its own. */
const LIFE_SECONDS = 10 * 60;
/** Clocks differ by seconds: a token must not seem to come from the future. */
const BACKDATE_SECONDS = 30;

/** Everything that can be wrong with the three variables (`NOTARIZE_KEY_FORMAT`). */
export function readApiKey(source: ApiKeySource): ApiKey {
  const [keyId, issuer] = [source.keyId.trim(), source.issuer.trim()];
  if (!KEY_ID.test(keyId)) throw notFit(source.keyIdVariable, 'a key ID has ten capital letters and digits');
  if (!UUID.test(issuer)) throw notFit(source.issuerVariable, 'an issuer ID is a UUID');
  return { keyId, issuer, key: readKey(source.key.reveal(), source.keyVariable) };
}

const notFit = (variable: string, reason: string): Error => notarizeErrors.error('NOTARIZE_KEY_FORMAT', { variable, reason });

function readKey(value: string, variable: string): KeyObject {
  const text = value.includes('-----BEGIN ') ? value : Buffer.from(value.replace(/\s/g, ''), 'base64').toString('latin1');
  if (!text.includes('-----BEGIN '))
    throw notFit(variable, 'it is neither the text of a `.p8` file, nor that in base64, nor the path of a file that is there');
  if (text.includes('PUBLIC KEY-----')) throw notFit(variable, 'it is a public key');
  const key = parseKey(text, variable);
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw notFit(variable, 'it is no key of the curve P-256');
  return key;
}

function parseKey(text: string, variable: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch (cause) {
    throw notarizeErrors.error('NOTARIZE_KEY_FORMAT', { variable, reason: 'the private key in it is damaged or encrypted' }, { cause });
  }
}

/** The text of a key that a variable holds, or of the file whose path it holds, absolute or relative to `folder`. `NOTARIZE_KEY_FORMAT`. */
export function readKeyText(value: string, variable: string, folder: string): string {
  const file = value.includes('-----BEGIN ') ? undefined : readNamedFile(value.trim(), folder);
  if (file && 'reason' in file) throw notFit(variable, file.reason);
  return file?.bytes.toString('latin1') ?? value;
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token for one request (RFC 7519, ES256), as “Generating tokens for API requests” of App Store Connect wants it. */
export function makeToken({ keyId, issuer, key }: ApiKey, nowMs: number): string {
  const issued = Math.floor(nowMs / 1_000) - BACKDATE_SECONDS;
  const head = encode({ alg: 'ES256', kid: keyId, typ: 'JWT' });
  const claims = encode({ iss: issuer, iat: issued, exp: issued + LIFE_SECONDS, aud: 'appstoreconnect-v1' });
  const signature = sign('sha256', Buffer.from(`${head}.${claims}`), { key, dsaEncoding: 'ieee-p1363' });
  return `${head}.${claims}.${signature.toString('base64url')}`;
}

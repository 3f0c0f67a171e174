import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { Secret } from '@waybill/core';
import { signingErrors } from '../errors/signing-errors';

/** The variables of a certificate with its key, by value and name. */
export interface CredentialSource {
  /** A PKCS#12 file in base64, or certificates in PEM, with the key among them unless `key` has it. */
  certificate: Secret;
  certificateVariable: string;
  /** A private key in PEM. */
  key?: Secret;
  keyVariable?: string;
  password?: Secret;
  passwordVariable?: string;
}

/** What a tool is given, in files; `file` is PKCS#12 in base64. The first certificate in PEM is that of the key. */
export type Credential = { kind: 'pkcs12'; file: Secret; password?: Secret } | { kind: 'pem'; certificates: string; key: Secret; password?: Secret };

export const MAKE_CREDENTIAL =
  '`base64 -w0 certificate.p12` for a PKCS#12 file (`.p12`, `.pfx`), else the text of the PEM files of certificate and key';
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
const PRIVATE_KEY = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----[^-]*-----END \1-----/g;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** PFX: a sequence that begins with version 3 (RFC 7292 §4). */
const PKCS12_VERSION = Buffer.from([0x02, 0x01, 0x03]);

/** Tells what the variables hold and checks all that can be told of PEM; a PKCS#12 file is opened by the tool alone. `SIGN_KEY_…`, `SIGN_PASSWORD_…`. */
export function readCredential(source: CredentialSource): Credential {
  const { password, certificateVariable: variable } = source;
  const secret = password === undefined ? {} : { password };
  const value = decode(source.certificate, variable);
  if (Buffer.isBuffer(value)) {
    if (source.key !== undefined) throw notFit(variable, `it is a PKCS#12 file, which has its key inside, and \`keyEnv\` names another one`);
    return { kind: 'pkcs12', file: new Secret(value.toString('base64')), ...secret };
  }
  const blocks = value.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) throw notFit(variable, 'there is no certificate in it');
  const certificates = blocks.map((block) => readCertificate(block, variable));
  const [keyText, keyVariable] = keyOf(source, value);
  const key = readKey(keyText, keyVariable, source);
  const own = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (own === undefined) throw signingErrors.error('SIGN_KEY_MISMATCH', { variable: keyVariable, certificateVariable: variable });
  const chain = [own, ...certificates.filter((certificate) => certificate !== own)];
  return { kind: 'pem', certificates: chain.map((certificate) => certificate.toString()).join(''), key: new Secret(keyText), ...secret };
}

const notFit = (variable: string, reason: string): Error =>
  signingErrors.error('SIGN_KEY_FORMAT', { variable, backend: 'authenticode', reason, make: MAKE_CREDENTIAL });

/** PEM as text, a PKCS#12 file as bytes. */
function decode(secret: Secret, variable: string): string | Buffer {
  const text = secret.reveal().trim();
  if (text.includes('-----BEGIN ')) return text;
  const packed = text.replace(/\s/g, '');
  if (!BASE64.test(packed) || packed.length < 64) throw notFit(variable, 'it is neither PEM nor base64 (a path does not count)');
  const bytes = Buffer.from(packed, 'base64');
  if (bytes.subarray(0, 1024).includes('-----BEGIN ')) return bytes.toString('utf8');
  if (bytes[0] === 0x30 && bytes.subarray(2, 12).includes(PKCS12_VERSION)) return bytes;
  throw notFit(variable, 'what it holds in base64 is no PKCS#12 file');
}

function readCertificate(block: string, variable: string): X509Certificate {
  try {
    return new X509Certificate(block);
  } catch (cause) {
    throw notFit(variable, `a certificate in it is damaged (${(cause as Error).message})`);
  }
}

function keyOf({ key, keyVariable, certificateVariable }: CredentialSource, value: string): [text: string, variable: string] {
  const variable = keyVariable ?? certificateVariable;
  const text = key === undefined ? value : decode(key, variable);
  if (Buffer.isBuffer(text)) throw notFit(variable, 'it is a PKCS#12 file, which has its certificate inside: name no other one by `certificateEnv`');
  const keys = text.match(PRIVATE_KEY) ?? [];
  if (keys.length === 1) return [`${keys[0]!}\n`, variable];
  if (keys.length > 1) throw notFit(variable, `it holds ${keys.length} private keys instead of one`);
  if (/-----BEGIN [A-Z ]*PUBLIC KEY-----/.test(text)) throw signingErrors.error('SIGN_KEY_PUBLIC', { variable, make: MAKE_CREDENTIAL });
  throw notFit(variable, 'there is no private key in it');
}

function readKey(text: string, variable: string, { password, passwordVariable }: CredentialSource): KeyObject {
  try {
    return createPrivateKey({ key: text, ...(password !== undefined && { passphrase: password.reveal() }) });
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    if (password === undefined && /ENCRYPTED/.test(text)) throw signingErrors.error('SIGN_PASSWORD_MISSING', { variable, passwordVariable });
    if (/BAD_DECRYPT|CIPHERFINAL/.test(code) || /bad decrypt|cipherfinal/.test(message))
      throw signingErrors.error('SIGN_PASSWORD_WRONG', { variable, passwordVariable: passwordVariable! });
    throw notFit(variable, `the private key in it is damaged (${message})`);
  }
}

import { X509Certificate } from 'node:crypto';
import type { Secret } from '@waybill/core';
import { signingErrors } from '../errors/signing-errors';
import { readNamedFile } from './read-named-file';

/** A variable of a certificate or key: what it holds, and how it is to be read. */
export interface CredentialValue {
  secret: Secret;
  variable: string;
  /** For people. */
  backend: 'authenticode' | 'apple';
  /** Absolute: paths that variables hold may be relative to it. */
  workspaceRoot: string;
}

export const MAKE_CREDENTIAL =
  'the path of the file, or `base64 -w0 certificate.p12` for a PKCS#12 file (`.p12`, `.pfx`), else the text of the PEM files of certificate and key';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** PFX: a sequence that begins with version 3 (RFC 7292 §4). */
const PKCS12_VERSION = Buffer.from([0x02, 0x01, 0x03]);

export const notFit = (backend: CredentialValue['backend'], variable: string, reason: string): Error =>
  signingErrors.error('SIGN_KEY_FORMAT', { variable, backend, reason, make: MAKE_CREDENTIAL });

/** PEM as text, a PKCS#12 file as bytes, of the value itself or of the file whose path it is. `SIGN_KEY_FORMAT`. */
export function readCredentialValue({ secret, variable, backend, workspaceRoot }: CredentialValue): string | Buffer {
  const text = secret.reveal().trim();
  if (text.includes('-----BEGIN ')) return text;
  const file = readNamedFile(text, workspaceRoot);
  if (file && 'reason' in file) throw notFit(backend, variable, file.reason);
  if (file) return contentOf(file.bytes) ?? refuse('the file that it names is neither PEM nor PKCS#12');
  const packed = text.replace(/\s/g, '');
  if (!BASE64.test(packed) || packed.length < 64) return refuse('it is neither PEM, nor base64, nor the path of a file that is there');
  return contentOf(Buffer.from(packed, 'base64')) ?? refuse('what it holds in base64 is no PKCS#12 file');

  function refuse(reason: string): never {
    throw notFit(backend, variable, reason);
  }
}

/** PEM, PKCS#12, or a certificate as Apple’s page gives it (`.cer`, DER), which becomes PEM; `undefined`: something else. */
function contentOf(bytes: Buffer): string | Buffer | undefined {
  if (bytes.includes('-----BEGIN ')) return bytes.toString('utf8');
  if (bytes[0] !== 0x30) return undefined;
  if (bytes.subarray(2, 12).includes(PKCS12_VERSION)) return bytes;
  try {
    return new X509Certificate(bytes).toString();
  } catch {
    return undefined;
  }
}

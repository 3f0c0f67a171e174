import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { Secret } from '@waybill/core';
import { signingErrors } from '../errors/signing-errors';
import { MAKE_CREDENTIAL, notFit, readCredentialValue, type CredentialValue } from './credential-value';

/** The variables of a certificate with its key, by value and name. */
export interface CredentialSource {
  /** A PKCS#12 file in base64, or certificates in PEM, with the key among them unless `key` has it; or the path of such a file. */
  certificate: Secret;
  certificateVariable: string;
  /** A private key in PEM, or the path of its file. */
  key?: Secret;
  keyVariable?: string;
  password?: Secret;
  passwordVariable?: string;
  /** For people. */
  backend: CredentialValue['backend'];
  /** Absolute: what variables name by path may be relative to it. */
  workspaceRoot: string;
}

/** What a tool is given, in files; `file` is PKCS#12 in base64. The first certificate in PEM is that of the key; `plainKey` is the key in PEM, decrypted. */
export type Credential = { kind: 'pkcs12'; file: Secret; password?: Secret } | { kind: 'pem'; certificates: string; plainKey: Secret };

type Backend = CredentialSource['backend'];

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
const PRIVATE_KEY = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----[^-]*-----END \1-----/g;

/** Tells what the variables hold and checks all that can be told of PEM; a PKCS#12 file is opened by the tool alone. `SIGN_KEY_…`, `SIGN_PASSWORD_…`. */
export function readCredential(source: CredentialSource): Credential {
  const { password, certificateVariable: variable } = source;
  const secret = password === undefined ? {} : { password };
  const { backend, workspaceRoot } = source;
  const value = readCredentialValue({ secret: source.certificate, variable, backend, workspaceRoot });
  if (Buffer.isBuffer(value)) {
    if (source.key !== undefined) throw notFit(backend, variable, `it is a PKCS#12 file, which has its key inside, and \`keyEnv\` names another one`);
    return { kind: 'pkcs12', file: new Secret(value.toString('base64')), ...secret };
  }
  const blocks = value.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) throw notFit(backend, variable, 'there is no certificate in it');
  const certificates = blocks.map((block) => readCertificate(block, variable, backend));
  const [keyText, keyVariable] = keyOf(source, value);
  const key = readKey(keyText, keyVariable, source);
  const own = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (own === undefined) throw signingErrors.error('SIGN_KEY_MISMATCH', { variable: keyVariable, certificateVariable: variable });
  const chain = [own, ...certificates.filter((certificate) => certificate !== own)];
  return {
    kind: 'pem',
    certificates: chain.map((certificate) => certificate.toString()).join(''),
    plainKey: plainOf(key),
  };
}

/** The certificates alone, in PEM, where the key is elsewhere. `SIGN_KEY_FORMAT`. */
export function readCertificates(source: CredentialValue): string {
  const { variable, backend } = source;
  const value = readCredentialValue(source);
  const blocks = Buffer.isBuffer(value) ? [] : (value.match(CERTIFICATE) ?? []);
  if (blocks.length === 0) throw notFit(backend, variable, 'there is no certificate in PEM in it');
  return blocks.map((block) => readCertificate(block, variable, backend).toString()).join('');
}

const plainOf = (key: KeyObject): Secret => new Secret(key.export({ type: 'pkcs8', format: 'pem' }).toString());

function readCertificate(block: string, variable: string, backend: Backend): X509Certificate {
  try {
    return new X509Certificate(block);
  } catch (cause) {
    throw notFit(backend, variable, `a certificate in it is damaged (${(cause as Error).message})`);
  }
}

function keyOf({ key, keyVariable, certificateVariable, backend, workspaceRoot }: CredentialSource, value: string): [text: string, variable: string] {
  const variable = keyVariable ?? certificateVariable;
  const text = key === undefined ? value : readCredentialValue({ secret: key, variable, backend, workspaceRoot });
  if (Buffer.isBuffer(text))
    throw notFit(backend, variable, 'it is a PKCS#12 file, which has its certificate inside: name no other one by `certificateEnv`');
  const keys = text.match(PRIVATE_KEY) ?? [];
  if (keys.length === 1) return [`${keys[0]!}\n`, variable];
  if (keys.length > 1) throw notFit(backend, variable, `it holds ${keys.length} private keys instead of one`);
  if (/-----BEGIN [A-Z ]*PUBLIC KEY-----/.test(text)) throw signingErrors.error('SIGN_KEY_PUBLIC', { variable, make: MAKE_CREDENTIAL });
  throw notFit(backend, variable, 'there is no private key in it');
}

function readKey(text: string, variable: string, { password, passwordVariable, backend }: CredentialSource): KeyObject {
  try {
    return createPrivateKey({ key: text, ...(password !== undefined && { passphrase: password.reveal() }) });
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    if (password === undefined && /ENCRYPTED/.test(text)) throw signingErrors.error('SIGN_PASSWORD_MISSING', { variable, passwordVariable });
    if (/BAD_DECRYPT|CIPHERFINAL/.test(code) || /bad decrypt|cipherfinal/.test(message))
      throw signingErrors.error('SIGN_PASSWORD_WRONG', { variable, passwordVariable: passwordVariable! });
    throw notFit(backend, variable, `the private key in it is damaged (${message})`);
  }
}

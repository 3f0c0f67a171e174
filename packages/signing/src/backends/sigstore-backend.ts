import { createPrivateKey, type KeyObject } from 'node:crypto';
import { p256Fingerprint, p256PublicKeyText, signSigstore, sigstoreFormat } from '@waybill/signatures';
import { signingErrors } from '../errors/signing-errors';
import type { DetachedSigner, KeySource, SigningBackend } from './detached-signer';

const MAKE = '`openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes-256-cbc -out release.pem`, then the text of `release.pem`';

export const sigstoreBackend: SigningBackend = { make: MAKE, open: async (source) => signerOf(openKey(source), source) };

function openKey({ key, password, variable, passwordVariable }: KeySource): KeyObject {
  const text = key.reveal();
  const refuse = (reason: string): never => {
    throw signingErrors.error('SIGN_KEY_FORMAT', { variable, backend: 'sigstore', reason, make: MAKE });
  };
  if (text.includes('-----BEGIN PUBLIC KEY-----')) throw signingErrors.error('SIGN_KEY_PUBLIC', { variable, make: MAKE });
  if (/BEGIN ENCRYPTED (SIGSTORE|COSIGN) PRIVATE KEY/.test(text)) refuse('keys in cosign’s own encryption are not supported');
  const encrypted = /BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(text);
  if (encrypted && password === undefined) throw signingErrors.error('SIGN_PASSWORD_MISSING', { variable, passwordVariable });
  try {
    return createPrivateKey({ key: text, ...(password && { passphrase: password.reveal() }) });
  } catch {
    // OpenSSL tells of a wrong password in many words, and of a damaged key in the same ones.
    if (encrypted) throw signingErrors.error('SIGN_PASSWORD_WRONG', { variable, passwordVariable: passwordVariable! });
    return refuse('it is no private key in PEM');
  }
}

function signerOf(key: KeyObject, { variable }: KeySource): DetachedSigner {
  const publicKey = p256PublicKeyText(key);
  const read = sigstoreFormat.readPublicKey(publicKey);
  if (!read.ok) throw signingErrors.error('SIGN_KEY_UNUSABLE', { variable, reason: read.refusal.message });
  return {
    format: sigstoreFormat,
    publicKey,
    fingerprint: p256Fingerprint(key),
    sign: (file) => signSigstore(key, file.content()),
    wouldSay: ({ hash }) => hash === 'sha256',
  };
}

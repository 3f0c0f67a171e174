import { createHash, createPrivateKey } from 'node:crypto';
import { CODE_SIGNING, DAY_MS, makeCertificate, pemOf, type Identity } from '@waybill/binary/testing';
import { pkcs12Of } from './pkcs12';

export interface CodeCertificate {
  /** Certificates in PEM, the signer's first, and the root's. */
  chain: string;
  root: string;
  key: string;
  /** PKCS#12 in base64. */
  pkcs12(password: string, ...args: readonly string[]): string;
  encryptedKey(password: string): string;
  /** SHA-256 of the signer's certificate. */
  fingerprint: string;
}

export interface CodeCertificateRequest {
  /** Default: code signing. */
  purposes?: readonly string[];
  notBefore?: number;
  notAfter?: number;
  /** Default: `rsa`, of 2,048 bits. */
  keys?: 'rsa' | 'rsa-1024';
}

/** A code-signing certificate below a root, with dates as asked for: openssl gives none that are over. */
export function codeCertificate(request: CodeCertificateRequest = {}): CodeCertificate {
  const root = makeCertificate({
    commonName: 'Code Root',
    authority: true,
    keyUsage: 0x04,
    notBefore: Date.now() - 900 * DAY_MS,
    notAfter: Date.now() + 900 * DAY_MS,
  });
  const validity = { notBefore: request.notBefore ?? Date.now() - DAY_MS, notAfter: request.notAfter ?? Date.now() + 300 * DAY_MS };
  const signer = makeCertificate({
    commonName: 'Example Ltd',
    issuer: root,
    purposes: request.purposes ?? [CODE_SIGNING],
    keyUsage: 0x80,
    keys: request.keys ?? 'rsa',
    ...validity,
  });
  const [chain, key] = [pemOf(signer) + pemOf(root), keyOf(signer)];
  return {
    chain,
    key,
    root: pemOf(root),
    pkcs12: (password, ...args) => pkcs12Of({ certificates: chain, key, password }, args),
    encryptedKey: (password) =>
      createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: password }).toString(),
    fingerprint: createHash('sha256').update(signer.certificate).digest('hex'),
  };
}

const keyOf = ({ key }: Identity): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

import { spawnSync } from 'node:child_process';
import { createHash, createPrivateKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CODE_SIGNING, DAY_MS, makeCertificate, pemOf, type Identity } from '@waybill/binary/testing';

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
    pkcs12: (password, ...args) => toPkcs12(chain, key, password, args),
    encryptedKey: (password) =>
      createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: password }).toString(),
    fingerprint: createHash('sha256').update(signer.certificate).digest('hex'),
  };
}

const keyOf = ({ key }: Identity): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

function toPkcs12(chain: string, key: string, password: string, args: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-p12-'));
  try {
    writeFileSync(join(folder, 'all.pem'), key + chain);
    writeFileSync(join(folder, 'password'), `${password}\n`);
    const out = ['-export', '-in', 'all.pem', '-out', 'out.p12', '-passout', 'file:password'];
    const { status, stderr } = spawnSync('openssl', ['pkcs12', ...out, ...args], { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return readFileSync(join(folder, 'out.p12')).toString('base64');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

import { PURPOSES, readCertificateBytes, type Certificate } from '@waybill/binary';
import { createHash } from 'node:crypto';
import { signingErrors } from '../../errors/signing-errors';
import type { Identity } from './keychain-identities';
import { keychainRefusal } from './explain-keychain';
import { security, SecurityRefusal, type KeychainPorts } from './security';

const PEM = /-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g;

/** A certificate for packages, the signer’s first, and those of a keychain that stand above it. */
export interface InstallerCertificate {
  leaf: Certificate;
  above: readonly Certificate[];
}

/**
 * The certificate of an identity for packages, read from its keychain: codesign cannot try such a key, and productsign signs whole packages alone. It must be one for packages, and valid at
 * `now` (milliseconds since 1970). `SIGN_CERTIFICATE`, `SIGN_KEYCHAIN`.
 */
export async function installerCertificate(
  { sha1, name, keychain }: Identity & { keychain?: string },
  ports: KeychainPorts,
  { variable, now }: { variable: string; now: number },
): Promise<InstallerCertificate> {
  const text = await security(ports, ['find-certificate', '-a', '-p', ...(keychain === undefined ? [] : [keychain])]).catch((error: unknown) => {
    throw error instanceof SecurityRefusal ? keychainRefusal('the keychain of this user', error.said) : error;
  });
  const all = [...text.matchAll(PEM)].map(([, base64]) => Buffer.from(base64!, 'base64'));
  const der = all.find((bytes) => createHash('sha1').update(bytes).digest('hex').toUpperCase() === sha1);
  const read = der === undefined ? undefined : readCertificateBytes(der);
  const refuse = (...problems: readonly string[]): Error => signingErrors.error('SIGN_CERTIFICATE', { variable, subject: name, problems });
  if (read === undefined) throw refuse('`security find-certificate` does not show it');
  if (!read.ok) throw refuse(read.refusal.message);
  const problems = problemsOf(read.facts, now);
  if (problems.length > 0) throw refuse(...problems);
  return { leaf: read.facts, above: aboveOf(read.facts, all) };
}

function problemsOf({ notBefore, notAfter, extendedKeyUsage = [] }: Certificate, now: number): readonly string[] {
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  return [
    ...(now < notBefore || now > notAfter ? [`it is valid from ${day(notBefore)} to ${day(notAfter)}`] : []),
    ...(extendedKeyUsage.includes(PURPOSES.installer) ? [] : ['it is neither for code signing nor for packages']),
  ];
}

/** From issuer to issuer; each once. */
function aboveOf(leaf: Certificate, all: readonly Buffer[]): readonly Certificate[] {
  const others = all.flatMap((bytes) => {
    const read = readCertificateBytes(bytes);
    return read.ok ? [read.facts] : [];
  });
  const chain = [leaf];
  for (;;) {
    const issuer = Buffer.from(chain.at(-1)!.issuer.der);
    const next = others.find(({ subject, der }) => issuer.equals(subject.der) && !chain.some((one) => Buffer.from(one.der).equals(der)));
    if (next === undefined) return chain.slice(1);
    chain.push(next);
  }
}

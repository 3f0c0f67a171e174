import { generateKeyPairSync, type KeyPairKeyObjectResult, type X509Certificate } from 'node:crypto';
import { fieldOf, type HttpClient } from '@waybill/core';
import type { Payload } from '../detached-signature';
import { renderSigstoreBundle } from '../sigstore/sigstore-bundle';
import { signMessage } from '../sigstore/sigstore-format';
import { keepInLog } from './log-entry';
import type { Sigstore, SigstoreAnswer } from './request-certificate';

/** A key of this run alone, and who sigstore says has it. */
export interface CertifiedKey {
  keys: KeyPairKeyObjectResult;
  certificate: X509Certificate;
}

/** A certificate must hold when the log takes the entry. */
const MARGIN_MS = 120_000;

export const newKeys = (): KeyPairKeyObjectResult => generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const holdsLongEnough = ({ certificate }: CertifiedKey, nowMs: number): boolean => Date.parse(certificate.validTo) - nowMs >= MARGIN_MS;

/** A bundle over a file: signed, and kept in the log (entry `hashedrekord` 0.0.1). */
export async function signKeyless(
  { keys, certificate }: CertifiedKey,
  { http, rekorUrl }: Pick<Sigstore, 'rekorUrl'> & { http: HttpClient },
  payload: Payload,
): Promise<SigstoreAnswer<Buffer>> {
  const { digest, signature } = await signMessage(keys.privateKey, payload);
  const value = digest.toString('hex');
  const content = signature.toString('base64');
  const kept = await keepInLog({
    ...{ http, rekorUrl, certificate, kind: 'hashedrekord' },
    spec: (publicKey) => ({ data: { hash: { algorithm: 'sha256', value } }, signature: { content, publicKey: { content: publicKey } } }),
    isKept: (spec) =>
      fieldOf(fieldOf(fieldOf(spec, 'data'), 'hash'), 'value') === value && fieldOf(fieldOf(spec, 'signature'), 'content') === content,
  });
  if (!kept.ok) return kept;
  const signer = { kind: 'certificate' as const, certificate: certificate.raw, entry: kept.value };
  return { ok: true, value: renderSigstoreBundle({ signer, digest, signature }) };
}

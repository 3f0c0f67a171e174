import { sign, X509Certificate, type KeyPairKeyObjectResult } from 'node:crypto';
import type { HttpClient, Secret } from '@waybill/core';
import { publishingErrors } from '../../../errors/publishing-errors';
import type { Claims } from '../trusted/read-claims';
import { wordsOf } from '../words-of-server';
import { jsonOf } from '../../../parse-json';
import { fieldOf, listIn } from './attestation';

/** Where sigstore is. */
export interface Sigstore {
  /** Gives certificates for identities (Fulcio). Without a slash at its end. */
  fulcioUrl: string;
  /** Keeps what was signed (Rekor). Without a slash at its end. */
  rekorUrl: string;
}

/** The public instance. */
export const PUBLIC_SIGSTORE: Sigstore = { fulcioUrl: 'https://fulcio.sigstore.dev', rekorUrl: 'https://rekor.sigstore.dev' };

interface CertificateRequest extends Pick<Sigstore, 'fulcioUrl'> {
  id: string;
  http: HttpClient;
  idToken: { secret: Secret; claims: Claims };
  keys: KeyPairKeyObjectResult;
}

/**
 * A certificate for a key of this run, that says whose job it is (Fulcio, `CreateSigningCertificate`). Signing the subject proves that the key is ours.
 * It holds ten minutes. `PUBLISH_ATTESTATION_IDENTITY` where there is none.
 */
export async function requestCertificate({ id, fulcioUrl, http, idToken, keys }: CertificateRequest): Promise<X509Certificate> {
  const publicKey = String(keys.publicKey.export({ format: 'pem', type: 'spki' }));
  const proof = sign('sha256', Buffer.from(String(idToken.claims['sub'])), keys.privateKey);
  const body = {
    credentials: { oidcIdentityToken: idToken.secret.reveal() },
    publicKeyRequest: { publicKey: { algorithm: 'ECDSA', content: publicKey }, proofOfPossession: proof.toString('base64') },
  };
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const answer = await http.request({ method: 'POST', url: `${fulcioUrl}/api/v2/signingCert`, headers, body: Buffer.from(JSON.stringify(body)) });
  const text = await answer.text();
  const certificate = answer.status === 200 || answer.status === 201 ? certificateIn(text) : undefined;
  if (certificate === undefined || !certificate.publicKey.equals(keys.publicKey)) {
    const said = certificate === undefined ? wordsOf(text.replaceAll(idToken.secret.reveal(), '******')) : ['its certificate is for another key'];
    throw publishingErrors.error('PUBLISH_ATTESTATION_IDENTITY', { id, status: answer.status, said });
  }
  return certificate;
}

/** The first of the chain. With the proof of its log inside or beside it. */
function certificateIn(text: string): X509Certificate | undefined {
  const answer = jsonOf(text);
  const signed = fieldOf(answer, 'signedCertificateEmbeddedSct') ?? fieldOf(answer, 'signedCertificateDetachedSct');
  const [leaf] = listIn(fieldOf(signed, 'chain'), 'certificates');
  return typeof leaf === 'string' && leaf.includes('-----BEGIN CERTIFICATE-----') ? new X509Certificate(leaf) : undefined;
}

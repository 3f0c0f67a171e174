import { sign, X509Certificate, type KeyPairKeyObjectResult } from 'node:crypto';
import { fieldOf, jsonOf, listIn, type HttpClient } from '@waybill/core';
import type { IdToken } from './find-id-token';

/** Where sigstore is. */
export interface Sigstore {
  /** Gives certificates for identities (Fulcio). Without a slash at its end. */
  fulcioUrl: string;
  /** Keeps what was signed (Rekor). Without a slash at its end. */
  rekorUrl: string;
}

/** The public instance. */
export const PUBLIC_SIGSTORE: Sigstore = { fulcioUrl: 'https://fulcio.sigstore.dev', rekorUrl: 'https://rekor.sigstore.dev' };
/** For whom an id token must be made out. */
export const SIGSTORE_AUDIENCE = 'sigstore';

/** What a service of sigstore gave, or what it said instead; no token is in `said`. */
export type SigstoreAnswer<Value> = { ok: true; value: Value } | { ok: false; status: number; said: string };

interface CertificateRequest extends Pick<Sigstore, 'fulcioUrl'> {
  http: HttpClient;
  idToken: IdToken;
  keys: KeyPairKeyObjectResult;
}

/**
 * A certificate for a key of this run, that says whose job it is (Fulcio, `CreateSigningCertificate`). Signing the subject proves that the key is ours.
 * It holds ten minutes.
 */
export async function requestCertificate({ fulcioUrl, http, idToken, keys }: CertificateRequest): Promise<SigstoreAnswer<X509Certificate>> {
  const publicKey = String(keys.publicKey.export({ format: 'pem', type: 'spki' }));
  const { claims, secret } = idToken;
  // people who log in are known by their address (Fulcio, `challenges.go`)
  const proof = sign('sha256', Buffer.from(String(claims['email'] ?? claims['sub'])), keys.privateKey);
  const body = {
    credentials: { oidcIdentityToken: secret.reveal() },
    publicKeyRequest: { publicKey: { algorithm: 'ECDSA', content: publicKey }, proofOfPossession: proof.toString('base64') },
  };
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const answer = await http.request({ method: 'POST', url: `${fulcioUrl}/api/v2/signingCert`, headers, body: Buffer.from(JSON.stringify(body)) });
  const text = await answer.text();
  const { status } = answer;
  const certificate = status === 200 || status === 201 ? certificateIn(text) : undefined;
  if (certificate === undefined) return { ok: false, status, said: text.replaceAll(secret.reveal(), '******') };
  return certificate.publicKey.equals(keys.publicKey)
    ? { ok: true, value: certificate }
    : { ok: false, status, said: 'its certificate is for another key' };
}

/** The first of the chain. With the proof of its log inside or beside it. */
function certificateIn(text: string): X509Certificate | undefined {
  const answer = jsonOf(text);
  const signed = fieldOf(answer, 'signedCertificateEmbeddedSct') ?? fieldOf(answer, 'signedCertificateDetachedSct');
  const [leaf] = listIn(fieldOf(signed, 'chain'), 'certificates');
  if (typeof leaf !== 'string' || !leaf.includes('-----BEGIN CERTIFICATE-----')) return undefined;
  try {
    return new X509Certificate(leaf);
  } catch {
    return undefined;
  }
}

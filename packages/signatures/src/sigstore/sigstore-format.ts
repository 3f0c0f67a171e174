import { createHash, createSign, createVerify, X509Certificate, type KeyObject } from 'node:crypto';
import { SIGNATURE_SUFFIXES, type DetachedSignatureFormat, type Payload, type SignatureFacts, type Verdict } from '../detached-signature';
import { malformed, reading } from '../reading/signature-refused';
import { inOneForm } from './ecdsa-form';
import { checkP256, p256Fingerprint, p256Hint, parseP256PublicKey } from './p256-key';
import type { ForeignBundle } from './foreign-bundle';
import { parseAnyBundle, renderSigstoreBundle, type CertifiedSigner, type SigstoreBundle } from './sigstore-bundle';
import { identityFingerprint, isSigstoreIdentity, parseSigstoreIdentity, type SigstoreIdentity } from './sigstore-identity';
import { verifyCertified, verifyWitnessed } from './verify-certified';

type AnyBundle = SigstoreBundle | ForeignBundle;

function factsOf(bundle: AnyBundle, bytes: Uint8Array): SignatureFacts {
  const canonical =
    !('json' in bundle) && inOneForm(bundle.signature)?.equals(bundle.signature) === true && renderSigstoreBundle(bundle).equals(bytes);
  return {
    ...{ format: 'sigstore', claimedSigner: claimOf(bundle.signer), algorithm: 'ecdsa-p256', hash: 'sha256', canonical },
    ...('json' in bundle && { foreign: true as const }),
  };
}

function claimOf(signer: AnyBundle['signer']): string {
  if (signer.kind === 'key') return Buffer.from(signer.hint, 'base64').toString('hex');
  certifiedKey(signer);
  const names = readCertificate(signer.certificate, ({ subjectAltName = '' }) => subjectAltName);
  const [, name] = /^(?:URI|email):(.*)$/.exec(names) ?? [];
  return name ?? malformed('its certificate names nobody');
}

/** The key that the certificate vouches for. */
function certifiedKey({ certificate }: Pick<CertifiedSigner, 'certificate'>): KeyObject {
  return checkP256(readCertificate(certificate, ({ publicKey }) => publicKey));
}

/** Node reads a certificate piece by piece: each of them may turn out to be damaged. */
function readCertificate<Piece>(der: Buffer, read: (certificate: X509Certificate) => Piece): Piece {
  try {
    return read(new X509Certificate(der));
  } catch {
    return malformed('its certificate is damaged');
  }
}

/**
 * Sigstore bundles: by a key of one's own (P-256), without certificate and log, or by one that a certificate of sigstore vouches for (keyless). Those of other programs (cosign) are verified too, whatever
 * their spaces and order, with all that logs and timestamp authorities say in them.
 */
export const sigstoreFormat: DetachedSignatureFormat = {
  id: 'sigstore',
  suffix: SIGNATURE_SUFFIXES.sigstore,
  parse: (signature) => reading(() => factsOf(parseAnyBundle(signature), signature)),
  readPublicKey: (text) => reading(() => ({ format: 'sigstore', fingerprint: fingerprintOf(text) })),
  verify: verifySigstore,
};

const fingerprintOf = (text: string): string =>
  isSigstoreIdentity(text) ? identityFingerprint(parseSigstoreIdentity(text)) : p256Fingerprint(parseP256PublicKey(text));

async function verifySigstore(signature: Uint8Array, publicKey: string, payload: Payload): Promise<Verdict> {
  const expected = reading(() => (isSigstoreIdentity(publicKey) ? parseSigstoreIdentity(publicKey) : parseP256PublicKey(publicKey)));
  if (!expected.ok) return { ok: false, reason: 'public-key', message: expected.refusal.message };
  const read = reading(() => {
    const bundle = parseAnyBundle(signature);
    return { bundle, facts: factsOf(bundle, signature) };
  });
  if (!read.ok) return { ok: false, ...read.refusal };
  const { bundle, facts } = read.facts;
  return 'identity' in expected.facts ? verifyIdentity(bundle, facts, expected.facts, payload) : verifyKey(bundle, facts, expected.facts, payload);
}

async function verifyKey(bundle: AnyBundle, facts: SignatureFacts, key: KeyObject, payload: Payload): Promise<Verdict> {
  const fingerprint = p256Fingerprint(key);
  if (bundle.signer.kind !== 'key' || bundle.signer.hint !== p256Hint(key))
    return { ok: false, reason: 'other-key', message: `the bundle is by another key than ${fingerprint}` };
  if (!(await signsPayload(bundle, key, payload))) return MISMATCH;
  const refusal = 'json' in bundle ? await verifyForeign(bundle, key) : undefined;
  return refusal ?? { ok: true, fingerprint, signature: facts };
}

/** Without log and timestamps nothing is left for the library, but what nobody reads must not be there. */
const verifyForeign = async (bundle: ForeignBundle, key: KeyObject): Promise<Verdict | undefined> =>
  bundle.isWitnessed
    ? verifyWitnessed(bundle.json, key)
    : { ok: false, reason: 'unsupported', message: 'the bundle holds more than a signature, and neither log nor timestamp' };

async function verifyIdentity(bundle: AnyBundle, facts: SignatureFacts, expected: SigstoreIdentity, payload: Payload): Promise<Verdict> {
  const { signer } = bundle;
  const fingerprint = identityFingerprint(expected);
  if (signer.kind !== 'certificate') return { ok: false, reason: 'other-key', message: `the bundle is by a key, and not by ${fingerprint}` };
  const holds = await signsPayload(bundle, certifiedKey(signer), payload);
  if (!holds) return MISMATCH;
  const json: object = 'json' in bundle ? bundle.json : (JSON.parse(renderSigstoreBundle(bundle).toString()) as object);
  const refusal = await verifyCertified(json, expected);
  return refusal ?? { ok: true, fingerprint, signature: facts };
}

const MISMATCH: Verdict = { ok: false, reason: 'mismatch', message: 'the signature is over other bytes' };

/** Does this key sign these bytes in the bundle, and is the digest beside it theirs? */
async function signsPayload({ digest, signature }: AnyBundle, key: KeyObject, payload: Payload): Promise<boolean> {
  const [verifier, hash] = [createVerify('sha256'), createHash('sha256')];
  for await (const piece of payload) {
    verifier.update(piece);
    hash.update(piece);
  }
  return hash.digest().equals(digest) && verifier.verify(key, signature);
}

/** SHA-256 of the payload and the signature over it, in its one form. ECDSA draws a number: the bytes differ from run to run. */
export async function signMessage(secret: KeyObject, payload: Payload): Promise<Pick<SigstoreBundle, 'digest' | 'signature'>> {
  const [signer, hash] = [createSign('sha256'), createHash('sha256')];
  for await (const piece of payload) {
    signer.update(piece);
    hash.update(piece);
  }
  return { digest: hash.digest(), signature: inOneForm(signer.sign(secret))! };
}

/** A bundle over a file, by a key of one's own. */
export async function signSigstore(secret: KeyObject, payload: Payload): Promise<Buffer> {
  return renderSigstoreBundle({ signer: { kind: 'key', hint: p256Hint(secret) }, ...(await signMessage(secret, payload)) });
}

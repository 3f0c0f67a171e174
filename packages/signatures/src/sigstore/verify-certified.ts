import type { Verdict } from '../detached-signature';
import { renderSigstoreBundle, type CertifiedSigner, type SigstoreBundle } from './sigstore-bundle';
import { matchesIdentity, type SigstoreIdentity } from './sigstore-identity';

type Refused = Extract<Verdict, { ok: false }>;
type Trust = ReturnType<typeof import('@sigstore/verify').toTrustMaterial>;

const NONE = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] };

/**
 * Does sigstore vouch for the key of a bundle, and is it who is expected? By sigstore’s own library: the certificate comes from an authority of the trusted
 * root and held when the log took the entry, the log of certificates has it (where the root names one), the entry is this signature’s. Offline.
 * That the key signed the payload is the caller’s to tell: the library would want all of it in memory.
 */
export async function verifyCertified(bundle: SigstoreBundle<CertifiedSigner>, expected: SigstoreIdentity): Promise<Refused | undefined> {
  const [{ bundleFromJSON }, { Verifier, toSignedEntity }] = await Promise.all([import('@sigstore/bundle'), import('@sigstore/verify')]);
  const trust = await trustOf(expected);
  if ('refused' in trust) return { ok: false, reason: 'public-key', message: trust.refused };
  const signer = ((): { ok: true; name: string; issuer: string } | { ok: false; message: string } => {
    try {
      const entity = toSignedEntity(bundleFromJSON(JSON.parse(renderSigstoreBundle(bundle).toString())), Buffer.alloc(0));
      const { signature } = entity;
      const signed = {
        signature: signature.signature,
        compareSignature: signature.compareSignature.bind(signature),
        compareDigest: signature.compareDigest.bind(signature),
      };
      const thresholds = { tlogThreshold: 1, timestampThreshold: 1, ctlogThreshold: trust.ctlogs.length === 0 ? 0 : 1 };
      const { identity } = new Verifier(trust, thresholds).verify({ ...entity, signature: { ...signed, verifySignature: () => true } });
      return { ok: true, name: identity?.subjectAlternativeName ?? '', issuer: identity?.extensions?.issuer ?? '' };
    } catch (cause) {
      // the library has an error class of its own, and its readers throw others
      return { ok: false, message: `sigstore does not vouch for it: ${(cause as Error).message}` };
    }
  })();
  if (!signer.ok) return { ok: false, reason: 'mismatch', message: signer.message };
  if (matchesIdentity(expected.identity, signer.name) && signer.issuer === expected.issuer) return undefined;
  return {
    ok: false,
    reason: 'other-key',
    message: `the bundle is by ${signer.name} by ${signer.issuer}, not by ${expected.identity} by ${expected.issuer}`,
  };
}

/** Keys of sigstore, of the root that is given or of the one that is carried. */
async function trustOf({ trustedRoot }: SigstoreIdentity): Promise<Trust | { refused: string }> {
  const [{ TrustedRoot }, { toTrustMaterial }] = await Promise.all([import('@sigstore/protobuf-specs'), import('@sigstore/verify')]);
  const root = trustedRoot ?? (await import('../keyless/public-trusted-root.json', { with: { type: 'json' } })).default;
  try {
    return toTrustMaterial(TrustedRoot.fromJSON({ ...NONE, ...root }));
  } catch (cause) {
    return { refused: `the trusted root cannot be read: ${(cause as Error).message}` };
  }
}

import type { KeyObject } from 'node:crypto';
import type { Verdict } from '../detached-signature';
import { unreadPart } from './foreign-bundle';
import { matchesIdentity, type SigstoreIdentity } from './sigstore-identity';

type Refused = Extract<Verdict, { ok: false }>;
type Trust = ReturnType<typeof import('@sigstore/verify').toTrustMaterial>;

const NONE = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] };

/**
 * Does sigstore vouch for the key of a bundle, and is it who is expected? By sigstore’s own library: the certificate comes from an authority of the trusted
 * root and held when the log took the entry or an authority of the root stamped it, the log of certificates has it (where the root names one), the entry is this signature’s. Offline.
 * That the key signed the payload is the caller’s to tell: the library would want all of it in memory.
 */
export async function verifyCertified(bundle: object, expected: SigstoreIdentity): Promise<Refused | undefined> {
  const trust = await trustOf(expected);
  if ('refused' in trust) return { ok: false, reason: 'public-key', message: trust.refused };
  const signer = await verifyByLibrary(bundle, trust, { tlogThreshold: 1, timestampThreshold: 1, ctlogThreshold: trust.ctlogs.length === 0 ? 0 : 1 });
  if ('refused' in signer) return signer.refused;
  if (matchesIdentity(expected.identity, signer.name) && signer.issuer === expected.issuer) return undefined;
  return {
    ok: false,
    reason: 'other-key',
    message: `the bundle is by ${signer.name} by ${signer.issuer}, not by ${expected.identity} by ${expected.issuer}`,
  };
}

/**
 * A bundle by a key of somebody’s own that says more than that: do the log and the timestamps that it names hold, by the public sigstore? They need not be there, but nothing false may be. Offline.
 */
export async function verifyWitnessed(bundle: object, key: KeyObject): Promise<Refused | undefined> {
  const trust = await trustOf({}, key);
  if ('refused' in trust) return { ok: false, reason: 'public-key', message: trust.refused };
  const { tlogEntries = [] } = (bundle as { verificationMaterial: { tlogEntries?: readonly unknown[] } }).verificationMaterial;
  const read = await verifyByLibrary(bundle, trust, { tlogThreshold: Math.min(tlogEntries.length, 1), timestampThreshold: 1, ctlogThreshold: 0 });
  return 'refused' in read ? read.refused : undefined;
}

type Thresholds = ConstructorParameters<typeof import('@sigstore/verify').Verifier>[1];

/** Whom the certificate names, where there is one; what the library does not read is refused too: nobody would verify it. */
async function verifyByLibrary(
  bundle: object,
  trust: Trust,
  thresholds: Thresholds,
): Promise<{ name: string; issuer: string } | { refused: Refused }> {
  const [{ bundleFromJSON, bundleToJSON }, { Verifier, toSignedEntity }] = await Promise.all([
    import('@sigstore/bundle'),
    import('@sigstore/verify'),
  ]);
  try {
    const read = bundleFromJSON(bundle);
    const unread = unreadPart(bundle, bundleToJSON(read));
    if (unread !== undefined)
      return { refused: { ok: false, reason: 'unsupported', message: `the bundle holds \`${unread}\`, which is not verified here` } };
    const entity = toSignedEntity(read, Buffer.alloc(0));
    const { signature } = entity;
    const signed = {
      signature: signature.signature,
      compareSignature: signature.compareSignature.bind(signature),
      compareDigest: signature.compareDigest.bind(signature),
    };
    const { identity } = new Verifier(trust, thresholds).verify({ ...entity, signature: { ...signed, verifySignature: () => true } });
    return { name: identity?.subjectAlternativeName ?? '', issuer: identity?.extensions?.issuer ?? '' };
  } catch (cause) {
    // the library has an error class of its own, and its readers throw others
    return { refused: { ok: false, reason: 'mismatch', message: `sigstore does not vouch for it: ${(cause as Error).message}` } };
  }
}

/** Keys of sigstore, of the root that is given or of the one that is carried. */
async function trustOf({ trustedRoot }: Pick<SigstoreIdentity, 'trustedRoot'>, key?: KeyObject): Promise<Trust | { refused: string }> {
  const [{ TrustedRoot }, { toTrustMaterial }] = await Promise.all([import('@sigstore/protobuf-specs'), import('@sigstore/verify')]);
  const root = trustedRoot ?? (await import('../keyless/public-trusted-root.json', { with: { type: 'json' } })).default;
  try {
    return toTrustMaterial(TrustedRoot.fromJSON({ ...NONE, ...root }), key && (() => ({ publicKey: key, validFor: () => true })));
  } catch (cause) {
    return { refused: `the trusted root cannot be read: ${(cause as Error).message}` };
  }
}

import { fieldOf, listIn } from '@waybill/core';
import { objectOf } from '../reading/object-of';
import { malformed, unsupported } from '../reading/signature-refused';
import { strictBase64 } from '../reading/strict-text';

/** Who signed, by the bundle of another program: a key that it names, or a certificate of sigstore (DER). Nothing of it is proved. */
export type ForeignSigner = { kind: 'key'; hint: string } | { kind: 'certificate'; certificate: Buffer };

/** A bundle over a file that another program wrote: cosign, sigstore-python, sigstore-js. */
export interface ForeignBundle {
  signer: ForeignSigner;
  /** SHA-256 of the file. */
  digest: Buffer;
  /** DER. */
  signature: Buffer;
  /** All of it, for sigstore’s own library. */
  json: object;
  /** Is there something of a log or a timestamp authority in it? */
  isWitnessed: boolean;
}

/** Versions 0.1 to 0.3, each as programs write it (sigstore bundle format, “media type”). */
const MEDIA_TYPE = /^application\/vnd\.dev\.sigstore\.bundle(\+json;version=0\.[123]|\.v0\.3\+json)$/;
type Fields = Readonly<Record<string, unknown>>;

/** What is needed to tell whose bundle it is and what it signs. Whether it holds any more is seen when it is verified. */
export function parseForeignBundle(value: unknown): ForeignBundle {
  const bundle = objectOf(value, 'the bundle');
  const { mediaType } = bundle;
  if ('base64Signature' in bundle || 'rekorBundle' in bundle)
    return unsupported('it is a bundle in the old form of cosign: sign with cosign 3, or with `--new-bundle-format`');
  if (typeof mediaType !== 'string' || !MEDIA_TYPE.test(mediaType)) return unsupported('the bundle is of no kind that is verified here (0.1 to 0.3)');
  if ('dsseEnvelope' in bundle)
    return unsupported(
      'it holds an attestation (DSSE), which says something about files: it is no signature over this one (`cosign sign-blob` makes those)',
    );
  const message = objectOf(bundle['messageSignature'], 'its message signature');
  const digest = objectOf(message['messageDigest'], 'its digest');
  if (digest['algorithm'] !== 'SHA2_256') return unsupported('the bundle uses another hash than SHA-256');
  const material = objectOf(bundle['verificationMaterial'], 'its verification material');
  checkProofs(listIn(material, 'tlogEntries'));
  return {
    signer: signerOf(material),
    digest: base64Of(digest, 'digest'),
    signature: base64Of(message, 'signature'),
    json: bundle,
    isWitnessed: [listIn(material, 'tlogEntries'), listIn(material['timestampVerificationData'], 'rfc3161Timestamps')].some(
      ({ length }) => length > 0,
    ),
  };
}

/** Size and root of a log stand beside its checkpoint once more, and sigstore’s library reads what is signed alone. */
function checkProofs(entries: readonly unknown[]): void {
  for (const entry of entries) {
    const proof = fieldOf(entry, 'inclusionProof');
    const envelope = fieldOf(fieldOf(proof, 'checkpoint'), 'envelope');
    if (typeof envelope !== 'string') continue;
    const [, treeSize, rootHash] = envelope.split('\n');
    if (treeSize !== fieldOf(proof, 'treeSize') || rootHash !== fieldOf(proof, 'rootHash'))
      malformed('its inclusion proof says something else than its checkpoint');
  }
}

function signerOf(material: Fields): ForeignSigner {
  const certificate = material['certificate'] ?? listIn(material['x509CertificateChain'], 'certificates')[0];
  if (certificate !== undefined) return { kind: 'certificate', certificate: base64Of(objectOf(certificate, 'its certificate'), 'rawBytes') };
  const hint = fieldOf(material['publicKey'], 'hint');
  return typeof hint === 'string' ? { kind: 'key', hint } : malformed('the bundle names neither a certificate nor a key');
}

/**
 * The first part of what a bundle says that a reader did not take over, by its path; `undefined`: it has read all. `read` is what the reader would write; what is empty says nothing.
 */
export function unreadPart(given: unknown, read: unknown, path = ''): string | undefined {
  if (typeof given !== 'object' || given === null) return isSame(given, read) ? undefined : path;
  for (const [name, value] of Object.entries(given)) {
    const unread = isEmpty(value) ? undefined : unreadPart(value, fieldOf(read, name), path === '' ? name : `${path}.${name}`);
    if (unread !== undefined) return unread;
  }
  return undefined;
}

/** Numbers of 64 bits stand in texts, and base64 has more than one form. */
function isSame(given: unknown, read: unknown): boolean {
  if (given === read || String(given) === read) return true;
  return (
    typeof given === 'string' && typeof read === 'string' && BASE64.test(given) && Buffer.from(given, 'base64').equals(Buffer.from(read, 'base64'))
  );
}
const BASE64 = /^[A-Za-z0-9+/_=\s-]*$/;

/** What writers may leave out, because it says the same as nothing. */
const DEFAULTS: readonly unknown[] = [undefined, null, '', '0', 0, false];
const isEmpty = (value: unknown): boolean =>
  DEFAULTS.includes(value) || (typeof value === 'object' && value !== null && Object.values(value).every((one) => isEmpty(one)));

function base64Of(of: Fields, name: string): Buffer {
  const text = of[name];
  return typeof text === 'string' ? strictBase64(text, `its ${name}`) : malformed(`its ${name} is no text`);
}

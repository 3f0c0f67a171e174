import type { LogEntry } from '../keyless/log-entry';
import { objectOf } from '../reading/object-of';
import { malformed, reading, unsupported } from '../reading/signature-refused';
import { asciiText, strictBase64 } from '../reading/strict-text';
import { parseForeignBundle, type ForeignBundle } from './foreign-bundle';

const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** By whom: a key that the verifier has (no certificate, no log), or one of a certificate that sigstore gave, with the entry of its log. */
export type BundleSigner = { kind: 'key'; /** Base64 of the SHA-256 of the key. */ hint: string } | CertifiedSigner;
export interface CertifiedSigner {
  kind: 'certificate';
  /** DER. */
  certificate: Buffer;
  entry: LogEntry;
}

/** A bundle of sigstore (protobuf-specs, `Bundle` v0.3) with a message signature. */
export interface SigstoreBundle<Signer extends BundleSigner = BundleSigner> {
  signer: Signer;
  /** SHA-256 of the file. */
  digest: Buffer;
  /** DER. */
  signature: Buffer;
}

/** A bundle in Waybill’s own form, or, where it is not quite that, in that of other programs. */
export function parseAnyBundle(bytes: Uint8Array): SigstoreBundle | ForeignBundle {
  const own = reading(() => parseSigstoreBundle(bytes));
  return own.ok ? own.facts : parseForeignBundle(readJson(Buffer.from(bytes).toString('utf8')));
}

export function parseSigstoreBundle(bytes: Uint8Array): SigstoreBundle {
  const bundle = exactly(readJson(asciiText(bytes, 'the bundle')), 'the bundle', ['mediaType', 'verificationMaterial', 'messageSignature']);
  if (bundle['mediaType'] !== MEDIA_TYPE) unsupported(`the bundle is not of the kind \`${MEDIA_TYPE}\``);
  const message = exactly(bundle['messageSignature'], 'its message signature', ['messageDigest', 'signature']);
  const digest = exactly(message['messageDigest'], 'its digest', ['algorithm', 'digest']);
  if (digest['algorithm'] !== 'SHA2_256') unsupported('the bundle uses another hash than SHA-256');
  const bytesOfDigest = base64Of(digest, 'digest');
  if (bytesOfDigest.length !== 32) malformed('the digest in the bundle does not have 32 bytes');
  const read = { signer: signerOf(bundle['verificationMaterial']), digest: bytesOfDigest, signature: base64Of(message, 'signature') };
  // other programs write the same in other ways; none of their bytes may change unseen here
  if (read.signer.kind === 'certificate' && !renderSigstoreBundle(read).equals(bytes))
    unsupported('the bundle is not in the one form that is verified here');
  return read;
}

function signerOf(value: unknown): BundleSigner {
  const material = exactly(value, 'its verification material', ['publicKey', 'certificate', 'tlogEntries']);
  if (material['certificate'] === undefined) {
    const { publicKey } = exactly(value, 'its verification material', ['publicKey']);
    return { kind: 'key', hint: textOf(exactly(publicKey, 'its public key', ['hint'])['hint'], 'its key hint') };
  }
  const { certificate, tlogEntries } = exactly(value, 'its verification material', ['certificate', 'tlogEntries']);
  if (!Array.isArray(tlogEntries) || tlogEntries.length !== 1) return unsupported('the bundle does not have exactly one entry of a log');
  return {
    kind: 'certificate',
    certificate: base64Of(exactly(certificate, 'its certificate', ['rawBytes']), 'rawBytes'),
    entry: entryOf(tlogEntries[0]),
  };
}

const ENTRY = ['logIndex', 'logId', 'kindVersion', 'integratedTime', 'inclusionPromise', 'inclusionProof', 'canonicalizedBody'];

/** What the log says, in the one order of its fields. */
function entryOf(value: unknown): LogEntry {
  const entry = exactly(value, 'its log entry', ENTRY);
  const kindVersion = exactly(entry['kindVersion'], 'its kind of entry', ['kind', 'version']);
  const proof = exactly(entry['inclusionProof'], 'its inclusion proof', ['logIndex', 'rootHash', 'treeSize', 'hashes', 'checkpoint']);
  const { hashes } = proof;
  if (!Array.isArray(hashes)) return malformed('its inclusion proof has no list of hashes');
  const base64 = (of: Record<string, unknown>, name: string): string => base64Of(of, name).toString('base64');
  const envelope = textOf(exactly(proof['checkpoint'], 'its checkpoint', ['envelope'])['envelope'], 'its checkpoint');
  // said twice, and the library reads what is signed alone
  const [, treeSize, rootHash] = envelope.split('\n');
  if (treeSize !== proof['treeSize'] || rootHash !== proof['rootHash']) malformed('its inclusion proof says something else than its checkpoint');
  return {
    logIndex: numberOf(entry, 'logIndex'),
    logId: { keyId: base64(exactly(entry['logId'], 'its log', ['keyId']), 'keyId') },
    kindVersion: { kind: textOf(kindVersion['kind'], 'its kind of entry'), version: textOf(kindVersion['version'], 'its kind of entry') },
    integratedTime: numberOf(entry, 'integratedTime'),
    inclusionPromise: {
      signedEntryTimestamp: base64(exactly(entry['inclusionPromise'], 'its inclusion promise', ['signedEntryTimestamp']), 'signedEntryTimestamp'),
    },
    inclusionProof: {
      logIndex: numberOf(proof, 'logIndex'),
      rootHash: base64(proof, 'rootHash'),
      treeSize: numberOf(proof, 'treeSize'),
      hashes: hashes.map((hash) => base64({ hash }, 'hash')),
      checkpoint: { envelope },
    },
    canonicalizedBody: base64(entry, 'canonicalizedBody'),
  };
}

export function renderSigstoreBundle({ signer, digest, signature }: SigstoreBundle): Buffer {
  const verificationMaterial =
    signer.kind === 'key'
      ? { publicKey: { hint: signer.hint } }
      : { certificate: { rawBytes: signer.certificate.toString('base64') }, tlogEntries: [signer.entry] };
  const bundle = {
    mediaType: MEDIA_TYPE,
    verificationMaterial,
    messageSignature: { messageDigest: { algorithm: 'SHA2_256', digest: digest.toString('base64') }, signature: signature.toString('base64') },
  };
  // letters beyond ASCII (the name of a log) are escaped: the bundle is plain text
  const text = JSON.stringify(bundle).replace(/[^\x20-\x7e]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return Buffer.from(`${text}\n`);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return malformed('the bundle is no JSON');
  }
}

/** Exactly these keys: what is beyond them (a timestamp, a second log) would be something that nobody here verifies. */
function exactly(value: unknown, what: string, keys: readonly string[]): Readonly<Record<string, unknown>> {
  const fields = objectOf(value, what);
  const extra = Object.keys(fields).find((key) => !keys.includes(key));
  return extra === undefined ? fields : unsupported(`${what} holds \`${extra.slice(0, 60)}\`, which is not verified here`);
}

const textOf = (value: unknown, what: string): string => (typeof value === 'string' ? value : malformed(`${what} is no text`));
const base64Of = (of: Record<string, unknown>, name: string): Buffer => strictBase64(textOf(of[name], `its ${name}`), `its ${name}`);

/** Whole numbers stand in texts, as protobuf writes those of 64 bits. */
function numberOf(of: Record<string, unknown>, name: string): string {
  const text = textOf(of[name], `its ${name}`);
  return /^(0|[1-9]\d{0,18})$/.test(text) ? text : malformed(`its ${name} is no number`);
}

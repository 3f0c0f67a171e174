import { malformed, unsupported } from '../reading/signature-refused';
import { asciiText, strictBase64 } from '../reading/strict-text';

const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** A bundle of sigstore (protobuf-specs, `Bundle` v0.3) with a message signature by a key that the verifier has: no certificate, no log. */
export interface SigstoreBundle {
  /** Base64 of the SHA-256 of the key. */
  hint: string;
  /** SHA-256 of the file. */
  digest: Buffer;
  /** DER. */
  signature: Buffer;
}

export function parseSigstoreBundle(bytes: Uint8Array): SigstoreBundle {
  const bundle = objectOf(readJson(asciiText(bytes, 'the bundle')), 'the bundle', ['mediaType', 'verificationMaterial', 'messageSignature']);
  if (bundle['mediaType'] !== MEDIA_TYPE) unsupported(`the bundle is not of the kind \`${MEDIA_TYPE}\``);
  const material = objectOf(bundle['verificationMaterial'], 'its verification material', ['publicKey']);
  const publicKey = objectOf(material['publicKey'], 'its public key', ['hint']);
  const message = objectOf(bundle['messageSignature'], 'its message signature', ['messageDigest', 'signature']);
  const digest = objectOf(message['messageDigest'], 'its digest', ['algorithm', 'digest']);
  if (digest['algorithm'] !== 'SHA2_256') unsupported('the bundle uses another hash than SHA-256');
  const bytesOfDigest = strictBase64(textOf(digest['digest'], 'its digest'), 'its digest');
  if (bytesOfDigest.length !== 32) malformed('the digest in the bundle does not have 32 bytes');
  return {
    hint: textOf(publicKey['hint'], 'its key hint'),
    digest: bytesOfDigest,
    signature: strictBase64(textOf(message['signature'], 'its signature'), 'its signature'),
  };
}

export function renderSigstoreBundle({ hint, digest, signature }: SigstoreBundle): Buffer {
  const bundle = {
    mediaType: MEDIA_TYPE,
    verificationMaterial: { publicKey: { hint } },
    messageSignature: { messageDigest: { algorithm: 'SHA2_256', digest: digest.toString('base64') }, signature: signature.toString('base64') },
  };
  return Buffer.from(`${JSON.stringify(bundle)}\n`);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return malformed('the bundle is no JSON');
  }
}

/** Exactly these keys: a certificate, a log entry or a timestamp would be something that nobody here verifies. */
function objectOf(value: unknown, what: string, keys: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return malformed(`${what} is no object`);
  const extra = Object.keys(value).find((key) => !keys.includes(key));
  if (extra !== undefined) return unsupported(`${what} holds \`${extra.slice(0, 60)}\`, which is not verified here`);
  return value as Record<string, unknown>;
}

const textOf = (value: unknown, what: string): string => (typeof value === 'string' ? value : malformed(`${what} is no text`));

import { sign, verify } from 'node:crypto';
import { SIGNATURE_SUFFIXES, type DetachedSignatureFormat, type Payload, type SignatureFacts, type Verdict } from '../detached-signature';
import { digestPayload } from '../reading/digest-payload';
import { ed25519PrivateKey, ed25519PublicKey } from '../reading/ed25519-key';
import { reading } from '../reading/signature-refused';
import { minisignPublicKeyText, parseMinisignPublicKey, type MinisignPublicKey, type MinisignSecretKey } from './minisign-keys';
import { UNTRUSTED_COMMENT, keyIdText, parseMinisignSignature, renderMinisignSignature, type MinisignSignature } from './minisign-signature';

function factsOf(parsed: MinisignSignature, bytes: Uint8Array): SignatureFacts {
  const time = /(?:^|\t)timestamp:(\d{1,15})(?:\t|$)/.exec(parsed.trustedComment)?.[1];
  return {
    format: 'minisign',
    claimedSigner: keyIdText(parsed.keyId),
    algorithm: 'ed25519',
    hash: 'blake2b-512',
    ...(time !== undefined && { time: Number(time) }),
    comment: parsed.trustedComment,
    canonical: renderMinisignSignature({ ...parsed, untrustedComment: UNTRUSTED_COMMENT }).equals(bytes),
  };
}

/** minisign: Ed25519 over BLAKE2b-512, a signed comment, an unsigned one that is fixed. */
export const minisignFormat: DetachedSignatureFormat = {
  id: 'minisign',
  suffix: SIGNATURE_SUFFIXES.minisign,
  parse: (signature) => reading(() => factsOf(parseMinisignSignature(signature), signature)),
  readPublicKey: (text) => reading(() => ({ format: 'minisign', fingerprint: minisignPublicKeyText(parseMinisignPublicKey(text)) })),
  verify: verifyMinisign,
};

async function verifyMinisign(signature: Uint8Array, publicKey: string, payload: Payload): Promise<Verdict> {
  const key = reading(() => parseMinisignPublicKey(publicKey));
  if (!key.ok) return { ok: false, reason: 'public-key', message: key.refusal.message };
  const read = reading(() => parseMinisignSignature(signature));
  if (!read.ok) return { ok: false, ...read.refusal };
  return judge(read.facts, key.facts, await digestPayload(payload, 'blake2b512'), signature);
}

function judge(parsed: MinisignSignature, key: MinisignPublicKey, digest: Buffer, bytes: Uint8Array): Verdict {
  if (!parsed.keyId.equals(key.keyId)) {
    return { ok: false, reason: 'other-key', message: `the signature is by key ${keyIdText(parsed.keyId)}, not by ${keyIdText(key.keyId)}` };
  }
  const publicKey = ed25519PublicKey(key.point);
  const commented = Buffer.concat([parsed.signature, Buffer.from(parsed.trustedComment)]);
  if (!verify(null, commented, publicKey, parsed.globalSignature)) {
    return { ok: false, reason: 'mismatch', message: 'the comment of the signature was changed, or another key made it' };
  }
  if (!verify(null, digest, publicKey, parsed.signature)) return { ok: false, reason: 'mismatch', message: 'the signature is over other bytes' };
  return { ok: true, fingerprint: minisignPublicKeyText(key), signature: factsOf(parsed, bytes) };
}

/** A signature over the BLAKE2b-512 `digest` of a file. The same key, digest and comment give the same bytes. */
export function signMinisign(key: MinisignSecretKey, digest: Uint8Array, trustedComment: string): Buffer {
  const secret = ed25519PrivateKey(key.seed);
  const signature = sign(null, digest, secret);
  const globalSignature = sign(null, Buffer.concat([signature, Buffer.from(trustedComment)]), secret);
  return renderMinisignSignature({ keyId: key.keyId, signature, trustedComment, globalSignature, untrustedComment: UNTRUSTED_COMMENT });
}

import { constants, createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { Algorithm } from './cms-facts';
import type { SignatureProblem } from '../signature-problem';
import { contextTag, DerElement, TAG } from './der/der-element';
import { smallIntegerOf } from './der/der-values';
import { DIGESTS, SIGNATURE_ALGORITHMS } from './object-identifiers';
import { readAlgorithm } from './read-certificate';

/** Bytes of a SubjectPublicKeyInfo. RSA with 16,384 bits, the most that OpenSSL computes with, takes 2 KiB. */
const MOST_KEY_BYTES = 4_096;

export interface SignedBytes {
  bytes: Uint8Array;
  signature: Uint8Array;
  algorithm: Algorithm;
  /** For algorithms whose name leaves the digest open (RSA in CMS). */
  digest?: string;
  /** SubjectPublicKeyInfo, DER. */
  publicKey: Uint8Array;
  /** For messages. */
  what: string;
}

/** Is the signature that of the key over the bytes; the problem if not. */
export function checkSignature(signed: SignedBytes): SignatureProblem | undefined {
  const known = SIGNATURE_ALGORITHMS[signed.algorithm.oid];
  if (!known) return { code: 'algorithm', message: `${signed.what} uses the unknown signature algorithm ${signed.algorithm.oid}` };
  const pss = known.kind === 'rsa-pss' ? readPss(signed.algorithm) : undefined;
  const digest = pss ? pss.digest : (known.digest ?? signed.digest);
  if (known.kind !== 'eddsa' && digest === undefined) return { code: 'algorithm', message: `${signed.what} uses an unknown digest` };
  const key = readKey(signed.publicKey);
  if (typeof key === 'string') return { code: 'algorithm', message: `${signed.what} needs a key that cannot be used: ${key}` };
  const wanted = { rsa: 'rsa', 'rsa-pss': 'rsa', ecdsa: 'ec', eddsa: 'ed25519' }[known.kind];
  if (!key.asymmetricKeyType?.startsWith(wanted)) {
    return { code: 'algorithm', message: `${signed.what} is of kind ${known.kind}, its key of type ${key.asymmetricKeyType}` };
  }
  const padding = pss ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: pss.saltLength } : {};
  const good = verify(known.kind === 'eddsa' ? null : digest, signed.bytes, { key, ...padding }, signed.signature);
  return good ? undefined : { code: 'signature', message: `${signed.what} is not that of its key over these bytes` };
}

/** Fewer have been factored, or could be; Microsoft and Apple take none below 2,048 for code. */
const LEAST_RSA_BITS = 2_048;

/** Why nobody should rest on this key; `undefined` when it is strong enough, or cannot be read, which is told where it is used. */
export function weaknessOf(publicKey: Uint8Array): string | undefined {
  const key = readKey(publicKey);
  const bits = typeof key === 'string' ? undefined : key.asymmetricKeyDetails?.modulusLength;
  return bits !== undefined && bits < LEAST_RSA_BITS ? `an RSA key of ${bits} bits, at least ${LEAST_RSA_BITS} are needed` : undefined;
}

/** The files of a bundle have the same few signers, authorities and timestamp servers, and OpenSSL needs longer to read a key than to check a signature with it. */
const MOST_KEYS = 64;
const keys = new Map<string, KeyObject>();

/** A hostile key is an answer here, not a crash: OpenSSL's own words. */
function readKey(der: Uint8Array): KeyObject | string {
  if (der.length > MOST_KEY_BYTES) return `${der.length} bytes`;
  const name = Buffer.from(der).toString('latin1');
  const known = keys.get(name);
  if (known) return known;
  try {
    const key = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
    if (keys.size >= MOST_KEYS) keys.clear();
    keys.set(name, key);
    return key;
  } catch (error) {
    return (error as Error).message;
  }
}

/** RSASSA-PSS-params (RFC 4055 §3.1); what is left out means SHA-1 and 20 bytes of salt. */
function readPss(algorithm: Algorithm): { digest: string | undefined; saltLength: number } {
  const parameters = algorithm.parameters ? DerElement.first(algorithm.parameters, 0).as(TAG.sequence, 'the parameters').children : [];
  const find = (number: number): DerElement | undefined => parameters.find(({ tag }) => tag === contextTag(number))?.children[0];
  const [hash, salt] = [find(0), find(2)];
  return {
    digest: hash ? DIGESTS[readAlgorithm(hash).oid] : 'sha1',
    saltLength: salt ? smallIntegerOf(salt, 'the length of the salt') : 20,
  };
}

/** Undefined: an unknown digest, or one that no signature may use any more. */
export function digestBy(oid: string, bytes: Uint8Array): Buffer | undefined {
  const name = DIGESTS[oid];
  return name === undefined ? undefined : createHash(name).update(bytes).digest();
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

import { createHash, createSign, createVerify, type KeyObject } from 'node:crypto';
import type { DetachedSignatureFormat, Payload, SignatureFacts, Verdict } from '../detached-signature';
import { reading } from '../reading/signature-refused';
import { p256Fingerprint, p256Hint, parseP256PublicKey } from './p256-key';
import { parseSigstoreBundle, renderSigstoreBundle, type SigstoreBundle } from './sigstore-bundle';

/** Order of the group of P-256. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const number = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);

/** DER of two numbers in its one form; of the two signatures that hold (s and order − s) the one with the smaller s. */
function renderEcdsa(r: bigint, s: bigint): Buffer {
  const integer = (value: bigint): Buffer => {
    const hex = value.toString(16);
    const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
    const signed = bytes[0]! >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
    return Buffer.concat([Buffer.from([2, signed.length]), signed]);
  };
  const body = Buffer.concat([integer(r), integer(s > ORDER / 2n ? ORDER - s : s)]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

/** The same signature in its one form; `undefined` when the bytes are none. */
function inOneForm(signature: Buffer): Buffer | undefined {
  const lengthOfR = signature[3] ?? 0;
  const [r, s] = [signature.subarray(4, 4 + lengthOfR), signature.subarray(6 + lengthOfR)];
  return r.length === 0 || s.length === 0 || s.length > 33 || r.length > 33 ? undefined : renderEcdsa(number(r), number(s));
}

function factsOf(bundle: SigstoreBundle, bytes: Uint8Array): SignatureFacts {
  return {
    format: 'sigstore',
    claimedSigner: Buffer.from(bundle.hint, 'base64').toString('hex'),
    algorithm: 'ecdsa-p256',
    hash: 'sha256',
    canonical: inOneForm(bundle.signature)?.equals(bundle.signature) === true && renderSigstoreBundle(bundle).equals(bytes),
  };
}

/** Sigstore bundles by a key of one's own (P-256), without certificate and log. */
export const sigstoreFormat: DetachedSignatureFormat = {
  id: 'sigstore',
  suffix: '.sigstore.json',
  parse: (signature) => reading(() => factsOf(parseSigstoreBundle(signature), signature)),
  readPublicKey: (text) => reading(() => ({ format: 'sigstore', fingerprint: p256Fingerprint(parseP256PublicKey(text)) })),
  verify: verifySigstore,
};

async function verifySigstore(signature: Uint8Array, publicKey: string, payload: Payload): Promise<Verdict> {
  const key = reading(() => parseP256PublicKey(publicKey));
  if (!key.ok) return { ok: false, reason: 'public-key', message: key.refusal.message };
  const read = reading(() => parseSigstoreBundle(signature));
  if (!read.ok) return { ok: false, ...read.refusal };
  const { hint, digest, signature: bytes } = read.facts;
  if (hint !== p256Hint(key.facts))
    return { ok: false, reason: 'other-key', message: `the bundle is by another key than ${p256Fingerprint(key.facts)}` };
  const [verifier, hash] = [createVerify('sha256'), createHash('sha256')];
  for await (const piece of payload) {
    verifier.update(piece);
    hash.update(piece);
  }
  const holds = hash.digest().equals(digest) && verifier.verify(key.facts, bytes);
  if (!holds) return { ok: false, reason: 'mismatch', message: 'the signature is over other bytes' };
  return { ok: true, fingerprint: p256Fingerprint(key.facts), signature: factsOf(read.facts, signature) };
}

/** A bundle over a file. ECDSA draws a number each time: the bytes differ from run to run. */
export async function signSigstore(secret: KeyObject, payload: Payload): Promise<Buffer> {
  const [signer, hash] = [createSign('sha256'), createHash('sha256')];
  for await (const piece of payload) {
    signer.update(piece);
    hash.update(piece);
  }
  return renderSigstoreBundle({ hint: p256Hint(secret), digest: hash.digest(), signature: inOneForm(signer.sign(secret))! });
}

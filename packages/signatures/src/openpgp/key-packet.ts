import { createHash, publicDecrypt, constants, verify, type Hash, type KeyObject } from 'node:crypto';
import { ByteCursor } from '../reading/byte-cursor';
import type { HashName } from '../reading/digest-payload';
import { ed25519PublicKey } from '../reading/ed25519-key';
import { malformed, unsupported } from '../reading/signature-refused';
import { rsaPublicKey } from '../ssh/ssh-keys';
import { padded, readMpi } from './packets';
import type { OpenPgpAlgorithm, SignaturePacket } from './signature-packet';

/** 1.3.6.1.4.1.11591.15.1 behind its length. */
const ED25519_CURVE = Buffer.from('092b06010401da470f01', 'hex');
const WHAT = 'the public key';

/** A version 4 public key or subkey (RFC 4880 §5.5.2). */
export interface KeyPacket {
  /** 40 upper-case digits. */
  fingerprint: string;
  created: number;
  algorithm: OpenPgpAlgorithm;
  key: KeyObject;
  /** As it is hashed in fingerprints and signatures over keys. */
  hashed: Buffer;
}

export function parseKeyPacket(body: Buffer): KeyPacket {
  const cursor = new ByteCursor(body, WHAT);
  if (cursor.byte() !== 4) unsupported(`${WHAT} is not of version 4`);
  const created = cursor.uint32();
  const id = cursor.byte();
  const { algorithm, key } =
    id === 1 || id === 3
      ? readRsa(cursor)
      : id === 22
        ? readEd25519(cursor)
        : unsupported(`${WHAT} is of algorithm ${id}: use Ed25519 (EdDSA) or RSA`);
  cursor.end();
  if (body.length > 0xffff) malformed(`${WHAT} is too long`);
  const hashed = Buffer.concat([Buffer.from([0x99, body.length >> 8, body.length & 0xff]), body]);
  return { fingerprint: createHash('sha1').update(hashed).digest('hex').toUpperCase(), created, algorithm, key, hashed };
}

function readRsa(cursor: ByteCursor): Pick<KeyPacket, 'algorithm' | 'key'> {
  const [n, e] = [readMpi(cursor), readMpi(cursor)];
  return { algorithm: 'rsa', key: rsaPublicKey(n, e) };
}

function readEd25519(cursor: ByteCursor): Pick<KeyPacket, 'algorithm' | 'key'> {
  const curve = cursor.take(ED25519_CURVE.length);
  if (!curve.equals(ED25519_CURVE)) unsupported(`${WHAT} uses another curve than Ed25519`);
  const point = readMpi(cursor);
  if (point.length !== 33 || point[0] !== 0x40) malformed(`${WHAT} has no point of Ed25519`);
  return { algorithm: 'ed25519', key: ed25519PublicKey(point.subarray(1)) };
}

/** DER of `DigestInfo` in front of the digest (RFC 8017 §9.2). */
const DIGEST_INFO: Readonly<Partial<Record<HashName, string>>> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};

/** Is the signature by this key, over what `hash` has seen? Ends the hash. */
export function holds(signature: SignaturePacket, { key, algorithm }: KeyPacket, hash: Hash): boolean {
  if (signature.algorithm !== algorithm) return false;
  const digest = hash.update(signature.trailer).digest();
  if (!digest.subarray(0, 2).equals(signature.digestStart)) return false;
  const length = algorithm === 'ed25519' ? 32 : Math.ceil(key.asymmetricKeyDetails!.modulusLength! / 8);
  const numbers = signature.numbers.map((number) => padded(number, length));
  if (numbers.some((number) => number === undefined)) return false;
  const bytes = Buffer.concat(numbers as Buffer[]);
  return algorithm === 'ed25519'
    ? verify(null, digest, key, bytes)
    : rsaHolds(key, bytes, Buffer.concat([Buffer.from(DIGEST_INFO[signature.hash]!, 'hex'), digest]));
}

function rsaHolds(key: KeyObject, signature: Buffer, expected: Buffer): boolean {
  try {
    return publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature).equals(expected);
  } catch {
    // OpenSSL throws for numbers beyond the modulus and for padding that is none.
    return false;
  }
}

import { ByteCursor } from '../reading/byte-cursor';
import type { HashName } from '../reading/digest-payload';
import { malformed, unsupported } from '../reading/signature-refused';
import { modernLength, readMpi } from './packets';

export const SIGNATURE_TYPE = {
  binary: 0x00,
  certifications: [0x10, 0x11, 0x12, 0x13],
  subkeyBinding: 0x18,
  primaryBinding: 0x19,
  direct: 0x1f,
  keyRevocation: 0x20,
  subkeyRevocation: 0x28,
} as const;

export const SUBPACKET = { created: 2, signatureExpires: 3, keyExpires: 9, issuer: 16, keyFlags: 27, embedded: 32, issuerFingerprint: 33 } as const;
/** Subpackets that may be marked critical: those read here, and those that bind nothing here (preferences, names, notations are not among them). */
const UNDERSTOOD = new Set<number>([...Object.values(SUBPACKET), 7, 11, 21, 22, 23, 25, 28, 29, 30, 34]);

const HASHES: Readonly<Record<number, HashName>> = { 8: 'sha256', 9: 'sha384', 10: 'sha512' };
const ALGORITHMS: Readonly<Record<number, OpenPgpAlgorithm>> = { 1: 'rsa', 3: 'rsa', 22: 'ed25519' };
export type OpenPgpAlgorithm = 'rsa' | 'ed25519';

export interface Subpacket {
  type: number;
  body: Buffer;
}

/** A version 4 signature (RFC 4880 §5.2.3). */
export interface SignaturePacket {
  type: number;
  algorithm: OpenPgpAlgorithm;
  hash: HashName;
  created: number;
  /** 40 upper-case digits; absent in old key signatures. */
  issuerFingerprint?: string;
  hashed: readonly Subpacket[];
  unhashed: readonly Subpacket[];
  /** Every length in its shortest form. */
  shortest: boolean;
  /** The part that is hashed behind the payload, and what stands behind it. */
  trailer: Buffer;
  /** First two bytes of the digest. */
  digestStart: Buffer;
  /** RSA: one number; Ed25519: two. */
  numbers: readonly Buffer[];
}

export function parseSignaturePacket(body: Buffer): SignaturePacket {
  const what = 'the signature';
  const cursor = new ByteCursor(body, what);
  if (cursor.byte() !== 4) unsupported(`${what} is not of version 4`);
  const [type, algorithmId, hashId] = [cursor.byte(), cursor.byte(), cursor.byte()];
  const algorithm = ALGORITHMS[algorithmId] ?? unsupported(`${what} is of public-key algorithm ${algorithmId}: use Ed25519 (EdDSA) or RSA`);
  const hash = HASHES[hashId] ?? unsupported(`${what} uses hash ${hashId}: use SHA-256, SHA-384 or SHA-512`);
  const hashedLength = cursor.uint16();
  const hashed = readSubpackets(cursor.take(hashedLength));
  const unhashed = readSubpackets(cursor.take(cursor.uint16()));
  const digestStart = cursor.take(2);
  const numbers = algorithm === 'rsa' ? [readMpi(cursor)] : [readMpi(cursor), readMpi(cursor)];
  cursor.end();
  const signedPart = body.subarray(0, 6 + hashedLength);
  const issuer = issuerOf(hashed.list);
  return {
    type,
    algorithm,
    hash,
    created: numberOf(hashed.list, SUBPACKET.created) ?? malformed(`${what} does not say when it was made`),
    ...(issuer !== undefined && { issuerFingerprint: issuer }),
    hashed: hashed.list,
    unhashed: unhashed.list,
    shortest: hashed.shortest && unhashed.shortest,
    trailer: Buffer.concat([signedPart, Buffer.from([4, 0xff]), uint32(signedPart.length)]),
    digestStart,
    numbers,
  };
}

/** Type of a signature of any version, also of one that cannot be read otherwise: versions 2 and 3 have a length in front of it. */
export const signatureTypeOf = (body: Buffer): number => (body[0]! < 4 ? body[2] : body[1]) ?? -1;

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

function readSubpackets(bytes: Buffer): { list: readonly Subpacket[]; shortest: boolean } {
  const cursor = new ByteCursor(bytes, 'the signature');
  const list: Subpacket[] = [];
  let allShortest = true;
  while (cursor.left > 0) {
    const { length, shortest } = modernLength(cursor, true);
    if (length === 0) malformed('the signature has an empty subpacket');
    const first = cursor.byte();
    const type = first & 0x7f;
    if ((first & 0x80) !== 0 && !UNDERSTOOD.has(type)) unsupported(`the signature asks for something that is not understood (subpacket ${type})`);
    list.push({ type, body: cursor.take(length - 1) });
    allShortest &&= shortest;
  }
  return { list, shortest: allShortest };
}

/** The one subpacket of a type; two of them would leave open which counts. */
export function subpacketOf(list: readonly Subpacket[], type: number): Buffer | undefined {
  const found = list.filter((subpacket) => subpacket.type === type);
  if (found.length > 1) malformed(`the signature has subpacket ${type} twice`);
  return found[0]?.body;
}

/** Of four bytes: a time or a duration, in seconds. */
export function numberOf(list: readonly Subpacket[], type: number): number | undefined {
  const body = subpacketOf(list, type);
  if (body !== undefined && body.length !== 4) malformed(`subpacket ${type} of the signature does not have four bytes`);
  return body?.readUInt32BE();
}

function issuerOf(list: readonly Subpacket[]): string | undefined {
  const body = subpacketOf(list, SUBPACKET.issuerFingerprint);
  if (body === undefined) return undefined;
  if (body[0] !== 4 || body.length !== 21) unsupported('the signature is by a key that is not of version 4');
  return body.subarray(1).toString('hex').toUpperCase();
}

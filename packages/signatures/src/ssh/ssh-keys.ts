import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { ByteCursor } from '../reading/byte-cursor';
import { ed25519PublicKey } from '../reading/ed25519-key';
import { malformed, unsupported } from '../reading/signature-refused';
import { commentedText, strictBase64 } from '../reading/strict-text';

export interface SshPublicKey {
  type: 'ssh-ed25519' | 'ssh-rsa';
  /** As it stands in base64 in key files and inside signatures (RFC 4253 §6.6, RFC 8709). */
  blob: Buffer;
  key: KeyObject;
}

const SMALLEST_RSA_BITS = 2048;

/** `ssh-ed25519 AAAA… comment`. */
export function parseSshPublicKey(text: string): SshPublicKey {
  const [type, body = '', ...rest] = commentedText(Buffer.from(text), 'the public key', /^[ \t]*[!-~]+[ \t]+[!-~]+[ \t]/)
    .trim()
    .split(/[ \t]+/);
  if (rest.some((word) => word.includes('\n'))) malformed('the public key has more than one line');
  const key = readSshPublicBlob(strictBase64(body, 'the public key'));
  if (key.type !== type) malformed('the public key is not of the kind that its line says');
  return key;
}

export function readSshPublicBlob(blob: Buffer): SshPublicKey {
  const cursor = new ByteCursor(blob, 'the public key');
  const type = cursor.text();
  if (type === 'ssh-ed25519') {
    const point = cursor.string();
    cursor.end();
    return point.length === 32 ? { type, blob, key: ed25519PublicKey(point) } : malformed('the Ed25519 key does not have 32 bytes');
  }
  if (type !== 'ssh-rsa') return unsupported(`keys of kind \`${type.replace(/[^ -~]/g, '?').slice(0, 60)}\` are not supported: use ed25519 or RSA`);
  const [e, n] = [sshNumber(cursor), sshNumber(cursor)];
  cursor.end();
  return { type, blob, key: rsaPublicKey(n, e) };
}

/** A positive number without the zero byte that keeps its sign; only its shortest form is one. */
export function sshNumber(cursor: ByteCursor): Buffer {
  const bytes = cursor.string();
  if (bytes.length === 0 || bytes[0]! >= 0x80) malformed('a number of the key is not positive');
  const signByte = bytes[0] === 0;
  if (signByte && (bytes[1] ?? 0) < 0x80) malformed('a number of the key is not in its shortest form');
  return signByte ? bytes.subarray(1) : bytes;
}

/** Refuses keys that are too short to hold, and exponents that make them weak or slow. */
export function rsaPublicKey(n: Buffer, e: Buffer): KeyObject {
  if (n.length * 8 < SMALLEST_RSA_BITS) unsupported(`RSA keys of less than ${SMALLEST_RSA_BITS} bits are not supported`);
  if (e.length > 4 || (e[e.length - 1]! & 1) === 0 || (e.length === 1 && e[0]! < 3)) malformed('the RSA key has an unusual exponent');
  return createPublicKey({ key: { kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') }, format: 'jwk' });
}

/** As `ssh-keygen -l` prints it. */
export const sshFingerprint = ({ blob }: SshPublicKey): string => `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;

/** One line without comment. */
export const sshPublicKeyText = ({ type, blob }: SshPublicKey): string => `${type} ${blob.toString('base64')}`;

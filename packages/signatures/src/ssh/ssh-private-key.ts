import { createPrivateKey, sign, verify, type KeyObject } from 'node:crypto';
import type { Reading } from '../detached-signature';
import { ByteCursor } from '../reading/byte-cursor';
import { ed25519PointOf, ed25519PrivateKey } from '../reading/ed25519-key';
import { SignatureRefused, malformed, reading, unsupported } from '../reading/signature-refused';
import { asciiText, betweenLines, strictBase64 } from '../reading/strict-text';
import { readSshPublicBlob, sshNumber, type SshPublicKey } from './ssh-keys';

export interface SshPrivateKey extends SshPublicKey {
  secret: KeyObject;
}
export type SshPrivateKeyFacts = { state: 'open'; key: SshPrivateKey } | { state: 'encrypted' };

const MAGIC = 'openssh-key-v1\0';

/** OpenSSH's own private key file (PROTOCOL.key), without passphrase; with one it answers `encrypted`. */
export function readSshPrivateKey(text: string): Reading<SshPrivateKeyFacts> {
  return reading(() => {
    const body = betweenLines(
      asciiText(Buffer.from(text), 'the private key'),
      '-----BEGIN OPENSSH PRIVATE KEY-----',
      '-----END OPENSSH PRIVATE KEY-----',
      'the private key',
    );
    const bytes = strictBase64(body.replaceAll('\n', ''), 'the private key');
    if (bytes.subarray(0, MAGIC.length).toString('latin1') !== MAGIC) malformed('the private key is none of OpenSSH');
    const cursor = new ByteCursor(bytes.subarray(MAGIC.length), 'the private key');
    const [cipher, kdf] = [cursor.text(), cursor.text()];
    cursor.string();
    if (cursor.uint32() !== 1) unsupported('the private key file does not hold exactly one key');
    const publicKey = readSshPublicBlob(cursor.string());
    if (cipher !== 'none' || kdf !== 'none') return { state: 'encrypted' };
    const section = cursor.string();
    cursor.end();
    return { state: 'open', key: { ...publicKey, secret: secretOf(section, publicKey) } };
  });
}

function secretOf(section: Buffer, { type, key }: SshPublicKey): KeyObject {
  const cursor = new ByteCursor(section, 'the private key');
  if (cursor.uint32() !== cursor.uint32()) malformed('the private key is damaged');
  if (cursor.text() !== type) malformed('the two halves of the key are of different kinds');
  const secret = provenSecret(() => (type === 'ssh-ed25519' ? ed25519Secret(cursor) : rsaSecret(cursor)), key, type);
  const same = createPrivateKey({ key: secret.export({ format: 'der', type: 'pkcs8' }), format: 'der', type: 'pkcs8' });
  const publicPart = (object: KeyObject): unknown => {
    const { kty, crv, x, n, e } = object.export({ format: 'jwk' });
    return JSON.stringify({ kty, crv, x, n, e });
  };
  if (publicPart(same) !== publicPart(key)) malformed('the private key does not fit its public half');
  return secret;
}

const TRIAL = Buffer.from('waybill');

/** The key, when what it signs holds: OpenSSL opens RSA keys whose private numbers are damaged. */
function provenSecret(read: () => KeyObject, key: KeyObject, type: SshPublicKey['type']): KeyObject {
  const hash = type === 'ssh-rsa' ? 'sha512' : null;
  try {
    const secret = read();
    if (verify(hash, TRIAL, key, sign(hash, TRIAL, secret))) return secret;
  } catch (error) {
    if (error instanceof SignatureRefused) throw error;
    // OpenSSL's reasons to refuse numbers say nothing more to a user than this.
  }
  return malformed('the private key is damaged: what it signs does not hold');
}

function ed25519Secret(cursor: ByteCursor): KeyObject {
  const point = cursor.string();
  const both = cursor.string();
  const seed = both.subarray(0, 32);
  if (both.length !== 64 || !ed25519PointOf(seed).equals(point)) malformed('the private key does not fit its public half');
  return ed25519PrivateKey(seed);
}

function rsaSecret(cursor: ByteCursor): KeyObject {
  const [n, e, d, qi, p, q] = [sshNumber(cursor), sshNumber(cursor), sshNumber(cursor), sshNumber(cursor), sshNumber(cursor), sshNumber(cursor)];
  const number = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);
  const remainder = (of: Buffer): Buffer => {
    const text = (number(d) % (number(of) - 1n)).toString(16);
    return Buffer.from(text.length % 2 === 0 ? text : `0${text}`, 'hex');
  };
  const parts = { n, e, d, p, q, dp: remainder(p), dq: remainder(q), qi };
  const jwk = Object.fromEntries(Object.entries(parts).map(([name, bytes]) => [name, bytes.toString('base64url')]));
  return createPrivateKey({ key: { kty: 'RSA', ...jwk }, format: 'jwk' });
}

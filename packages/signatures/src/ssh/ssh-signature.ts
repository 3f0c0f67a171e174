import { ByteCursor } from '../reading/byte-cursor';
import { malformed, unsupported } from '../reading/signature-refused';
import { asciiText, betweenLines, strictBase64, wrapLines } from '../reading/strict-text';
import { readSshPublicBlob, type SshPublicKey } from './ssh-keys';

const BEGIN = '-----BEGIN SSH SIGNATURE-----';
const END = '-----END SSH SIGNATURE-----';
const MAGIC = 'SSHSIG';
const VERSION = 1;
const WIDTH = 70;

/** OpenSSH's PROTOCOL.sshsig. */
export interface SshSignature {
  publicKey: SshPublicKey;
  namespace: string;
  reserved: Buffer;
  hash: 'sha256' | 'sha512';
  algorithm: 'ssh-ed25519' | 'rsa-sha2-512' | 'rsa-sha2-256';
  signature: Buffer;
}

const field = (content: string | Buffer): Buffer => {
  const bytes = Buffer.from(content as string, 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

export function parseSshSignature(bytes: Uint8Array): SshSignature {
  const body = betweenLines(asciiText(bytes, 'the signature'), BEGIN, END, 'the signature');
  const packed = strictBase64(body.replaceAll('\n', ''), 'the signature');
  if (packed.subarray(0, MAGIC.length).toString('latin1') !== MAGIC) malformed('the signature is none of SSH');
  const cursor = new ByteCursor(packed.subarray(MAGIC.length), 'the signature');
  if (cursor.uint32() !== VERSION) unsupported('the signature is of another version of the format');
  const publicKey = readSshPublicBlob(cursor.string());
  const namespace = cursor.text();
  if (!/^[\x21-\x7e]{1,100}$/.test(namespace)) malformed('the signature has no usable namespace');
  const reserved = cursor.string();
  const hash = cursor.text();
  if (hash !== 'sha256' && hash !== 'sha512') malformed('the signature uses an unknown hash');
  const inner = new ByteCursor(cursor.string(), 'the signature');
  cursor.end();
  const algorithm = inner.text() as SshSignature['algorithm'];
  const fits = publicKey.type === 'ssh-ed25519' ? algorithm === 'ssh-ed25519' : algorithm === 'rsa-sha2-512' || algorithm === 'rsa-sha2-256';
  if (!fits) malformed('the signature uses an algorithm that its key does not have');
  const signature = inner.string();
  inner.end();
  return { publicKey, namespace, reserved, hash: hash as SshSignature['hash'], algorithm, signature };
}

export function renderSshSignature({ publicKey, namespace, reserved, hash, algorithm, signature }: SshSignature): Buffer {
  const version = Buffer.from([0, 0, 0, VERSION]);
  const inner = Buffer.concat([field(algorithm), field(signature)]);
  const packed = Buffer.concat([Buffer.from(MAGIC), version, field(publicKey.blob), field(namespace), field(reserved), field(hash), field(inner)]);
  return Buffer.from(`${BEGIN}\n${wrapLines(packed.toString('base64'), WIDTH)}\n${END}\n`);
}

/** What the key signs. */
export function sshSignedBytes({ namespace, reserved, hash }: Pick<SshSignature, 'namespace' | 'reserved' | 'hash'>, digest: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(MAGIC), field(namespace), field(reserved), field(hash), field(Buffer.from(digest))]);
}

import { scryptSync } from 'node:crypto';
import type { Reading } from '../detached-signature';
import { ed25519PointOf } from '../reading/ed25519-key';
import { malformed, reading, unsupported } from '../reading/signature-refused';
import { commentedText, strictBase64 } from '../reading/strict-text';
import { COMMENT_LINE } from './minisign-signature';

export interface MinisignPublicKey {
  keyId: Buffer;
  /** 32 bytes. */
  point: Buffer;
}

export interface MinisignSecretKey extends MinisignPublicKey {
  /** 32 bytes. */
  seed: Buffer;
}

/** What a secret key file gives: the key, or that its password is missing or wrong. */
export type MinisignSecretKeyFacts = { state: 'open'; key: MinisignSecretKey } | { state: 'password-missing' | 'password-wrong' };

/** Of minisign's own keys: 1 GiB. */
const LARGEST_MEMORY = 2 ** 30;

/** The key file of two lines, or its second line alone. */
function keyBytes(text: string, what: string): Buffer {
  const lines = commentedText(Buffer.from(text), what, COMMENT_LINE)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const body =
    lines.length === 2 && lines[0]!.startsWith('untrusted comment:')
      ? lines[1]!
      : lines.length === 1
        ? lines[0]!
        : malformed(`${what} is no key of minisign`);
  return strictBase64(body, what);
}

export function parseMinisignPublicKey(text: string): MinisignPublicKey {
  const bytes = keyBytes(text, 'the public key');
  if (bytes.length !== 42 || bytes.subarray(0, 2).toString('latin1') !== 'Ed') malformed('the public key is no key of minisign');
  return { keyId: bytes.subarray(2, 10), point: bytes.subarray(10) };
}

/** One line, as `minisign -P` takes it and as it pins the key. */
export const minisignPublicKeyText = ({ keyId, point }: MinisignPublicKey): string =>
  Buffer.concat([Buffer.from('Ed'), keyId, point]).toString('base64');

/** Reads `minisign -G`'s secret key file: without a password, or encrypted (scrypt, up to 1 GiB of memory and some seconds). */
export function readMinisignSecretKey(text: string, password?: string): Reading<MinisignSecretKeyFacts> {
  return reading(() => {
    const bytes = keyBytes(text, 'the secret key');
    if (bytes.length !== 158 || bytes.subarray(0, 2).toString('latin1') !== 'Ed') malformed('the secret key is no key of minisign');
    const kdf = bytes.subarray(2, 4).toString('latin1');
    if (kdf !== 'Sc' && kdf !== '\0\0') unsupported('the secret key is encrypted in an unknown way');
    if (bytes.subarray(4, 6).toString('latin1') !== 'B2') unsupported('the secret key has an unknown checksum');
    if (kdf === '\0\0') return opened(bytes.subarray(54)) ?? malformed('the secret key does not fit its public key');
    if (password === undefined) return { state: 'password-missing' };
    return opened(decrypted(bytes, password)) ?? { state: 'password-wrong' };
  });
}

/** The public half stands in the secret key, so a wrong password cannot pass. */
function opened(bytes: Buffer): MinisignSecretKeyFacts | undefined {
  const seed = bytes.subarray(8, 40);
  const point = bytes.subarray(40, 72);
  return ed25519PointOf(seed).equals(point) ? { state: 'open', key: { keyId: bytes.subarray(0, 8), seed, point } } : undefined;
}

function decrypted(bytes: Buffer, password: string): Buffer {
  const salt = bytes.subarray(6, 38);
  const { cost, parallel } = scryptParameters(bytes.readBigUInt64LE(38), bytes.readBigUInt64LE(46));
  const stream = scryptSync(password, salt, 104, { N: cost, r: 8, p: parallel, maxmem: LARGEST_MEMORY + 2 ** 26 });
  return Buffer.from(bytes.subarray(54).map((byte, index) => byte ^ stream[index]!));
}

/** `pickparams` of libsodium's scryptsalsa208sha256: block size 8, the rest from two limits. */
function scryptParameters(operations: bigint, memory: bigint): { cost: number; parallel: number } {
  const limit = operations < 32_768n ? 32_768n : operations;
  if (memory > BigInt(LARGEST_MEMORY) || limit > 2n ** 32n) unsupported('the secret key asks for more than 1 GiB of memory to be opened');
  const byOperations = limit < memory / 32n;
  const largest = byOperations ? limit / 32n : memory / 1024n;
  let cost = 2n;
  while (cost <= largest / 2n) cost *= 2n;
  return { cost: Number(cost), parallel: byOperations ? 1 : Math.max(1, Number(limit / 4n / cost / 8n)) };
}

import { ed25519PointOf } from '../reading/ed25519-key';
import { minisignPublicKeyText } from './minisign-keys';
import { keyIdText } from './minisign-signature';

/** The two files of a new key, as `minisign -G -W` writes them, and its fingerprint. */
export interface NewMinisignKey {
  /** Without a password: who reads it can sign. */
  secretKey: string;
  publicKey: string;
  /** The public key on one line: what users pin. */
  fingerprint: string;
}

/** From 32 random bytes and the 8 of an id. A key without a password has no parameters of its derivation and no checksum. */
export function makeMinisignKey(seed: Uint8Array, id: Uint8Array): NewMinisignKey {
  const keyId = Buffer.from(id);
  const point = ed25519PointOf(seed);
  const fingerprint = minisignPublicKeyText({ keyId, point });
  const secret = Buffer.concat([Buffer.from('Ed\0\0B2'), Buffer.alloc(48), keyId, seed, point, Buffer.alloc(32)]);
  return {
    secretKey: `untrusted comment: minisign encrypted secret key\n${secret.toString('base64')}\n`,
    publicKey: `untrusted comment: minisign public key ${keyIdText(keyId)}\n${fingerprint}\n`,
    fingerprint,
  };
}

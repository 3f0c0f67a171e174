import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** From the 32 bytes of a seed. */
export const ed25519PrivateKey = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });

/** From the 32 bytes of the point. */
export const ed25519PublicKey = (point: Uint8Array): KeyObject => createPublicKey({ key: Buffer.concat([SPKI, point]), format: 'der', type: 'spki' });

/** The 32 bytes of the public key that belongs to a seed. */
export const ed25519PointOf = (seed: Uint8Array): Buffer =>
  createPublicKey(ed25519PrivateKey(seed)).export({ format: 'der', type: 'spki' }).subarray(SPKI.length);

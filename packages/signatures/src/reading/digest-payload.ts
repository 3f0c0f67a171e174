import { createHash, type Hash } from 'node:crypto';
import type { Payload } from '../detached-signature';

/** Node's names of the hashes that the formats use. */
export type HashName = 'sha256' | 'sha384' | 'sha512' | 'blake2b512';

/** Feeds the payload to a hash, which is still open. */
export async function hashPayload(payload: Payload, name: HashName): Promise<Hash> {
  const hash = createHash(name);
  for await (const piece of payload) hash.update(piece);
  return hash;
}

export const digestPayload = async (payload: Payload, name: HashName): Promise<Buffer> => (await hashPayload(payload, name)).digest();

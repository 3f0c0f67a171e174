import { createHash } from 'node:crypto';

export async function digestContent(content: AsyncIterable<Uint8Array>, hashName: 'blake2b512' | 'sha512'): Promise<Buffer> {
  const hash = createHash(hashName);
  for await (const piece of content) hash.update(piece);
  return hash.digest();
}

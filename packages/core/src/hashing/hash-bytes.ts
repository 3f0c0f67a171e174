import { createHash } from 'node:crypto';

/** sha256 of bytes (text as UTF-8), lower-case hex. */
export function hashBytes(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

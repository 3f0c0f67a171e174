import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { withFileErrors } from '../files/file-error';
import type { ContentDigest } from './content-digest';

const BUFFER_BYTES = 512 * 1024;

/** sha256 and size of a file's content, read once in constant memory. Follows symlinks; what the system refuses is `FILE_…`. */
export function hashFile(path: string): Promise<ContentDigest> {
  return withFileErrors('read', path, () => hashContent(path));
}

async function hashContent(path: string): Promise<ContentDigest> {
  const file = await open(path, 'r');
  try {
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
    let size = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, BUFFER_BYTES, null);
      if (bytesRead === 0) return { sha256: hash.digest('hex'), size };
      hash.update(buffer.subarray(0, bytesRead));
      size += bytesRead;
    }
  } finally {
    await file.close();
  }
}

import { createHash } from 'node:crypto';
import type { ContentDigest } from './content-digest';

/** Hands every chunk on unchanged; `digest()` is complete, and may be asked for, once the iteration has ended. */
export interface PassThroughHash extends AsyncIterable<Uint8Array> {
  digest(): ContentDigest;
}

/** Hashes what flows through it, so that a byte that is read for another reason is not read again. */
export function hashThrough(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): PassThroughHash {
  const hash = createHash('sha256');
  let size = 0;
  let sha256: string | undefined;
  async function* pass(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
    sha256 = hash.digest('hex');
  }
  return {
    [Symbol.asyncIterator]: pass,
    digest() {
      if (sha256 === undefined) throw new Error('the digest of a stream was asked for before its end');
      return { sha256, size };
    },
  };
}

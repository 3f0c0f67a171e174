import { createHash, type Hash } from 'node:crypto';
import type { HttpBody } from '@waybill/core';

/** A part of a file, as it was read: its pieces are not copied. */
export interface FilePart {
  content: HttpBody;
  /** Lower-case hex. */
  sha256: string;
}

/** Parts of exactly `partBytes`, the last one shorter; at least one. Each piece is hashed when it comes. Of a part no more is in memory than itself. */
export async function* cutParts(source: AsyncIterable<Uint8Array>, partBytes: number): AsyncGenerator<FilePart> {
  let open = new OpenPart();
  let given = 0;
  for await (const piece of source) {
    for (let at = 0; at < piece.length;) {
      const taken = piece.subarray(at, at + partBytes - open.size);
      open.take(taken);
      at += taken.length;
      if (open.size < partBytes) continue;
      yield open.close();
      given += 1;
      open = new OpenPart();
    }
  }
  if (open.size > 0 || given === 0) yield open.close();
}

/** Bytes that are one part. */
export function partOf(bytes: Uint8Array): FilePart {
  const open = new OpenPart();
  open.take(bytes);
  return open.close();
}

class OpenPart {
  size = 0;
  readonly #pieces: Uint8Array[] = [];
  readonly #hash: Hash = createHash('sha256');

  take(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#hash.update(piece);
    this.size += piece.length;
  }

  close(): FilePart {
    const pieces = this.#pieces;
    async function* open(): AsyncGenerator<Uint8Array> {
      yield* pieces;
    }
    return { content: { size: this.size, open }, sha256: this.#hash.digest('hex') };
  }
}

import type { ByteSource } from '../byte-source';
import type { BinaryRefusal, Reading } from '../binary-refusal';

/** Leaves a reader from any depth; `readingOf` turns it into a refusal. Never seen outside this package. */
export class Refused extends Error {
  constructor(
    readonly reason: BinaryRefusal['reason'],
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}

/** What `read` found, or its refusal with an offset inside the source. Any other error is the source's own and passes. */
export function readingOf<Facts>(source: Pick<ByteSource, 'size'>, read: () => Facts): Reading<Facts> {
  try {
    return { ok: true, facts: read() };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const offset = Math.max(0, Math.min(error.offset, source.size));
    return { ok: false, refusal: { reason: error.reason, message: error.message, offset } };
  }
}

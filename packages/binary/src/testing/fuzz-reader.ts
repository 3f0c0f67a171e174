import type { Reading } from '../binary-refusal';
import { bytesAsSource, type ByteSource } from '../byte-source';
import { mutateBytes, seededRandom } from './mutate-bytes';

/** Of every reader, in the long run of tests and in the short one. */
export const FUZZ_INPUTS = process.env['WAYBILL_TEST_FULL'] === '1' ? 100_000 : 3_000;
/** Far above what a file of some kilobytes takes; a loop without end is what this finds. */
const LONGEST_MS = 2_000;
/** One read above this would mean memory by the word of a hostile length field. */
const LARGEST_READ = 64 * 1024 * 1024;

/** Mutations of good files: each is answered with facts or a typed refusal inside of the file, soon. Returns how often each answer came. */
export function fuzzReader(originals: readonly Uint8Array[], read: (source: ByteSource) => Reading<unknown>, seed: number): Map<string, number> {
  const random = seededRandom(seed);
  const seen = new Map<string, number>();
  for (let index = 0; index < FUZZ_INPUTS; index += 1) {
    const bytes = mutateBytes(originals[index % originals.length]!, random);
    const started = performance.now();
    const reading = read(watched(bytes));
    const answer = reading.ok ? 'facts' : reading.refusal.reason;
    if (performance.now() - started > LONGEST_MS)
      throw new Error(`input ${index} of seed ${seed} took ${performance.now() - started} ms (${answer})`);
    if (!reading.ok && !(reading.refusal.offset >= 0 && reading.refusal.offset <= bytes.length)) {
      throw new Error(`input ${index} of seed ${seed}: offset ${reading.refusal.offset} of ${bytes.length} bytes (${answer})`);
    }
    seen.set(answer, (seen.get(answer) ?? 0) + 1);
  }
  return seen;
}

/** A source that refuses to be read outside of its range. */
function watched(bytes: Uint8Array): ByteSource {
  const source = bytesAsSource(bytes);
  return {
    size: source.size,
    read: (offset, length) => {
      const inside = offset >= 0 && length >= 0 && length <= LARGEST_READ && offset + length <= source.size;
      if (!inside) throw new Error(`a read of ${length} bytes at ${offset} of ${source.size}`);
      return source.read(offset, length);
    },
  };
}

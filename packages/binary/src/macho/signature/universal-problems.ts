import type { ByteSource } from '../../byte-source';
import type { MachOFacts } from '../../macho-facts';
import type { SignatureProblem } from '../../signature-problem';

const PIECE_BYTES = 1024 * 1024;
const ENTRY_BYTES = { 32: 20, 64: 32 } as const;
const HEADER_BYTES = 8;

/** What no slice of a universal file holds is covered by no signature: tools fill it with zeros. A file of one architecture has none of this. */
export function universalProblems(source: ByteSource, { kind, slices }: MachOFacts): SignatureProblem[] {
  if (kind === 'thin') return [];
  const tableEnd = HEADER_BYTES + slices.length * ENTRY_BYTES[universalBits(source)];
  const sorted = [...slices].sort((a, b) => a.offset - b.offset);
  const gaps = [...sorted.map(({ offset }) => offset), source.size].map((end, index) => {
    const before = sorted[index - 1];
    return { start: before ? before.offset + before.size : tableEnd, end };
  });
  return gaps
    .filter(({ start, end }) => holdsData(source, start, end))
    .map(({ start, end }) => ({
      code: 'data-behind-signature',
      message: `bytes ${start} to ${end} lie in no architecture’s part of the file, and are no zeros`,
    }));
}

function universalBits(source: ByteSource): 32 | 64 {
  return source.read(0, 4)[3] === 0xbf ? 64 : 32;
}

function holdsData(source: ByteSource, start: number, end: number): boolean {
  for (let at = start; at < end; at += PIECE_BYTES) if (source.read(at, Math.min(PIECE_BYTES, end - at)).some((byte) => byte !== 0)) return true;
  return false;
}

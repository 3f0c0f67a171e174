import type { Reading } from '../binary-refusal';
import type { ByteSource } from '../byte-source';
import { View } from '../reading/file-bytes';
import { readingOf, Refused } from '../reading/refused';

/** A disk image (UDIF): what it holds, and its trailer at the end of the file, the “koly block”. */
export interface DiskImage {
  /** Where the trailer begins. */
  trailerOffset: number;
  /** Where the code signature lies; it ends where the trailer begins. */
  signature?: { offset: number; size: number };
  /** The trailer as a signature covers it: without the size of that signature. */
  coveredTrailer: Uint8Array;
}

export const TRAILER_BYTES = 512;
/** In the trailer (libsecurity_codesigning, `diskimagerep.h`): where the signature begins and how long it is, 64 bits each. */
export const SIGNATURE_PLACE = { offset: 0x128, size: 0x130 } as const;
const MAGIC = 0x6b6f6c79;

/** Never throws and always ends, whatever the bytes. Nothing is verified: see `verifyDiskImage`. */
export function readDiskImage(source: ByteSource): Reading<DiskImage> {
  return readingOf(source, () => parseDiskImage(source));
}

/** The same for callers inside a reader. */
export function parseDiskImage(source: ByteSource): DiskImage {
  const trailerOffset = source.size - TRAILER_BYTES;
  if (trailerOffset < 0) throw new Refused('not-disk-image', `${source.size} bytes, a disk image ends with a trailer of ${TRAILER_BYTES}`, 0);
  const trailer = source.read(trailerOffset, TRAILER_BYTES);
  const view = new View(trailer, { bits: 32, little: false });
  if (view.u32(0) !== MAGIC) throw new Refused('not-disk-image', 'no trailer of a disk image (`koly`) at its end', trailerOffset);
  const [offset, size] = [view.u64(SIGNATURE_PLACE.offset), view.u64(SIGNATURE_PLACE.size)];
  const coveredTrailer = Uint8Array.from(trailer);
  coveredTrailer.fill(0, SIGNATURE_PLACE.size, SIGNATURE_PLACE.size + 8);
  if (offset === 0 && size === 0) return { trailerOffset, coveredTrailer };
  if (size === 0 || offset + size > trailerOffset)
    throw new Refused('bad-signature', `a signature of ${size} bytes at ${offset}, the trailer begins at ${trailerOffset}`, trailerOffset);
  return { trailerOffset, coveredTrailer, signature: { offset, size } };
}

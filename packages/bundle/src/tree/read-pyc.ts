import type { BundleEntry } from '@waybill/relocation';
import { readCodeFileName } from './walk-marshal';

const HEADER_BYTES = 16;
/** Bit 0 of the flags word: validated by hash, not by time (PEP 552). */
const HASH_BASED = 1;
/** Magic numbers of Python 3 are below; those of Python 2 above. */
const HIGHEST_PYTHON_3_MAGIC = 20_000;

/** Header (PEP 552) and `co_filename` of a pyc. `bytes` is the whole file, or as much of its start as is at hand. */
export function readPyc(bytes: Buffer): NonNullable<BundleEntry['pyc']> {
  const magic = bytes.readUInt16LE(0);
  const flags = bytes.readUInt32LE(4);
  const timed = (flags & HASH_BASED) === 0;
  const fileName = magic < HIGHEST_PYTHON_3_MAGIC ? readCodeFileName(bytes.subarray(HEADER_BYTES), magic) : undefined;
  return {
    magic,
    flags,
    ...(timed && { sourceMtime: bytes.readUInt32LE(8), sourceSize: bytes.readUInt32LE(12) }),
    ...(fileName !== undefined && { fileName }),
  };
}

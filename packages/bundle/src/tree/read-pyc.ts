import type { BundleEntry } from '@waybill/relocation';
import { readMarshalledCode } from './walk-marshal';

const HEADER_BYTES = 16;
/** Bit 0 of the flags word: validated by hash, not by time (PEP 552). */
const HASH_BASED = 1;
/** Magic numbers of Python 3 are below; those of Python 2 above. */
const HIGHEST_PYTHON_3_MAGIC = 20_000;

/** Header (PEP 552), `co_filename` and whether the code is whole. `bytes` is the whole file, or as much of its start as is at hand. */
export function readPyc(bytes: Buffer, isWhole = true): NonNullable<BundleEntry['pyc']> {
  const magic = bytes.readUInt16LE(0);
  const flags = bytes.readUInt32LE(4);
  const timed = (flags & HASH_BASED) === 0;
  const { fileName, damaged } = magic < HIGHEST_PYTHON_3_MAGIC ? readMarshalledCode(bytes.subarray(HEADER_BYTES), magic) : { damaged: false };
  return {
    magic,
    flags,
    ...(timed ? { sourceMtime: bytes.readUInt32LE(8), sourceSize: bytes.readUInt32LE(12) } : { sourceHash: bytes.toString('hex', 8, HEADER_BYTES) }),
    ...(fileName !== undefined && { fileName }),
    ...(isWhole && damaged && { damaged }),
  };
}

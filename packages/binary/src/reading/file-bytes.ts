import type { ByteSource } from '../byte-source';
import { Refused } from './refused';

/** Most files of a Python tree have their headers and tables of contents in the first page: one read serves them all. */
const HEAD_BYTES = 4_096;

/** Bytes of the file, or of one range of it, never outside. Every multi-byte number goes through a `View`. */
export class FileBytes {
  private readonly head: Uint8Array;

  /** `start`: where the range begins in the file. Offsets given to `read` count from there, offsets of refusals from the file's beginning. */
  constructor(
    private readonly source: ByteSource,
    readonly start = 0,
    readonly size = source.size - start,
  ) {
    this.head = source.read(start, Math.min(HEAD_BYTES, size));
  }

  /** Exactly `length` bytes, or a refusal. `what` names the thing for the message. */
  read(offset: number, length: number, what: string): Uint8Array {
    if (!(offset >= 0) || !(length >= 0) || offset + length > this.size) {
      const end = this.start + this.size;
      const container = end < this.source.size ? 'its part of the file' : 'the file';
      throw new Refused('truncated', `${what} ends at ${this.start + offset + length}, ${container} at ${end}`, Math.min(this.start + offset, end));
    }
    if (offset + length <= this.head.length) return this.head.subarray(offset, offset + length);
    const bytes = this.source.read(this.start + offset, length);
    if (bytes.length !== length) throw new Refused('truncated', `${what} could not be read to its end`, this.start + offset + bytes.length);
    return bytes;
  }
}

/** Numbers of one byte range in the file's class and endianness. Offsets are relative to the range; callers stay inside of it. */
export class View {
  private readonly data: DataView;
  private readonly little: boolean;
  readonly length: number;

  constructor(
    bytes: Uint8Array,
    readonly format: NumberFormat,
  ) {
    this.data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.little = format.little;
    this.length = bytes.byteLength;
  }

  u16(offset: number): number {
    return this.data.getUint16(offset, this.little);
  }

  u32(offset: number): number {
    return this.data.getUint32(offset, this.little);
  }

  /** Rounded above 2^53, where no offset and no address of a user program lies. */
  u64(offset: number): number {
    const first = this.data.getUint32(offset, this.little);
    const second = this.data.getUint32(offset + 4, this.little);
    return this.little ? second * 2 ** 32 + first : first * 2 ** 32 + second;
  }

  /** An address, offset or size: 8 bytes in 64-bit files, 4 in 32-bit ones. */
  word(offset: number): number {
    return this.format.bits === 64 ? this.u64(offset) : this.u32(offset);
  }
}

export interface NumberFormat {
  bits: 32 | 64;
  little: boolean;
}

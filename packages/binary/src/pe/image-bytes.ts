import type { BinaryRefusal } from '../binary-refusal';
import { type FileBytes, View } from '../reading/file-bytes';
import { Refused } from '../reading/refused';
import { PE_LIMITS } from './pe-limits';
import type { PeHeader } from './read-header';

/** Import names lie close together: pieces of this size serve dozens of them with one read of the file. */
const PIECE_BYTES = 16_384;
/** Pieces kept, 4 MiB of them. */
const PIECES = 256;

interface Range {
  address: number;
  offset: number;
  size: number;
}

/** The image as the loader maps it: bytes by their address. All names of a file are decoded here, which counts them. */
export class ImageBytes {
  private readonly ranges: readonly Range[];
  private readonly pieces = new Map<number, Uint8Array>();
  private decodedBytes = 0;

  constructor(
    private readonly bytes: FileBytes,
    readonly header: PeHeader,
    headerBytes: number,
  ) {
    const sections = header.sections.filter(({ fileSize }) => fileSize > 0);
    this.ranges = [
      { address: 0, offset: 0, size: Math.min(headerBytes, bytes.size) },
      // A section without size in memory takes that of the file.
      ...sections.map(({ address, memorySize, offset, fileSize }) => ({
        address,
        offset,
        size: memorySize === 0 ? fileSize : Math.min(memorySize, fileSize),
      })),
    ];
  }

  /** `length` bytes at an address, all in one section's part of the file. */
  view(address: number, length: number, what: string, reason: BinaryRefusal['reason']): View {
    const range = this.rangeOf(address, length, what, reason);
    return new View(this.bytes.read(range.offset + address - range.address, length, what), { bits: this.header.bits, little: true });
  }

  /** Small structures and names, which lie close together. */
  smallView(address: number, length: number, what: string, reason: BinaryRefusal['reason']): View {
    const range = this.rangeOf(address, length, what, reason);
    return new View(this.small(range.offset + address - range.address, length), { bits: this.header.bits, little: true });
  }

  /** The text at an address, ended by NUL inside its section. */
  text(address: number, what: string, reason: BinaryRefusal['reason']): string {
    const range = this.rangeOf(address, 1, what, reason);
    const start = range.offset + address - range.address;
    const limit = Math.min(range.offset + range.size - start, PE_LIMITS.nameBytes + 1);
    for (let length = Math.min(64, limit); ; length = Math.min(length * 4, limit)) {
      const bytes = this.small(start, length);
      const end = bytes.indexOf(0);
      if (end >= 0) return this.decode(bytes.subarray(0, end), start);
      if (length > PE_LIMITS.nameBytes) throw new Refused('limit', `${what} has more than ${PE_LIMITS.nameBytes} bytes`, start);
      if (length === limit) throw new Refused('bad-string', `${what} has no end`, start);
    }
  }

  private decode(bytes: Uint8Array, offset: number): string {
    this.decodedBytes += bytes.length;
    if (this.decodedBytes > PE_LIMITS.decodedNameBytes)
      throw new Refused('limit', `names of more than ${PE_LIMITS.decodedNameBytes} bytes together`, offset);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  }

  private rangeOf(address: number, length: number, what: string, reason: BinaryRefusal['reason']): Range {
    const range = this.ranges.find(({ address: start, size }) => address >= start && address + length <= start + size);
    if (range) return range;
    throw new Refused(reason, `${what} at address 0x${address.toString(16)} is in no part of the file`, this.header.directoriesOffset);
  }

  private small(offset: number, length: number): Uint8Array {
    const first = Math.floor(offset / PIECE_BYTES);
    const into = offset - first * PIECE_BYTES;
    if (into + length > PIECE_BYTES) return this.bytes.read(offset, length, 'a name');
    return this.piece(first).subarray(into, into + length);
  }

  private piece(number: number): Uint8Array {
    const known = this.pieces.get(number);
    if (known) return known;
    if (this.pieces.size >= PIECES) this.pieces.clear();
    const start = number * PIECE_BYTES;
    const piece = this.bytes.read(start, Math.min(PIECE_BYTES, this.bytes.size - start), 'a piece of the file');
    this.pieces.set(number, piece);
    return piece;
  }
}

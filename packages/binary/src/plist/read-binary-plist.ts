import { Refused } from '../reading/refused';
import { APPLE_EPOCH_SECONDS, ValueCounter, type PropertyListDictionary, type PropertyListValue } from './property-list';

const TRAILER_BYTES = 32;
const MAGIC_BYTES = 8;

/** A property list of the binary kind, `bplist00` (CoreFoundation, `CFBinaryPList.c`). Throws `Refused`. */
export function readBinaryPlist(bytes: Uint8Array): PropertyListValue {
  return new BinaryReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).top();
}

const refused = (message: string, offset = 0, reason: 'bad-plist' | 'limit' = 'bad-plist'): Refused => new Refused(reason, message, offset);

class BinaryReader {
  private readonly offsetBytes: number;
  private readonly referenceBytes: number;
  private readonly objects: number;
  private readonly topObject: number;
  private readonly table: number;
  private readonly counter = new ValueCounter((message) => refused(message, 0, 'limit'));
  /** Objects that are being read: one of them inside itself would never end. */
  private readonly open = new Set<number>();

  constructor(private readonly bytes: Buffer) {
    const trailer = bytes.length - TRAILER_BYTES;
    if (trailer < MAGIC_BYTES) throw refused(`a binary property list of ${bytes.length} bytes`);
    this.offsetBytes = bytes[trailer + 6]!;
    this.referenceBytes = bytes[trailer + 7]!;
    for (const width of [this.offsetBytes, this.referenceBytes]) if (width < 1 || width > 6) throw refused(`numbers of ${width} bytes`, trailer + 6);
    this.objects = Number(bytes.readBigUInt64BE(trailer + 8));
    this.topObject = Number(bytes.readBigUInt64BE(trailer + 16));
    this.table = Number(bytes.readBigUInt64BE(trailer + 24));
    if (this.table < MAGIC_BYTES || this.table + this.objects * this.offsetBytes > trailer)
      throw refused(`a table of ${this.objects} objects`, trailer);
  }

  top(): PropertyListValue {
    return this.read(this.topObject, 0);
  }

  private read(object: number, depth: number): PropertyListValue {
    this.counter.enter(depth);
    if (object >= this.objects) throw refused(`object ${object} of ${this.objects}`);
    if (this.open.has(object)) throw refused(`object ${object} lies in itself`);
    const at = this.bytes.readUIntBE(this.table + object * this.offsetBytes, this.offsetBytes);
    if (at < MAGIC_BYTES || at >= this.table) throw refused(`object ${object} begins at ${at}`);
    this.open.add(object);
    const value = this.readAt(at, depth);
    this.open.delete(object);
    return value;
  }

  private readAt(at: number, depth: number): PropertyListValue {
    const marker = this.bytes[at]!;
    const [kind, low] = [marker >> 4, marker & 0xf];
    if (marker === 0x08 || marker === 0x09) return marker === 0x09;
    if (kind === 0x1 && low <= 4) return this.integer(at + 1, 2 ** low);
    if (kind === 0x2 && (low === 2 || low === 3)) return this.real(at + 1, 2 ** low);
    if (marker === 0x33) return dateOf(this.real(at + 1, 8), at);
    if (kind === 0x8 && low <= 3) return this.integer(at + 1, low + 1);
    const { count, start } = this.countAt(at, low);
    if (kind === 0x4) return this.slice(start, count);
    if (kind === 0x5) return this.slice(start, count).toString('latin1');
    if (kind === 0x6)
      return Buffer.from(this.slice(start, count * 2))
        .swap16()
        .toString('utf16le');
    if (kind === 0xa || kind === 0xc) return this.references(start, count).map((object) => this.read(object, depth + 1));
    if (kind === 0xd) return this.dictionary(start, count, depth);
    throw refused(`an object of kind 0x${marker.toString(16)}`, at);
  }

  private dictionary(start: number, count: number, depth: number): PropertyListDictionary {
    const references = this.references(start, count * 2);
    const found = new Map<string, PropertyListValue>();
    for (let index = 0; index < count; index += 1) {
      const key = this.read(references[index]!, depth + 1);
      if (typeof key !== 'string') throw refused('a key that is no text', start);
      if (found.has(key)) throw refused(`\`${key}\` stands twice`, start);
      found.set(key, this.read(references[count + index]!, depth + 1));
    }
    return found;
  }

  /** Four bits, or 15 and an integer behind it. */
  private countAt(at: number, low: number): { count: number; start: number } {
    if (low !== 0xf) return { count: low, start: at + 1 };
    const marker = this.slice(at + 1, 1)[0]!;
    const width = 2 ** (marker & 0xf);
    if (marker >> 4 !== 1 || width > 8) throw refused('a count that is no number', at);
    return { count: Number(this.integer(at + 2, width)), start: at + 2 + width };
  }

  private references(start: number, count: number): readonly number[] {
    const bytes = this.slice(start, count * this.referenceBytes);
    return Array.from({ length: count }, (_, index) => bytes.readUIntBE(index * this.referenceBytes, this.referenceBytes));
  }

  /** Up to four bytes it has no sign; eight have one; of sixteen the lower eight count. */
  private integer(at: number, width: number): number | bigint {
    const bytes = this.slice(at, width);
    if (width < 8) return bytes.readUIntBE(0, width);
    const value = bytes.subarray(width - 8).readBigInt64BE(0);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  private real(at: number, width: number): number {
    const bytes = this.slice(at, width);
    return width === 4 ? bytes.readFloatBE(0) : bytes.readDoubleBE(0);
  }

  /** Inside of the objects. */
  private slice(at: number, length: number): Buffer {
    if (!(length >= 0) || at + length > this.table) throw refused(`an object that ends at ${at + length}, the objects at ${this.table}`, at);
    return this.bytes.subarray(at, at + length);
  }
}

function dateOf(seconds: number, at: number): string {
  const date = new Date((seconds + APPLE_EPOCH_SECONDS) * 1_000);
  if (Number.isNaN(date.getTime())) throw refused('a date that is none', at);
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}

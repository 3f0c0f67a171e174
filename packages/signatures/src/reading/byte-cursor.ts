import { malformed } from './signature-refused';

/** Reads big-endian fields one behind the other; beyond the end is a refusal. */
export class ByteCursor {
  #at = 0;

  constructor(
    readonly bytes: Buffer,
    readonly what: string,
  ) {}

  get left(): number {
    return this.bytes.length - this.#at;
  }

  take(length: number): Buffer {
    if (length > this.left) malformed(`${this.what} ends in the middle of a field`);
    this.#at += length;
    return this.bytes.subarray(this.#at - length, this.#at);
  }

  byte(): number {
    return this.take(1)[0]!;
  }

  uint16(): number {
    return this.take(2).readUInt16BE();
  }

  uint32(): number {
    return this.take(4).readUInt32BE();
  }

  /** A field behind its length in four bytes (SSH). */
  string(): Buffer {
    return this.take(this.uint32());
  }

  text(): string {
    return this.string().toString('latin1');
  }

  end(): void {
    if (this.left > 0) malformed(`${this.what} has ${this.left} bytes behind its end`);
  }
}

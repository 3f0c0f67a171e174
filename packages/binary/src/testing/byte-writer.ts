/** Grows; writes numbers in one width and byte order. */
export class ByteWriter {
  private readonly chunks: number[] = [];

  constructor(private readonly format: { bits: 32 | 64; little: boolean }) {}

  get length(): number {
    return this.chunks.length;
  }

  number(value: number, bytes: number): this {
    const digits: number[] = [];
    let rest = value;
    for (let index = 0; index < bytes; index += 1) {
      digits.push(rest % 256);
      rest = Math.floor(rest / 256);
    }
    this.chunks.push(...(this.format.little ? digits : digits.reverse()));
    return this;
  }

  u16(...values: number[]): this {
    for (const value of values) this.number(value, 2);
    return this;
  }

  u32(...values: number[]): this {
    for (const value of values) this.number(value, 4);
    return this;
  }

  word(...values: number[]): this {
    for (const value of values) this.number(value, this.format.bits / 8);
    return this;
  }

  raw(bytes: Uint8Array | readonly number[]): this {
    for (const byte of bytes) this.chunks.push(byte);
    return this;
  }

  pad(step: number): this {
    while (this.chunks.length % step !== 0) this.chunks.push(0);
    return this;
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.chunks);
  }
}

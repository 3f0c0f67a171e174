/** Takes exact amounts out of a stream of chunks. */
export class ByteReader {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private chunk: Uint8Array = new Uint8Array(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.chunks = source[Symbol.asyncIterator]();
  }

  /** Exactly so many bytes; `undefined` when the stream had ended before them, an error when it ends within. */
  async take(bytes: number): Promise<Buffer | undefined> {
    const parts: Uint8Array[] = [];
    let left = bytes;
    for await (const part of this.pieces(bytes)) {
      parts.push(part);
      left -= part.length;
    }
    if (left === bytes && bytes > 0) return undefined;
    if (left > 0) throw new Error(`it ends ${left} bytes too early`);
    const [only] = parts;
    return parts.length === 1 ? Buffer.from(only!.buffer, only!.byteOffset, only!.length) : Buffer.concat(parts);
  }

  /** Up to so many bytes, as they come; fewer when the stream ends. */
  async *pieces(bytes: number): AsyncGenerator<Uint8Array> {
    for (let left = bytes; left > 0;) {
      while (this.chunk.length === 0) {
        const { value, done } = await this.chunks.next();
        if (done === true) return;
        this.chunk = value;
      }
      const piece = this.chunk.subarray(0, left);
      this.chunk = this.chunk.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  /** Lets go of the stream. */
  async close(): Promise<void> {
    await this.chunks.return?.();
  }
}

import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';

/** A container that is read by place: a file, or a member that is held in memory. */
export interface PackedSource {
  /** Bytes. */
  size: number;
  /** At most `length` bytes from `offset`; fewer at the end. */
  read(offset: number, length: number): Promise<Buffer>;
  /** `length` bytes from `offset`, as they come. */
  stream(offset: number, length: number): Readable;
}

/** The file is open for as long as `use` works: a directory names thousands of places. */
export async function withFileSource<Result>(file: string, size: number, use: (source: PackedSource) => Promise<Result>): Promise<Result> {
  const handle = await open(file, 'r');
  try {
    return await use({
      size,
      async read(offset, length) {
        const buffer = Buffer.alloc(Math.max(0, length));
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, Math.max(0, offset));
        return buffer.subarray(0, bytesRead);
      },
      stream: (offset, length) => createReadStream(file, { start: offset, end: offset + length - 1 }),
    });
  } finally {
    await handle.close();
  }
}

export function bufferSource(bytes: Buffer): PackedSource {
  const part = (offset: number, length: number): Buffer => bytes.subarray(Math.max(0, offset), Math.max(0, offset) + Math.max(0, length));
  return {
    size: bytes.length,
    read: (offset, length) => Promise.resolve(part(offset, length)),
    stream: (offset, length) => Readable.from([part(offset, length)]),
  };
}

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

export function fileSource(file: string, size: number): PackedSource {
  return {
    size,
    async read(offset, length) {
      const handle = await open(file, 'r');
      try {
        const buffer = Buffer.alloc(Math.max(0, length));
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, Math.max(0, offset));
        return buffer.subarray(0, bytesRead);
      } finally {
        await handle.close();
      }
    },
    stream: (offset, length) => createReadStream(file, { start: offset, end: offset + length - 1 }),
  };
}

export function bufferSource(bytes: Buffer): PackedSource {
  const part = (offset: number, length: number): Buffer => bytes.subarray(Math.max(0, offset), Math.max(0, offset) + Math.max(0, length));
  return {
    size: bytes.length,
    read: (offset, length) => Promise.resolve(part(offset, length)),
    stream: (offset, length) => Readable.from([part(offset, length)]),
  };
}

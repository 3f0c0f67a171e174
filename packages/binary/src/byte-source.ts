/**
 * Random access to bytes, so that a file of any size is read piece by piece. `read` returns exactly `length` bytes or fewer at
 * the end of the source; it never throws for ranges inside `size`.
 */
export interface ByteSource {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
}

export function bytesAsSource(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

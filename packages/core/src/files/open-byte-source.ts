export interface FileByteSource {
  /** Bytes. */
  readonly size: number;
  /** Exactly `length` bytes, or fewer at the end of the file; never throws for a range that is outside. */
  read(offset: number, length: number): Uint8Array;
  close(): void;
}

export function openByteSource(_path: string): FileByteSource {
  throw new Error('not yet');
}

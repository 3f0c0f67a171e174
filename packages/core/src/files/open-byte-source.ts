import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { coreErrors } from '../errors/core-errors';
import { toFileError } from './file-error';

const PAGE_BYTES = 64 * 1024;
/** 4 MiB a source. */
const KEPT_PAGES = 64;
/** Opening a FIFO would wait for a writer; Windows has none. */
const NOT_WAITING = constants.O_NONBLOCK ?? 0;

export interface FileByteSource {
  /** Bytes. */
  readonly size: number;
  /** Exactly `length` bytes, or fewer at the end of the file; none for a range that is outside of it. Not to be written to: reads share memory. */
  read(offset: number, length: number): Uint8Array;
  close(): void;
}

/**
 * Random access to a file in constant memory: small reads come from pages that were read before, the least recently used page goes first;
 * long ones go past them. Structurally a `ByteSource` of `@waybill/binary`.
 */
export function openByteSource(path: string): FileByteSource {
  const { descriptor, size } = openFile(path);
  const pages = new Map<number, Uint8Array>();
  const readAt = (offset: number, length: number): Uint8Array => readFully(descriptor, offset, length, path);
  const pageAt = (index: number): Uint8Array => {
    const known = pages.get(index);
    if (known) pages.delete(index);
    const page = known ?? readAt(index * PAGE_BYTES, Math.min(PAGE_BYTES, size - index * PAGE_BYTES));
    pages.set(index, page);
    if (pages.size > KEPT_PAGES) pages.delete(pages.keys().next().value!);
    return page;
  };
  return {
    size,
    read(offset, length) {
      const start = Math.max(0, Math.min(offset, size));
      const end = Math.max(start, Math.min(offset + length, size));
      if (!(end > start)) return new Uint8Array(0);
      const first = Math.floor(start / PAGE_BYTES);
      const last = Math.floor((end - 1) / PAGE_BYTES);
      if (first === last) return pageAt(first).subarray(start - first * PAGE_BYTES, end - first * PAGE_BYTES);
      return last === first + 1 ? joined(pageAt(first), pageAt(last), start - first * PAGE_BYTES, end - start) : readAt(start, end - start);
    },
    close: () => closeSync(descriptor),
  };
}

function joined(first: Uint8Array, second: Uint8Array, start: number, length: number): Uint8Array {
  const head = first.subarray(start);
  const tail = second.subarray(0, length - head.length);
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return bytes;
}

function openFile(path: string): { descriptor: number; size: number } {
  try {
    const descriptor = openSync(path, constants.O_RDONLY | NOT_WAITING);
    const stats = fstatSync(descriptor);
    if (stats.isFile()) return { descriptor, size: stats.size };
    closeSync(descriptor);
    throw coreErrors.error('FILE_KIND', { path, action: 'read', expected: 'file', actual: stats.isDirectory() ? 'a folder' : 'a special file' });
  } catch (cause) {
    throw toFileError(cause, 'read', path);
  }
}

/** Fewer bytes only when the file has become shorter since it was opened. */
function readFully(descriptor: number, offset: number, length: number, path: string): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(length);
  let done = 0;
  try {
    for (let count = 1; count > 0 && done < length; done += count) count = readSync(descriptor, bytes, done, length - done, offset + done);
  } catch (cause) {
    throw toFileError(cause, 'read', path);
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset, done);
}

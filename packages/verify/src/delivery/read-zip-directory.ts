import type { FileHandle } from 'node:fs/promises';
import { readZipExtras } from './read-zip-extras';

/** Where a file lies in a zip file, as the directory at its end says. */
export interface ZipPlace {
  /** For people. */
  name: string;
  rawName: Buffer;
  /** In Unicode, where it is said there too. */
  unicodeName?: string;
  offset: number;
  packedSize: number;
  method: number;
  /** Sizes follow the content. */
  streamed: boolean;
}

export interface ZipDirectory {
  /** Where the directory begins, which is where the last file ends. */
  start: number;
  places: readonly ZipPlace[];
}

const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
const END_MAGIC = Buffer.from('PK\x05\x06', 'latin1');
const WIDE_END_MAGIC = 0x06064b50;
const LOCATOR_MAGIC = 0x07064b50;
const LOCATOR_BYTES = 20;
const ENTRY_BYTES = 46;
const ENTRY_MAGIC = 0x02014b50;
const LARGEST_DIRECTORY_BYTES = 256 * 1024 * 1024;

type Fault = { fault: string };
const fault = (text: string): Fault => ({ fault: text });

/** APPNOTE 4.3.12 to 4.3.16, or what leaves open what is in it. */
export async function readZipDirectory(file: FileHandle, size: number): Promise<ZipDirectory | Fault> {
  const tail = await bytesAt(file, Math.max(0, size - END_BYTES - LONGEST_COMMENT), size);
  const first = tail.lastIndexOf(END_MAGIC);
  if (first < 0 || first + END_BYTES > tail.length) return fault('it has no end');
  if (first + END_BYTES + tail.readUInt16LE(first + 20) !== tail.length) return fault('something lies behind its end');
  const end = size - tail.length + first;
  const bounds = await boundsOf(file, tail.subarray(first, first + END_BYTES), end);
  if ('fault' in bounds) return bounds;
  const { start, stop, count } = bounds;
  if (start > stop || stop - start > LARGEST_DIRECTORY_BYTES) return fault('its directory is not where its end says');
  return readPlaces(await bytesAt(file, start, stop), count, start);
}

async function bytesAt(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const buffer = Buffer.alloc(to - from);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
  return buffer.subarray(0, bytesRead);
}

/** The directory ends where the end record begins, the wide one when there is one. */
async function boundsOf(file: FileHandle, end: Buffer, at: number): Promise<{ start: number; stop: number; count: number } | Fault> {
  const locator = at >= LOCATOR_BYTES ? await bytesAt(file, at - LOCATOR_BYTES, at) : Buffer.alloc(LOCATOR_BYTES);
  const elsewhere = fault('its directory does not lie directly before its end');
  if (locator.readUInt32LE(0) !== LOCATOR_MAGIC) {
    const [bytes, start] = [end.readUInt32LE(12), end.readUInt32LE(16)];
    return start + bytes === at ? { start, stop: at, count: end.readUInt16LE(10) } : elsewhere;
  }
  const stop = Number(locator.readBigUInt64LE(8));
  const wide = stop + 56 <= at - LOCATOR_BYTES ? await bytesAt(file, stop, stop + 56) : Buffer.alloc(56);
  if (wide.readUInt32LE(0) !== WIDE_END_MAGIC || stop + 12 + Number(wide.readBigUInt64LE(4)) !== at - LOCATOR_BYTES) return elsewhere;
  const [bytes, start] = [Number(wide.readBigUInt64LE(40)), Number(wide.readBigUInt64LE(48))];
  return start + bytes === stop ? { start, stop, count: Number(wide.readBigUInt64LE(32)) } : elsewhere;
}

function readPlaces(directory: Buffer, count: number, start: number): ZipDirectory | Fault {
  const places: ZipPlace[] = [];
  let at = 0;
  while (at < directory.length) {
    if (at + ENTRY_BYTES > directory.length || directory.readUInt32LE(at) !== ENTRY_MAGIC)
      return fault('its directory holds something else than files');
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => directory.readUInt16LE(at + field)) as [number, number, number];
    const nameEnd = at + ENTRY_BYTES + nameBytes;
    const rawName = directory.subarray(at + ENTRY_BYTES, nameEnd);
    const name = rawName.toString('utf8');
    const extras = readZipExtras(directory.subarray(nameEnd, nameEnd + extraBytes), name);
    if ('fault' in extras) return extras;
    const { wide, unicodeName } = extras;
    places.push({ name, rawName, ...(unicodeName !== undefined && { unicodeName }), ...numbersOf(directory.subarray(at, at + ENTRY_BYTES), wide) });
    at = nameEnd + extraBytes + commentBytes;
  }
  return at === directory.length && places.length === count
    ? { start, places }
    : fault('its directory has another number of files than its end says');
}

/** Numbers that do not fit stand in the extra field, in this order: size, packed size, offset (APPNOTE 4.5.3). */
function numbersOf(entry: Buffer, wide: Buffer | undefined): Omit<ZipPlace, 'name' | 'rawName' | 'unicodeName'> {
  let at = 0;
  const [, packedSize, offset] = [24, 20, 42].map((field) => {
    const value = entry.readUInt32LE(field);
    if (value !== 0xffffffff || wide === undefined || at + 8 > wide.length) return value;
    at += 8;
    return Number(wide.readBigUInt64LE(at - 8));
  }) as [number, number, number];
  return { packedSize, offset, method: entry.readUInt16LE(10), streamed: (entry.readUInt16LE(8) & 8) !== 0 };
}

/** One entry of a zip file, all that its records say. */
export interface ZipRecord {
  path: string;
  /** Unix mode with the kind's bits (`S_IFMT`). */
  unixMode: number;
  /** 0 stored, 8 deflate. */
  method: 0 | 8;
  /** Sum and sizes follow the content in a data descriptor instead of standing before it. */
  streamed: boolean;
  crc32: number;
  packedSize: number;
  size: number;
  /** Where its local header begins. */
  offset: number;
}

export interface ZipTime {
  date: number;
  time: number;
}

const MAX_32 = 0xffffffff;
const MAX_16 = 0xffff;
/** From here on deflate's worst growth could pass 4 GiB: sizes that are not known beforehand get 64 bits. */
const ZIP64_FROM_BYTES = 0xf0000000;
const MADE_BY_UNIX = 3 << 8;
const FLAG_UTF8 = 0x800;
const FLAG_DESCRIPTOR = 0x8;
const VERSION = 20;
const VERSION_ZIP64 = 45;
const EARLIEST_SECONDS = Date.UTC(1980, 0, 1) / 1000;
const LATEST_SECONDS = Date.UTC(2107, 11, 31, 23, 59, 58) / 1000;

/** MS-DOS time, which starts in 1980 and counts two seconds; always from UTC. */
export function zipTime(mtimeSeconds: number): ZipTime {
  const at = new Date(Math.min(LATEST_SECONDS, Math.max(EARLIEST_SECONDS, mtimeSeconds)) * 1000);
  return {
    date: ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(),
    time: (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1),
  };
}

/** APPNOTE 4.3.7. */
export function renderLocalHeader(record: ZipRecord, at: ZipTime): Buffer {
  const name = Buffer.from(record.path);
  const wide = localIsWide(record);
  const extra = wide ? zip64Extra([record.streamed ? 0 : record.size, record.streamed ? 0 : record.packedSize]) : Buffer.alloc(0);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(wide ? VERSION_ZIP64 : VERSION, 4);
  writeShared(header, 6, record, at);
  if (!record.streamed) header.writeUInt32LE(record.crc32, 14);
  header.writeUInt32LE(wide ? MAX_32 : record.streamed ? 0 : record.packedSize, 18);
  header.writeUInt32LE(wide ? MAX_32 : record.streamed ? 0 : record.size, 22);
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, name, extra]);
}

/** APPNOTE 4.3.9: after the content of a streamed entry. */
export function renderDescriptor(record: ZipRecord): Buffer {
  const wide = localIsWide(record);
  const descriptor = Buffer.alloc(wide ? 24 : 16);
  descriptor.writeUInt32LE(0x08074b50, 0);
  descriptor.writeUInt32LE(record.crc32, 4);
  if (wide) {
    descriptor.writeBigUInt64LE(BigInt(record.packedSize), 8);
    descriptor.writeBigUInt64LE(BigInt(record.size), 16);
  } else {
    descriptor.writeUInt32LE(record.packedSize, 8);
    descriptor.writeUInt32LE(record.size, 12);
  }
  return descriptor;
}

/** APPNOTE 4.3.12. */
export function renderCentralHeader(record: ZipRecord, at: ZipTime): Buffer {
  const name = Buffer.from(record.path);
  const wide = [record.size, record.packedSize, record.offset].filter((value) => value >= MAX_32);
  const extra = wide.length > 0 ? zip64Extra(wide) : Buffer.alloc(0);
  const header = Buffer.alloc(46);
  const needed = wide.length > 0 || localIsWide(record) ? VERSION_ZIP64 : VERSION;
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(MADE_BY_UNIX | VERSION_ZIP64, 4);
  header.writeUInt16LE(needed, 6);
  writeShared(header, 8, record, at);
  header.writeUInt32LE(record.crc32, 16);
  header.writeUInt32LE(Math.min(record.packedSize, MAX_32), 20);
  header.writeUInt32LE(Math.min(record.size, MAX_32), 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt32LE(((record.unixMode << 16) | (record.path.endsWith('/') ? 0x10 : 0)) >>> 0, 38);
  header.writeUInt32LE(Math.min(record.offset, MAX_32), 42);
  return Buffer.concat([header, name, extra]);
}

/** APPNOTE 4.3.14 to 4.3.16: the end record, behind its 64-bit form where a number does not fit. */
export function renderEnd({ entries, size, offset }: { entries: number; size: number; offset: number }): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Math.min(entries, MAX_16), 8);
  end.writeUInt16LE(Math.min(entries, MAX_16), 10);
  end.writeUInt32LE(Math.min(size, MAX_32), 12);
  end.writeUInt32LE(Math.min(offset, MAX_32), 16);
  if (entries < MAX_16 && size < MAX_32 && offset < MAX_32) return end;
  const wide = Buffer.alloc(76);
  wide.writeUInt32LE(0x06064b50, 0);
  wide.writeBigUInt64LE(44n, 4);
  wide.writeUInt16LE(MADE_BY_UNIX | VERSION_ZIP64, 12);
  wide.writeUInt16LE(VERSION_ZIP64, 14);
  for (const at of [24, 32]) wide.writeBigUInt64LE(BigInt(entries), at);
  wide.writeBigUInt64LE(BigInt(size), 40);
  wide.writeBigUInt64LE(BigInt(offset), 48);
  wide.writeUInt32LE(0x07064b50, 56);
  wide.writeBigUInt64LE(BigInt(offset + size), 64);
  wide.writeUInt32LE(1, 72);
  return Buffer.concat([wide, end]);
}

const localIsWide = ({ size, packedSize, streamed }: ZipRecord): boolean =>
  streamed ? size >= ZIP64_FROM_BYTES : size >= MAX_32 || packedSize >= MAX_32;

function zip64Extra(values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * values.length);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(8 * values.length, 2);
  values.forEach((value, index) => extra.writeBigUInt64LE(BigInt(value), 4 + 8 * index));
  return extra;
}

/** Flags, method, time and date stand in the same order in both headers. */
function writeShared(header: Buffer, from: number, { streamed, method }: ZipRecord, { date, time }: ZipTime): void {
  header.writeUInt16LE(FLAG_UTF8 | (streamed ? FLAG_DESCRIPTOR : 0), from);
  header.writeUInt16LE(method, from + 2);
  header.writeUInt16LE(time, from + 4);
  header.writeUInt16LE(date, from + 6);
}

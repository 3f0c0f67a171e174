import type { PackedSource } from './packed-source';

export interface ZipMember {
  name: string;
  method: number;
  encrypted: boolean;
  packedSize: number;
  size: number;
  sum: number;
  dataOffset: number;
}

export type ZipDirectory = { members: readonly ZipMember[] } | { fault: string };

const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const MOST_DIRECTORY_BYTES = 64 * 1024 ** 2;
const SIGNATURE = { end: 0x06054b50, entry: 0x02014b50, local: 0x04034b50 };

/** Central directory of a zip (APPNOTE 4.3.12, 4.3.16), data in front of it allowed. Zip64 is a fault here: no file of a bundle needs it. */
export async function readZipDirectory(source: PackedSource): Promise<ZipDirectory> {
  const tailStart = Math.max(0, source.size - END_BYTES - LONGEST_COMMENT);
  const tail = await source.read(tailStart, source.size - tailStart);
  const at = findEnd(tail);
  if (at === -1) return { fault: 'it has no central directory' };
  const count = tail.readUInt16LE(at + 10);
  const length = tail.readUInt32LE(at + 12);
  const offset = tail.readUInt32LE(at + 16);
  if (length > MOST_DIRECTORY_BYTES || count === 0xffff || offset === 0xffffffff) return { fault: 'its directory is too large' };
  const start = tailStart + at - length;
  if (start < 0 || start < offset) return { fault: 'its central directory is cut off' };
  const entries = parseEntries(await source.read(start, length), count, start - offset);
  return entries ? locateData(entries, source) : { fault: 'its central directory is damaged' };
}

function findEnd(tail: Buffer): number {
  for (let at = tail.length - END_BYTES; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) === SIGNATURE.end && at + END_BYTES + tail.readUInt16LE(at + 20) === tail.length) return at;
  }
  return -1;
}

/** `shift`: bytes in front of the zip (a shebang, a program). `dataOffset` is that of the local header until it is read. */
function parseEntries(bytes: Buffer, count: number, shift: number): ZipMember[] | undefined {
  const members: ZipMember[] = [];
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    if (at + ENTRY_BYTES > bytes.length || bytes.readUInt32LE(at) !== SIGNATURE.entry) return undefined;
    const nameLength = bytes.readUInt16LE(at + 28);
    members.push({
      name: bytes.toString('utf8', at + ENTRY_BYTES, at + ENTRY_BYTES + nameLength),
      method: bytes.readUInt16LE(at + 10),
      encrypted: (bytes.readUInt16LE(at + 8) & 1) === 1,
      sum: bytes.readUInt32LE(at + 16),
      packedSize: bytes.readUInt32LE(at + 20),
      size: bytes.readUInt32LE(at + 24),
      dataOffset: bytes.readUInt32LE(at + 42) + shift,
    });
    at += ENTRY_BYTES + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return members;
}

async function locateData(members: readonly ZipMember[], source: PackedSource): Promise<ZipDirectory> {
  const located: ZipMember[] = [];
  for (const member of members) {
    const header = await source.read(member.dataOffset, LOCAL_BYTES);
    if (header.length < LOCAL_BYTES || header.readUInt32LE(0) !== SIGNATURE.local)
      return { fault: `the header of \`${member.name}\` is not where the directory says` };
    located.push({ ...member, dataOffset: member.dataOffset + LOCAL_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28) });
  }
  return { members: located };
}

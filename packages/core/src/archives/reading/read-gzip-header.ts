import { archiveErrors } from '../../errors/archive-errors';
import { PackedFile } from './packed-file';

/** What the header of a gzip file says (RFC 1952 section 2.3). */
export interface GzipHeader {
  /** 0 says that there is none. */
  mtimeSeconds: number;
  /** Name of the file that was packed. */
  name?: string;
  comment?: string;
  /** 2 best, 4 fastest. */
  extraFlags: number;
  /** 3 Unix, 255 unknown. */
  system: number;
}

/** A header that is longer than this holds something else than names. */
const LONGEST_BYTES = 64 * 1024;
const FLAG = { extra: 4, name: 8, comment: 16 };

/** The header of the first member of a gzip file; `undefined` when the file is none. Throws `FILE_…`, `ARCHIVE_DAMAGED`. */
export async function readGzipHeader(archive: string): Promise<GzipHeader | undefined> {
  const file = await PackedFile.open(archive);
  try {
    const head = await file.head(LONGEST_BYTES);
    return head[0] === 0x1f && head[1] === 0x8b ? parseHeader(head, archive) : undefined;
  } finally {
    await file.close();
  }
}

function parseHeader(head: Buffer, archive: string): GzipHeader {
  if (head.length < 10) throw archiveErrors.error('ARCHIVE_DAMAGED', { archive, reason: 'it ends within the gzip header' });
  const flags = head[3]!;
  let at = 10;
  if (flags & FLAG.extra) at += 2 + (head.length >= at + 2 ? head.readUInt16LE(at) : head.length);
  const text = (flag: number): string | undefined => {
    if ((flags & flag) === 0) return undefined;
    const end = head.indexOf(0, at);
    if (at >= head.length || end < 0) throw archiveErrors.error('ARCHIVE_DAMAGED', { archive, reason: 'a name in the gzip header has no end' });
    const value = head.toString('latin1', at, end);
    at = end + 1;
    return value;
  };
  const [name, comment] = [text(FLAG.name), text(FLAG.comment)];
  return {
    mtimeSeconds: head.readUInt32LE(4),
    ...(name === undefined ? {} : { name }),
    ...(comment === undefined ? {} : { comment }),
    extraFlags: head[8]!,
    system: head[9]!,
  };
}

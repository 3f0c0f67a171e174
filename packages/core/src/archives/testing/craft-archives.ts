import { deflateRawSync, crc32 } from 'node:zlib';
import { renderCentralHeader, renderDescriptor, renderEnd, renderLocalHeader, zipTime } from '../zip/zip-records';

/** One entry as a hostile archive may spell it. */
export interface CraftedEntry {
  path: string;
  /** tar's type flag. */
  type?: string;
  mode?: number;
  linkTarget?: string;
  content?: Buffer | string;
  /** Says another size than the content has; below zero in tar's binary form. */
  size?: number;
  /** Stands in the size field as it is, one byte a character. */
  rawSize?: string;
  /** Stands in the name field as it is, one byte a character. */
  rawName?: string;
  /** Eight bytes; ustar's if absent. */
  magic?: string;
}

const BLOCK = 512;

/** A tar file that says anything; `end: false` leaves the end marker away. */
export function craftTar(entries: readonly CraftedEntry[], { end = true } = {}): Buffer {
  const blocks = entries.flatMap((entry) => {
    const content = Buffer.from(entry.content ?? '');
    const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
    return [craftTarHeader(entry, content.length), content, padding];
  });
  return Buffer.concat(end ? [...blocks, Buffer.alloc(2 * BLOCK)] : blocks);
}

function craftTarHeader(entry: CraftedEntry, length: number): Buffer {
  const { path, type = '0', mode = 0o644, linkTarget = '', size, magic = 'ustar\x0000' } = entry;
  const header = Buffer.alloc(BLOCK);
  if (entry.rawName === undefined) header.write(path, 0, 100);
  else header.write(entry.rawName, 0, 100, 'latin1');
  header.write(mode.toString(8).padStart(7, '0'), 100);
  header.write('0000000\x000000000\x00', 108);
  if (size !== undefined && size < 0) header.fill(0xff, 124, 136).writeInt32BE(size, 132);
  else header.write((size ?? length).toString(8).padStart(11, '0'), 124);
  if (entry.rawSize !== undefined) header.write(entry.rawSize, 124, 12, 'latin1');
  header.write('00000000000', 136);
  header.write(type, 156);
  header.write(linkTarget, 157, 100);
  header.write(magic, 257, 8, 'latin1');
  header.fill(0x20, 148, 156);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0`,
    148,
  );
  return header;
}

export interface CraftedZipEntry {
  path: string;
  content?: Buffer | string;
  /** With the kind's bits; a regular file if absent. */
  unixMode?: number;
  /** Says another checksum than the content has. */
  crc32?: number;
  streamed?: boolean;
  /** Changes the finished headers. */
  spoil?: (header: Buffer, which: 'local' | 'central') => void;
}

/** A zip file that says anything. */
export function craftZip(entries: readonly CraftedZipEntry[]): Buffer {
  const at = zipTime(0);
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const content = Buffer.from(entry.content ?? '');
    const packed = deflateRawSync(content);
    const record = {
      path: entry.path,
      unixMode: entry.unixMode ?? 0o100644,
      method: 8 as const,
      streamed: entry.streamed ?? false,
      crc32: entry.crc32 ?? crc32(content),
      packedSize: packed.length,
      size: content.length,
      offset,
    };
    const local = renderLocalHeader(record, at);
    const header = renderCentralHeader(record, at);
    entry.spoil?.(local, 'local');
    entry.spoil?.(header, 'central');
    const own = [local, packed, ...(record.streamed ? [renderDescriptor(record)] : [])];
    parts.push(...own);
    central.push(header);
    offset += own.reduce((sum, part) => sum + part.length, 0);
  }
  const directory = Buffer.concat(central);
  return Buffer.concat([...parts, directory, renderEnd({ entries: entries.length, size: directory.length, offset })]);
}

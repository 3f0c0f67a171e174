import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Finding } from '@waybill/core';
import { readZipDirectory, type ZipPlace } from './read-zip-directory';
import { readZipExtras } from './read-zip-extras';

const LOCAL_BYTES = 30;
const LOCAL_MAGIC = 0x04034b50;
const UNKNOWN_32 = 0xffffffff;
/** With and without its own magic, sizes of four or of eight bytes (APPNOTE 4.3.9). */
const DESCRIPTOR_BYTES = [12, 16, 20, 24];

/**
 * A zip file says everything twice: before each file, and in the directory at its end. Some programs believe the one, some the other. What both do not
 * say alike, and what lies between the files, could be unpacked by others though it was not checked here.
 */
export async function checkZipLayout(path: string): Promise<readonly Finding[]> {
  const file = await open(path, 'r');
  try {
    const fault = await faultOf(file, (await file.stat()).size);
    return fault === undefined
      ? []
      : [{ check: 'archive', level: 'error', path: basename(path), message: `other programs could unpack something else from it: ${fault}` }];
  } finally {
    await file.close();
  }
}

async function faultOf(file: FileHandle, size: number): Promise<string | undefined> {
  const directory = await readZipDirectory(file, size);
  if ('fault' in directory) return directory.fault;
  const places = [...directory.places].sort((one, other) => one.offset - other.offset);
  let at = 0;
  for (const [index, place] of places.entries()) {
    if (place.offset !== at) return `something lies before \`${place.name}\` that its directory does not name`;
    const next = places[index + 1]?.offset ?? directory.start;
    const fault = await localFault(file, place, next);
    if (fault !== undefined) return fault;
    at = next;
  }
  return at === directory.start ? undefined : 'something lies before its directory that this does not name';
}

async function localFault(file: FileHandle, place: ZipPlace, next: number): Promise<string | undefined> {
  const { name, rawName, packedSize, offset, method, streamed } = place;
  const head = await bytesAt(file, offset, LOCAL_BYTES + rawName.length);
  if (head === undefined || head.readUInt32LE(0) !== LOCAL_MAGIC) return `no file stands where its directory says that \`${name}\` is`;
  const sameName = head.readUInt16LE(26) === rawName.length && head.subarray(LOCAL_BYTES).equals(rawName);
  if (!sameName) return `\`${name}\` has another name before its content than in the directory`;
  const extra = await bytesAt(file, offset + head.length, head.readUInt16LE(28));
  if (extra === undefined) return `\`${name}\` ends before its content`;
  const extras = readZipExtras(extra, name);
  if ('fault' in extras) return extras.fault;
  if (![undefined, place.unicodeName ?? name].includes(extras.unicodeName))
    return `\`${name}\` has another name in Unicode before its content than in the directory`;
  const sameSize = packedSizes(head, extras.wide).every((size) => size === packedSize || (streamed && size === 0));
  if (!sameSize || head.readUInt16LE(8) !== method || ((head.readUInt16LE(6) & 8) !== 0) !== streamed)
    return `\`${name}\` has another size or packing before its content than in the directory`;
  const left = next - (offset + head.length + extra.length + packedSize);
  const fits = streamed ? DESCRIPTOR_BYTES.includes(left) : left === 0;
  return fits ? undefined : `something lies behind \`${name}\` that its directory does not name`;
}

/**
 * What a header before its content can be taken to say. When the size does not fit it stands in the wide extra field, behind the unpacked size if that
 * does not fit either. Some programs read both sizes from there whenever there is one.
 */
function packedSizes(head: Buffer, wide: Buffer | undefined): readonly number[] {
  const [packed, unpacked] = [head.readUInt32LE(18), head.readUInt32LE(22)];
  const wideAt = (at: number): readonly number[] => (wide !== undefined && wide.length >= at + 8 ? [Number(wide.readBigUInt64LE(at))] : []);
  const [own = packed] = packed === UNKNOWN_32 ? wideAt(unpacked === UNKNOWN_32 ? 8 : 0) : [];
  return [own, ...wideAt(8)];
}

/** Nothing when the file ends before. */
async function bytesAt(file: FileHandle, from: number, count: number): Promise<Buffer | undefined> {
  const buffer = Buffer.alloc(count);
  const { bytesRead } = await file.read(buffer, 0, count, from);
  return bytesRead === count ? buffer : undefined;
}

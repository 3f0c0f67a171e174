import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Finding } from '@waybill/core';
import { readZipDirectory, type ZipPlace } from './read-zip-directory';

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
  const head = Buffer.alloc(LOCAL_BYTES + rawName.length);
  const { bytesRead } = await file.read(head, 0, head.length, offset);
  if (bytesRead < head.length || head.readUInt32LE(0) !== LOCAL_MAGIC) return `no file stands where its directory says that \`${name}\` is`;
  const sameName = head.readUInt16LE(26) === rawName.length && head.subarray(LOCAL_BYTES).equals(rawName);
  if (!sameName) return `\`${name}\` has another name before its content than in the directory`;
  const localSize = head.readUInt32LE(18);
  const sameSize = streamed ? [0, UNKNOWN_32, packedSize].includes(localSize) : [UNKNOWN_32, packedSize].includes(localSize);
  if (!sameSize || head.readUInt16LE(8) !== method || ((head.readUInt16LE(6) & 8) !== 0) !== streamed)
    return `\`${name}\` has another size or packing before its content than in the directory`;
  const left = next - (offset + head.length + head.readUInt16LE(28) + packedSize);
  const fits = streamed ? DESCRIPTOR_BYTES.includes(left) : left === 0;
  return fits ? undefined : `something lies behind \`${name}\` that its directory does not name`;
}

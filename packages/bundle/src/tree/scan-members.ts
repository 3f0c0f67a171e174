import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip, createInflateRaw, crc32 } from 'node:zlib';
import type { LeakHit } from '@waybill/relocation';
import { readZipDirectory, type ZipMember } from './read-zip-directory';
import { LeakStream, MOST_HITS, type LeakScanner } from './scan-leaks';

/** Unpacked bytes that are read of one member: more is a bomb, or data that no path stands in. */
const MOST_BYTES = 1024 ** 3;

export interface MemberScan {
  hits: LeakHit[];
  /** Why the container could not be read to its end. */
  fault?: string;
}

/** Leaks inside a gzip file. */
export async function scanGzip(file: string, scanner: LeakScanner): Promise<MemberScan> {
  return scanUnpacked(createReadStream(file).pipe(createGunzip()), scanner, 'content');
}

/** Leaks inside the members of a zip (wheels and jars are zips), and its structure: directory, sizes and sums. */
export async function scanZip(file: string, size: number, scanner: LeakScanner): Promise<MemberScan> {
  const directory = await readZipDirectory(file, size);
  if ('fault' in directory) return { hits: [], fault: directory.fault };
  const hits: LeakHit[] = [];
  for (const member of directory.members) {
    const scan = await scanMember(file, member, scanner);
    hits.push(...scan.hits);
    if (scan.fault !== undefined) return { hits, fault: `member \`${member.name}\`: ${scan.fault}` };
    if (hits.length >= MOST_HITS) break;
  }
  return { hits };
}

async function scanMember(file: string, member: ZipMember, scanner: LeakScanner): Promise<MemberScan> {
  if (member.packedSize === 0) return member.size === 0 ? { hits: [] } : { hits: [], fault: 'it has no data' };
  if (member.encrypted) return { hits: [], fault: 'it is encrypted' };
  if (member.method !== 0 && member.method !== 8) return { hits: [], fault: `compression method ${member.method} is not known` };
  const packed = createReadStream(file, { start: member.dataOffset, end: member.dataOffset + member.packedSize - 1 });
  return scanUnpacked(member.method === 0 ? packed : packed.pipe(createInflateRaw()), scanner, member.name, member);
}

async function scanUnpacked(source: Readable, scanner: LeakScanner, name: string, expected?: ZipMember): Promise<MemberScan> {
  const stream = new LeakStream(scanner, name);
  let size = 0;
  let sum = 0;
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MOST_BYTES) return { hits: stream.hits, fault: `it unpacks to more than ${MOST_BYTES} bytes` };
      if (expected) sum = crc32(chunk, sum);
      stream.push(chunk);
    }
  } catch (error) {
    return { hits: stream.hits, fault: (error as Error).message };
  } finally {
    source.destroy();
  }
  stream.push(Buffer.alloc(0), true);
  const wrong = expected && (size !== expected.size || sum !== expected.sum);
  return wrong ? { hits: stream.hits, fault: 'its size or sum is not what the directory says' } : { hits: stream.hits };
}

import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip, createInflateRaw, crc32 } from 'node:zlib';
import type { LeakHit } from '@waybill/relocation';
import { bufferSource, withFileSource, type PackedSource } from './packed-source';
import { readZipDirectory, type ZipMember } from './read-zip-directory';
import { LeakStream, MOST_HITS, type LeakScanner } from './scan-leaks';
import { sealedFormat, sniffContent } from './sniff-content';

/** Unpacked bytes that are read of one file: more is a bomb, or data that no path stands in. */
const MOST_BYTES = 1024 ** 3;
/** A zip within an archive is read by place, and so held in memory. */
const MOST_HELD_BYTES = 64 * 1024 ** 2;
/** Archives within archives: a wheel in a zip in a zip. */
const MOST_DEPTH = 3;

export interface MemberScan {
  hits: LeakHit[];
  /** Why the container could not be read to its end. */
  fault?: string;
  /** Members that hold an archive that nobody looked into, and why. */
  sealed: string[];
}

/** Leaks inside a gzip file, and in archives within it. */
export async function scanGzip(file: string, scanner: LeakScanner): Promise<MemberScan> {
  return new MemberScanner(scanner).gzip(() => createReadStream(file), '', 0);
}

/** Leaks inside the members of a zip (wheels and jars are zips), in archives within them, and its structure: directory, sizes and sums. */
export async function scanZip(file: string, size: number, scanner: LeakScanner): Promise<MemberScan> {
  return withFileSource(file, size, (source) => new MemberScanner(scanner).zip(source, '', 0));
}

class MemberScanner {
  private unpacked = 0;

  constructor(private readonly scanner: LeakScanner) {}

  gzip(packed: () => Readable, above: string, depth: number): Promise<MemberScan> {
    return this.content(() => through(packed(), createGunzip()), `${above}content`, depth);
  }

  async zip(source: PackedSource, above: string, depth: number): Promise<MemberScan> {
    const directory = await readZipDirectory(source);
    if ('fault' in directory) return { hits: [], sealed: [], fault: directory.fault };
    const found: MemberScan = { hits: [], sealed: [] };
    for (const member of directory.members) {
      const { hits, sealed, fault } = await this.member(source, member, above, depth);
      found.hits.push(...hits);
      found.sealed.push(...sealed);
      if (fault !== undefined) return { ...found, fault: `member \`${member.name}\`: ${fault}` };
      if (found.hits.length >= MOST_HITS) break;
    }
    return found;
  }

  private async member(source: PackedSource, member: ZipMember, above: string, depth: number): Promise<MemberScan> {
    const fault = unreadable(member);
    if (member.packedSize === 0 || fault !== undefined) return { hits: [], sealed: [], ...(fault !== undefined && { fault }) };
    const packed = (): Readable => source.stream(member.dataOffset, member.packedSize);
    const open = (): Readable => (member.method === 0 ? packed() : through(packed(), createInflateRaw()));
    return this.content(open, `${above}${member.name}`, depth, member);
  }

  /** Scans what a member unpacks to, and then what is in it when that is an archive. */
  private async content(open: () => Readable, name: string, depth: number, expected?: ZipMember): Promise<MemberScan> {
    const scan = await this.unpack(open(), name, expected);
    const content = sniffContent(scan.head);
    const sealed = sealedFormat(scan.head);
    if (sealed !== undefined) return { ...scan, sealed: [`\`${name}\`: ${sealed}`] };
    if (scan.fault !== undefined || (content !== 'zip' && content !== 'gzip')) return scan;
    const inner = await this.nested(open, content, name, { depth: depth + 1, size: scan.size });
    return { hits: [...scan.hits, ...inner.hits].slice(0, MOST_HITS), sealed: inner.sealed };
  }

  /** A damaged archive within an archive is somebody’s data; that nobody could look into it is told. */
  private async nested(
    open: () => Readable,
    content: 'zip' | 'gzip',
    name: string,
    { depth, size }: { depth: number; size: number },
  ): Promise<MemberScan> {
    const reason =
      depth > MOST_DEPTH
        ? 'an archive too deep within others'
        : content === 'zip' && size > MOST_HELD_BYTES
          ? 'a zip of more than 64 MiB'
          : undefined;
    if (reason !== undefined) return { hits: [], sealed: [`\`${name}\`: ${reason}`] };
    const above = `${name}!`;
    const scan = content === 'gzip' ? await this.gzip(open, above, depth) : await this.zip(bufferSource(await collect(open())), above, depth);
    return scan.fault === undefined ? scan : { hits: scan.hits, sealed: [...scan.sealed, `\`${name}\`: a damaged ${content}`] };
  }

  private async unpack(source: Readable, name: string, expected?: ZipMember): Promise<MemberScan & { head: Buffer; size: number }> {
    const stream = new LeakStream(this.scanner, name);
    let [size, sum, head] = [0, 0, Buffer.alloc(0)];
    const result = (fault?: string) => ({ hits: stream.hits, sealed: [], head, size, ...(fault !== undefined && { fault }) });
    try {
      for await (const chunk of source as AsyncIterable<Buffer>) {
        if (size === 0) head = Buffer.from(chunk.subarray(0, 64));
        size += chunk.length;
        this.unpacked += chunk.length;
        if (this.unpacked > MOST_BYTES) return result(`it unpacks to more than ${MOST_BYTES} bytes`);
        if (expected) sum = crc32(chunk, sum);
        stream.push(chunk);
      }
    } catch (error) {
      return result((error as Error).message);
    } finally {
      source.destroy();
    }
    stream.push(Buffer.alloc(0), true);
    return result(expected && (size !== expected.size || sum !== expected.sum) ? 'its size or sum is not what the directory says' : undefined);
  }
}

function unreadable({ packedSize, size, encrypted, method }: ZipMember): string | undefined {
  if (packedSize === 0) return size === 0 ? undefined : 'it has no data';
  if (encrypted) return 'it is encrypted';
  return method === 0 || method === 8 ? undefined : `compression method ${method} is not known`;
}

/** As `pipe`, but a fault of the source is one of the result. */
function through<T extends Readable & NodeJS.WritableStream>(source: Readable, into: T): T {
  source.once('error', (error) => into.destroy(error));
  into.once('close', () => source.destroy());
  return source.pipe(into);
}

async function collect(source: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

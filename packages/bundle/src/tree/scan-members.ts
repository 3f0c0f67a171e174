import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip, createInflateRaw, crc32 } from 'node:zlib';
import type { LeakHit } from '@waybill/relocation';
import { bufferSource, withFileSource, type PackedSource } from './packed-source';
import { readTar } from '@waybill/core';
import { readZipDirectory, type ZipMember } from './read-zip-directory';
import { LeakStream, MOST_HITS, type LeakScanner } from './scan-leaks';
import { HEAD_BYTES, isTar, sealedFormat, sniffContent } from './sniff-content';

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

/** Leaks inside archives that stand in a tar; what stands in it unpacked is read with the file. */
export async function scanTar(file: string, scanner: LeakScanner): Promise<MemberScan> {
  return new MemberScanner(scanner).tar(() => createReadStream(file), '', 0);
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
      found.hits.push(...this.ofName(member.name, above), ...hits);
      found.sealed.push(...sealed);
      if (fault !== undefined) return { ...found, fault: `member \`${member.name}\`: ${fault}` };
      if (found.hits.length >= MOST_HITS) break;
    }
    return found;
  }

  /**
   * The members of a tar that are archives themselves, and the names of all. A tar that is damaged is somebody’s data: what was read of it counts, and that no more could be looked into is told.
   */
  async tar(open: () => Readable, above: string, depth: number): Promise<MemberScan> {
    const found: MemberScan = { hits: [], sealed: [] };
    try {
      for await (const { path, size, content } of readTar(open())) {
        if (found.hits.length >= MOST_HITS) break;
        found.hits.push(...this.ofName(path, above));
        const bytes = size === 0 ? undefined : await this.packedMember(content());
        if (bytes === undefined) continue;
        const name = `${above}${path}`;
        const { hits, sealed } =
          typeof bytes === 'string'
            ? { hits: [], sealed: [`\`${name}\`: ${bytes}`] }
            : await this.within(() => Readable.from([bytes]), bytes, name, depth);
        found.hits.push(...hits);
        found.sealed.push(...sealed);
      }
    } catch {
      found.sealed.push(`\`${above === '' ? 'content' : above.replace(/!$/, '')}\`: a damaged tar`);
    }
    return found;
  }

  /** The bytes of a member that is an archive; why nobody looks into it; nothing for all others. */
  private async packedMember(content: AsyncIterable<Uint8Array>): Promise<Buffer | string | undefined> {
    const pieces: Buffer[] = [];
    let size = 0;
    for await (const piece of content) {
      if (size === 0 && !isPacked(Buffer.from(piece.subarray(0, HEAD_BYTES)))) return undefined;
      const sealed = size === 0 ? sealedFormat(Buffer.from(piece.subarray(0, 64))) : undefined;
      if (sealed !== undefined) return sealed;
      size += piece.length;
      this.unpacked += piece.length;
      if (size > MOST_HELD_BYTES || this.unpacked > MOST_BYTES) return 'an archive of more than 64 MiB';
      pieces.push(Buffer.from(piece));
    }
    return Buffer.concat(pieces);
  }

  /** Names in an archive are paths too, without the first slash. */
  private ofName(name: string, above: string): LeakHit[] {
    return this.scanner.scan(Buffer.from(name.startsWith('/') ? name : `/${name}`), `${above}${name}`);
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
    const sealed = sealedFormat(scan.head);
    if (sealed !== undefined) return { ...scan, sealed: [`\`${name}\`: ${sealed}`] };
    if (scan.fault !== undefined) return scan;
    const inner = await this.within(open, scan.head, name, depth, scan.size);
    return { hits: [...scan.hits, ...inner.hits].slice(0, MOST_HITS), sealed: inner.sealed };
  }

  /** What is in a content that is an archive. */
  private async within(open: () => Readable, head: Buffer, name: string, depth: number, size = head.length): Promise<MemberScan> {
    if (isTar(head)) return depth < MOST_DEPTH ? this.tar(open, `${name}!`, depth + 1) : tooDeep(name);
    const content = sniffContent(head.subarray(0, HEAD_BYTES));
    return content === 'zip' || content === 'gzip' ? this.nested(open, content, name, { depth: depth + 1, size }) : { hits: [], sealed: [] };
  }

  /** A damaged archive within an archive is somebody’s data; that nobody could look into it is told. */
  private async nested(
    open: () => Readable,
    content: 'zip' | 'gzip',
    name: string,
    { depth, size }: { depth: number; size: number },
  ): Promise<MemberScan> {
    if (depth > MOST_DEPTH) return tooDeep(name);
    if (content === 'zip' && size > MOST_HELD_BYTES) return { hits: [], sealed: [`\`${name}\`: a zip of more than 64 MiB`] };
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
        if (size === 0) head = Buffer.from(chunk.subarray(0, HEAD_BYTES));
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

const tooDeep = (name: string): MemberScan => ({ hits: [], sealed: [`\`${name}\`: an archive too deep within others`] });

const isPacked = (head: Buffer): boolean => isTar(head) || sealedFormat(head) !== undefined || ['zip', 'gzip'].includes(sniffContent(head));

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

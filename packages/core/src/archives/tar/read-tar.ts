import type { ReadEntry, ReadEntryKind } from '../reading/read-entry';
import { ByteReader } from './byte-reader';
import { isZeroBlock, readPaxRecords, readTarFields, type PaxRecords, type TarFields } from './tar-fields';
import { paddingAfter, TAR_BLOCK_BYTES } from './tar-header';

const KINDS: Readonly<Record<string, ReadEntryKind>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '5': 'directory',
};
const SPECIALS: Readonly<Record<string, string>> = { '3': 'character device', '4': 'block device', '6': 'named pipe', S: 'sparse file' };
/** Paths are at most a few thousand bytes; nobody needs more of them in one header. */
const LONGEST_HEADER_BYTES = 1024 * 1024;
const NOTHING: PaxRecords = new Map();

/** What stands before an entry and changes what its own header says. */
interface Preface {
  global: PaxRecords;
  own: PaxRecords | undefined;
}

/**
 * The entries of a tar stream (ustar, pax, GNU long names) in its order; throws plain errors when it is damaged, also when it ends without its end
 * marker: a tar cut between two entries is well-formed otherwise. Written here because it meets hostile bytes: on a size that is no number
 * tar-stream 3.2.2 waits for ever. It is held to GNU tar, bsdtar and Python by tests.
 */
export async function* readTar(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ReadEntry> {
  const reader = new ByteReader(bytes);
  try {
    const preface: Preface = { global: NOTHING, own: undefined };
    for (let block = await nextHeader(reader); block !== undefined; block = await nextHeader(reader)) {
      const fields = readTarFields(block);
      if (await readPreface(reader, fields, preface)) continue;
      const content = new EntryContent(reader);
      yield toReadEntry(fields, preface, content);
      await content.skip();
      preface.own = undefined;
    }
    if (preface.own !== undefined) throw new Error('it ends where an entry must follow');
    for await (const rest of reader.pieces(Infinity)) {
      if (rest.some((byte) => byte !== 0)) throw new Error('more follows behind its end marker, which some programs would unpack');
    }
  } finally {
    await reader.close();
  }
}

/** `undefined` at the end marker: two blocks of zeros, or one and the end of the stream. */
async function nextHeader(reader: ByteReader): Promise<Buffer | undefined> {
  const block = await reader.take(TAR_BLOCK_BYTES);
  if (block === undefined) throw new Error('it has no end marker');
  if (!isZeroBlock(block)) return block;
  const second = await reader.take(TAR_BLOCK_BYTES);
  if (second !== undefined && !isZeroBlock(second)) throw new Error('a header is missing');
  return undefined;
}

/** Takes in what a header says of the entry behind it; false when it is an entry itself. */
async function readPreface(reader: ByteReader, { typeFlag, size }: TarFields, preface: Preface): Promise<boolean> {
  if (!'xgLK'.includes(typeFlag)) return false;
  if (size > LONGEST_HEADER_BYTES) throw new Error(`a header of ${size} bytes is longer than any can be`);
  const padded = await reader.take(size + paddingAfter(size));
  if (padded === undefined && size > 0) throw new Error('it ends within a header');
  const data = (padded ?? Buffer.alloc(0)).subarray(0, size);
  if (typeFlag === 'g') preface.global = readPaxRecords(data, preface.global);
  else if (typeFlag === 'x') preface.own = readPaxRecords(data, preface.own ?? NOTHING);
  else preface.own = new Map(preface.own).set(typeFlag === 'L' ? 'path' : 'linkpath', data.toString('utf8').replace(/\0.*$/s, ''));
  return true;
}

/** The bytes that follow a header; what the consumer leaves is skipped before the next header. */
class EntryContent {
  private left = 0;
  private padding = 0;

  constructor(private readonly reader: ByteReader) {}

  follow(size: number): void {
    this.left = size;
    this.padding = paddingAfter(size);
  }

  async *read(): AsyncGenerator<Uint8Array> {
    for await (const piece of this.reader.pieces(this.left)) {
      this.left -= piece.length;
      yield piece;
    }
    if (this.left > 0) throw new Error(`it ends ${this.left} bytes too early`);
  }

  async skip(): Promise<void> {
    for await (const piece of this.read()) void piece;
    if (this.padding > 0 && (await this.reader.take(this.padding)) === undefined) throw new Error('it ends within a block');
  }
}

function toReadEntry(fields: TarFields, { global, own }: Preface, content: EntryContent): ReadEntry {
  const records = new Map([...global, ...(own ?? NOTHING)]);
  const path = records.get('path') ?? fields.name;
  const said = records.has('size') ? sizeOf(records.get('size')!) : fields.size;
  const sparse = [...records.keys()].some((key) => key.startsWith('GNU.sparse.'));
  const stated = sparse ? 'special' : (KINDS[fields.typeFlag] ?? 'special');
  const kind = stated === 'file' && path.endsWith('/') ? 'directory' : stated;
  if (kind === 'symlink' && said > 0) throw new Error(`the link \`${path}\` claims to have content`);
  const size = kind === 'file' || kind === 'special' ? said : 0;
  content.follow(size);
  return {
    path,
    kind,
    mode: fields.mode,
    size: kind === 'file' ? size : 0,
    mtimeSeconds: numberRecord(records, 'mtime', fields.mtimeSeconds),
    owner: {
      uid: numberRecord(records, 'uid', fields.uid),
      gid: numberRecord(records, 'gid', fields.gid),
      user: records.get('uname') ?? fields.user,
      group: records.get('gname') ?? fields.group,
    },
    ...(kind === 'symlink' || kind === 'hardlink' ? { linkTarget: records.get('linkpath') ?? fields.linkName } : {}),
    ...(kind === 'special' ? { special: sparse ? 'sparse file' : (SPECIALS[fields.typeFlag] ?? 'kind of entry that is not known') } : {}),
    content: () => content.read(),
  };
}

/** A number of a pax record, which replaces the header's. */
function numberRecord(records: PaxRecords, key: string, otherwise: number): number {
  const text = records.get(key);
  if (text === undefined) return otherwise;
  if (!/^-?\d+(\.\d*)?$/.test(text)) throw new Error(`a pax record holds a ${key} that is no number`);
  return Number(text);
}

function sizeOf(text: string): number {
  const size = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(size)) throw new Error('a pax record holds a size that is none');
  return size;
}

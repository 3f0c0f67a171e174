/** What a tar header says of an entry; `path` of a folder ends with `/`. */
export interface TarHeader {
  path: string;
  type: 'file' | 'directory' | 'symlink';
  mode: number;
  /** Bytes of content that follow. */
  size: number;
  mtimeSeconds: number;
  linkTarget?: string;
}

export const TAR_BLOCK_BYTES = 512;
const TYPE_FLAGS = { file: '0', symlink: '2', directory: '5', pax: 'x' };
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
/** Eleven octal digits. */
const LARGEST_USTAR_NUMBER = 8 ** 11 - 1;

/** The header of one entry, 512 bytes (POSIX.1-1988 ustar), behind a pax header (POSIX.1-2001) where ustar's fields do not hold what must be said. */
export function renderTarHeader(header: TarHeader): Buffer {
  const name = splitPath(header.path);
  const records = paxRecords(header, name !== undefined);
  const own = renderUstar(header, TYPE_FLAGS[header.type], name ?? { name: header.path, prefix: '' });
  if (records.length === 0) return own;
  const pax = { ...header, size: records.length, mode: 0o644 };
  const padding = Buffer.alloc(paddingAfter(records.length));
  return Buffer.concat([renderUstar(pax, TYPE_FLAGS.pax, { name: 'pax_header', prefix: '' }), records, padding, own]);
}

export const paddingAfter = (size: number): number => (TAR_BLOCK_BYTES - (size % TAR_BLOCK_BYTES)) % TAR_BLOCK_BYTES;

const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text);

/** ustar holds 100 bytes of name and 155 of folders before it; `undefined` when the path does not fit or is not ASCII. */
function splitPath(path: string): { name: string; prefix: string } | undefined {
  if (!isAscii(path)) return undefined;
  if (path.length <= NAME_BYTES) return { name: path, prefix: '' };
  const cut = path.indexOf('/', path.length - NAME_BYTES - 1);
  if (cut <= 0 || cut > PREFIX_BYTES || cut === path.length - 1) return undefined;
  return { name: path.slice(cut + 1), prefix: path.slice(0, cut) };
}

function paxRecords(header: TarHeader, pathFits: boolean): Buffer {
  const { path, linkTarget, size } = header;
  const records: string[] = [];
  if (linkTarget !== undefined && (!isAscii(linkTarget) || linkTarget.length > NAME_BYTES)) records.push(paxRecord('linkpath', linkTarget));
  if (!pathFits) records.push(paxRecord('path', path));
  if (size > LARGEST_USTAR_NUMBER) records.push(paxRecord('size', String(size)));
  return Buffer.from(records.join(''));
}

/** `length key=value\n`, where the length counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes + String(bytes).length;
  if (bytes + String(length).length !== length) length = bytes + String(length).length;
  return `${length}${rest}`;
}

function renderUstar(header: TarHeader, typeFlag: string, { name, prefix }: { name: string; prefix: string }): Buffer {
  const block = Buffer.alloc(TAR_BLOCK_BYTES);
  const octal = (value: number, at: number, bytes: number): void => {
    block.write(value.toString(8).padStart(bytes - 1, '0'), at, 'latin1');
  };
  writeCut(block, name, 0, NAME_BYTES);
  octal(header.mode & 0o7777, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(Math.min(header.size, LARGEST_USTAR_NUMBER), 124, 12);
  octal(header.mtimeSeconds, 136, 12);
  block.write(typeFlag, 156, 'latin1');
  writeCut(block, typeFlag === TYPE_FLAGS.pax ? '' : (header.linkTarget ?? ''), 157, NAME_BYTES);
  block.write('ustar\x0000', 257, 'latin1');
  octal(0, 329, 8);
  octal(0, 337, 8);
  block.write(prefix, 345, 'latin1');
  block.write(checksum(block), 148, 'latin1');
  return block;
}

/** As much as fits; the pax header has the whole. */
function writeCut(block: Buffer, text: string, at: number, bytes: number): void {
  Buffer.from(text).copy(block, at, 0, bytes);
}

/** The sum of the header's bytes, its own field read as spaces: six octal digits, NUL, space. */
function checksum(block: Buffer): string {
  block.fill(0x20, 148, 156);
  let sum = 0;
  for (let at = 0; at < block.length; at += 1) sum += block[at]!;
  return `${sum.toString(8).padStart(6, '0')}\0 `;
}

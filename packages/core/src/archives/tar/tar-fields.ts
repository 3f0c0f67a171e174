/** The fields of one header block that matter when it is read. */
export interface TarFields {
  name: string;
  mode: number;
  size: number;
  mtimeSeconds: number;
  uid: number;
  gid: number;
  user: string;
  group: string;
  typeFlag: string;
  linkName: string;
}

/** Keys and values of pax records, as they are to be applied. */
export type PaxRecords = ReadonlyMap<string, string>;

const POSIX_MAGIC = 'ustar\0';
const GNU_MAGIC = 'ustar ';

/** Reads a header block (POSIX.1-1988 ustar, and GNU's variant of it); throws when it is none or its sum does not fit. */
export function readTarFields(block: Buffer): TarFields {
  requireSum(block);
  const magic = block.toString('latin1', 257, 263);
  if (magic !== POSIX_MAGIC && magic !== GNU_MAGIC) throw new Error('a header is of an unknown format');
  const prefix = magic === POSIX_MAGIC ? textField(block, 345, 155) : '';
  const name = textField(block, 0, 100);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    mode: numberField(block, 100, 8) & 0o7777,
    size: numberField(block, 124, 12),
    mtimeSeconds: signedField(block, 136, 12),
    uid: numberField(block, 108, 8),
    gid: numberField(block, 116, 8),
    user: textField(block, 265, 32),
    group: textField(block, 297, 32),
    typeFlag: block.toString('latin1', 156, 157),
    linkName: textField(block, 157, 100),
  };
}

export const isZeroBlock = (block: Buffer): boolean => block.every((byte) => byte === 0);

/** The sum of all bytes, its own field read as spaces; old programs added them as signed. */
function requireSum(block: Buffer): void {
  let unsigned = 8 * 0x20;
  let signed = 8 * 0x20;
  for (let at = 0; at < block.length; at += 1) {
    if (at === 148) at = 156;
    unsigned += block[at]!;
    signed += (block[at]! << 24) >> 24;
  }
  const said = numberField(block, 148, 8);
  if (said !== unsigned && said !== signed) throw new Error('the checksum of a header does not fit');
}

/** Up to the first NUL. */
function textField(block: Buffer, at: number, bytes: number): string {
  const end = block.indexOf(0, at);
  return block.toString('utf8', at, end < 0 || end > at + bytes ? at + bytes : end);
}

/** Octal digits behind spaces, up to a space or NUL; or GNU's binary form: the top bit of the first byte set, then big-endian. */
function numberField(block: Buffer, at: number, bytes: number): number {
  const field = block.subarray(at, at + bytes);
  if (field[0]! >= 0x80) return binaryNumber(field);
  const digits = /^ *([0-7]*)(?:[ \0].*)?$/s.exec(field.toString('latin1'))?.[1];
  if (digits === undefined) throw new Error('a header holds a number that is none');
  return digits === '' ? 0 : parseInt(digits, 8);
}

/** Times before 1970 have all bits of the first byte set in GNU's binary form. */
function signedField(block: Buffer, at: number, bytes: number): number {
  return block[at] === 0xff ? Number(BigInt.asIntN(8 * bytes, BigInt(`0x${block.toString('hex', at, at + bytes)}`))) : numberField(block, at, bytes);
}

function binaryNumber(field: Buffer): number {
  const value = BigInt(`0x${field.toString('hex')}`) - (0x80n << BigInt(8 * (field.length - 1)));
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Error('a header holds a number below zero or beyond all sizes');
  return Number(value);
}

/** `length key=value\n`, one after another (POSIX.1-2001 pax); a later record, and an empty value, replace an earlier one. */
export function readPaxRecords(data: Buffer, before: PaxRecords): PaxRecords {
  const records = new Map(before);
  for (let at = 0; at < data.length;) {
    const space = data.indexOf(0x20, at);
    const length = space < 0 ? NaN : Number(data.toString('latin1', at, space));
    const record = data.subarray(space + 1, at + length);
    const equals = record.indexOf(0x3d);
    if (!(length > space - at) || at + length > data.length || equals < 1 || record.at(-1) !== 0x0a) throw new Error('a pax record is malformed');
    const key = record.toString('utf8', 0, equals);
    const value = record.toString('utf8', equals + 1, record.length - 1);
    if (value === '') records.delete(key);
    else records.set(key, value);
    at += length;
  }
  return records;
}

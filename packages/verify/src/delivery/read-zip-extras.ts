/** What the extra field of one header says of its file. */
export interface ZipExtras {
  /** Numbers that do not fit into the header, as they stand (APPNOTE 4.5.3). */
  wide?: Buffer;
  /** The name in Unicode (APPNOTE 4.6.9). */
  unicodeName?: string;
}

const WIDE_EXTRA = 1;
const UNICODE_PATH_EXTRA = 0x7075;
const UNICODE_PATH_HEAD_BYTES = 5;

/** `name` is that of the header. Only a name that is not ASCII may be given in Unicode too: it can be written in a code page. */
export function readZipExtras(bytes: Buffer, name: string): ZipExtras | { fault: string } {
  const extras = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= bytes.length;) {
    const [id, length] = [bytes.readUInt16LE(at), bytes.readUInt16LE(at + 2)];
    const isRead = id === WIDE_EXTRA || id === UNICODE_PATH_EXTRA;
    if (isRead && extras.has(id)) return { fault: `\`${name}\` has the same extra field twice` };
    if (isRead) extras.set(id, bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  const wide = extras.get(WIDE_EXTRA);
  const unicodeName = extras.get(UNICODE_PATH_EXTRA)?.subarray(UNICODE_PATH_HEAD_BYTES).toString('utf8');
  if (unicodeName !== undefined && unicodeName !== name && /^[\x20-\x7e]*$/.test(name))
    return { fault: `\`${name}\` has a second name, \`${unicodeName}\`` };
  return { ...(wide && { wide }), ...(unicodeName !== undefined && { unicodeName }) };
}

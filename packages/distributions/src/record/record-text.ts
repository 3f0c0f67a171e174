/** A line of a RECORD file: path relative to the folder that holds the dist-info, `sha256=<urlsafe base64>`, size in bytes. */
export interface RecordLine {
  path: string;
  hash?: string;
  size?: number;
}

const FIELD = /("(?:[^"]|"")*"|[^,]*)(?:,|$)/y;

function fieldsOf(line: string): string[] {
  const fields: string[] = [];
  FIELD.lastIndex = 0;
  while (FIELD.lastIndex <= line.length && fields.length < 3) {
    const match = FIELD.exec(line);
    if (match === null) break;
    const [, field = ''] = match;
    fields.push(field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field);
    if (!match[0].endsWith(',')) break;
  }
  return fields;
}

/** Reads a RECORD (PEP 376, PEP 627): CSV of three fields, hash and size may be empty. Lines without a path are passed over. */
export function parseRecordText(text: string): RecordLine[] {
  return text.split(/\r\n|\n/).flatMap((line) => {
    const [path = '', hash = '', size = ''] = fieldsOf(line);
    if (path === '') return [];
    return [{ path, ...(hash === '' ? {} : { hash }), ...(/^\d+$/.test(size) ? { size: Number(size) } : {}) }];
  });
}

const quoted = (field: string): string => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);

/** Writes a RECORD, sorted bytewise by path. */
export function renderRecordText(lines: readonly RecordLine[]): string {
  const sorted = [...lines].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  return sorted.map(({ path, hash = '', size }) => `${quoted(path)},${hash},${size ?? ''}\n`).join('');
}

/** `sha256=…` as a RECORD has it, of a digest in hexadecimal. */
export function recordHash(sha256: string): string {
  return `sha256=${Buffer.from(sha256, 'hex').toString('base64url')}`;
}

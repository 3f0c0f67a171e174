import { readRecord } from './read-record';

/** A line of a RECORD file: path relative to the folder that holds the dist-info, `sha256=<urlsafe base64>`, size in bytes. */
export interface RecordLine {
  path: string;
  hash?: string;
  size?: number;
}

/** The rows of a RECORD (PEP 376, PEP 627), hash and size absent where they are empty; what is no row is passed over: `readRecord` tells it. */
export function parseRecordText(text: string): RecordLine[] {
  return readRecord(text).rows.map(({ path, hash, size }) => ({
    path,
    ...(hash === '' ? {} : { hash }),
    ...(/^\d+$/.test(size) ? { size: Number(size) } : {}),
  }));
}

const quoted = (field: string): string => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);

/** Writes a RECORD, sorted bytewise by path. */
export function renderRecordText(lines: readonly RecordLine[]): string {
  const sorted = [...lines].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  return sorted.map(({ path, hash = '', size }) => `${quoted(path)},${hash},${size ?? ''}\n`).join('');
}

/** `sha256=…` of a digest in hexadecimal, as a RECORD has it; of another algorithm when that is named. */
export function recordHash(digest: string, algorithm = 'sha256'): string {
  return `${algorithm}=${Buffer.from(digest, 'hex').toString('base64url')}`;
}

import { archiveErrors } from '../../errors/archive-errors';
import type { WaybillError } from '../../errors/waybill-error';
import type { ArchiveEntry } from '../archive-entry';

type FileEntry = Extract<ArchiveEntry, { kind: 'file' }>;

/** Hands the entries on, in their order; refuses names that no archive should hold and paths that come twice. */
export async function* checkedEntries(entries: AsyncIterable<ArchiveEntry> | Iterable<ArchiveEntry>): AsyncGenerator<ArchiveEntry> {
  const seen = new Set<string>();
  for await (const entry of entries) {
    const reason = seen.has(entry.path) ? 'comes twice' : reasonAgainst(entry);
    if (reason !== undefined) throw archiveErrors.error('ARCHIVE_ENTRY_NAME', { path: entry.path, reason });
    seen.add(entry.path);
    yield entry;
  }
}

function reasonAgainst(entry: ArchiveEntry): string | undefined {
  const { path } = entry;
  if (path === '') return 'has no name';
  if (path.includes('\0')) return 'holds a NUL character';
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'is an absolute path';
  if (path.includes('\\')) return 'holds a backslash, which Windows reads as a folder';
  if (/\p{Cs}/u.test(path)) return 'is no valid Unicode text';
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) return 'holds an empty part, `.` or `..`';
  if (entry.kind === 'symlink' && (entry.linkTarget === '' || entry.linkTarget.includes('\0'))) return 'is a link to nothing';
  return undefined;
}

/** The content of a file, exactly `size` bytes of it; without a promise for each piece where the entry gives its bytes without one. */
export function checkedContent(entry: FileEntry): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  const source = opened(entry);
  return Symbol.iterator in source ? checkedNow(entry, source) : checkedLater(entry, source);
}

function opened({ path, open }: FileEntry): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  try {
    return open();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function* checkedNow({ path, size }: FileEntry, source: Iterable<Uint8Array>): Generator<Uint8Array> {
  let read = 0;
  try {
    for (const chunk of source) {
      read += chunk.length;
      if (read > size) break;
      yield chunk;
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
  if (read !== size) throw wrongSize(path, size, read);
}

async function* checkedLater({ path, size }: FileEntry, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let read = 0;
  try {
    for await (const chunk of source) {
      read += chunk.length;
      if (read > size) break;
      yield chunk;
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
  if (read !== size) throw wrongSize(path, size, read);
}

function unreadable(path: string, cause: unknown): WaybillError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return archiveErrors.error('ARCHIVE_ENTRY_READ', { path, reason }, { cause });
}

const wrongSize = (path: string, expected: number, actual: number): WaybillError =>
  archiveErrors.error('ARCHIVE_ENTRY_SIZE', { path, expected, actual });

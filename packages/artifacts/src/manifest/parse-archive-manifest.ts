import { ARCHIVE_MANIFEST_SCHEMA, type ArchiveManifest, type ArchiveManifestEntry } from '../archive-manifest';
import type { Origin } from '../errors/artifacts-errors';
import { compareBytewise } from '../record/compare-bytewise';
import { FieldReader, join, pathFault } from '../record/field-reader';
import { checkSchema } from '../record/parse-record';
import { readJson } from '../record/read-json';
import { readFileOrLink, readMode, refuseDuplicates } from './parse-manifest';

/** Reads the manifest that lies beside an archive, whoever wrote it: a manifest or a typed error (`RECORD_…`). Entries come sorted by path. */
export function parseArchiveManifest(text: string, origin: Origin = {}): ArchiveManifest {
  const read = new FieldReader({ what: 'manifest', ...origin });
  const value = readJson(text, read.origin);
  checkSchema(value, ARCHIVE_MANIFEST_SCHEMA, read);
  const fields = read.object(value, '', ['schema', 'archive', 'size', 'sha256', 'entries']);
  const entries = read.array(fields['entries'], 'entries').map((item, index) => readEntry(item, join('entries', index), read));
  refuseDuplicates(entries, read.origin);
  return {
    schema: ARCHIVE_MANIFEST_SCHEMA,
    archive: read.text(fields['archive'], 'archive'),
    size: read.integer(fields['size'], 'size'),
    sha256: read.sha256(fields['sha256'], 'sha256'),
    entries: entries.sort((one, other) => compareBytewise(one.path, other.path)),
  };
}

/** Canonical text: fixed key order, entries sorted by path, two spaces, LF. What `parseArchiveManifest` would refuse is refused here. */
export function renderArchiveManifest(manifest: ArchiveManifest): string {
  return `${JSON.stringify(parseArchiveManifest(JSON.stringify(manifest)), null, 2)}\n`;
}

function readEntry(value: unknown, field: string, read: FieldReader): ArchiveManifestEntry {
  if ((value as { type?: unknown } | null)?.type !== 'directory') return readFileOrLink(value, field, read, entryFault);
  const fields = read.object(value, field, ['path', 'type', 'mode']);
  return {
    path: read.path(fields['path'], join(field, 'path'), entryFault),
    type: 'directory',
    mode: readMode(fields['mode'], join(field, 'mode'), read),
  };
}

/** Control characters are no harm here, where nothing is followed: macOS calls a file `Icon\r`. */
const entryFault = (path: string): string | undefined =>
  path.includes('\0') ? 'it holds a NUL character' : pathFault(path.replace(/\p{Cc}/gu, '_'));

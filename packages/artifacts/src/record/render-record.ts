import { RECORD_SCHEMA, type ArtifactRecord } from '../artifact-record';
import { parseRecord } from './parse-record';

/**
 * Canonical text of a record: fixed key order, artifacts sorted by name, keys of facts sorted, two spaces, LF. Equal records give equal
 * bytes, and what `parseRecord` would refuse is refused here.
 */
export function renderRecord(record: ArtifactRecord): string {
  const { schema, project, target, stage, version, sourceDateEpoch, artifacts, facts } = parseRecord(JSON.stringify(record));
  const ordered = { schema, project, target, stage, version, sourceDateEpoch, artifacts, facts };
  return `${JSON.stringify(ordered, null, 2)}\n`;
}

/** A record in canonical form, as reading its text would give it. */
export function makeRecord(record: Omit<ArtifactRecord, 'schema'>): ArtifactRecord {
  return parseRecord(JSON.stringify({ schema: RECORD_SCHEMA, ...record }));
}

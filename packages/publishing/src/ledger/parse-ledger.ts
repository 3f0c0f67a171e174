import { jsonOf } from '@waybill/core';
import { publishingErrors } from '../errors/publishing-errors';
import { LEDGER_SCHEMA, type Ledger, type LedgerHeader, type LedgerRecord } from './ledger-record';

const KNOWN: ReadonlySet<string> = new Set(['plan', 'intent', 'done', 'failed', 'attested', 'verified', 'tried-out', 'finalised', 'taken-back']);

/** Text of one record, with the time it was made. */
export const renderRecordLine = (record: LedgerHeader | LedgerRecord, nowMs: number): string =>
  JSON.stringify({ ...record, at: new Date(nowMs).toISOString() });

/**
 * Reads a ledger. A last line without its line feed was cut by the end of a run and does not count; anything else that is no record is
 * `PUBLISH_LEDGER_DAMAGED`. `undefined` when nothing whole stands there.
 */
export function parseLedger(text: string, place: string): Ledger | undefined {
  const lines = text.split('\n').slice(0, -1);
  if (lines.length === 0) return undefined;
  const [first, ...rest] = lines.map((line, index) => readLine(line, index + 1, place));
  const header = first as Partial<LedgerHeader>;
  if (header.record !== 'header' || header.schema !== LEDGER_SCHEMA || typeof header.plan !== 'string' || typeof header.tool !== 'string') {
    throw publishingErrors.error('PUBLISH_LEDGER_DAMAGED', { place, line: 1 });
  }
  rest.forEach(({ record }, index) => {
    if (!KNOWN.has(record)) throw publishingErrors.error('PUBLISH_LEDGER_DAMAGED', { place, line: index + 2 });
  });
  return { header: header as LedgerHeader, records: rest as unknown as readonly LedgerRecord[] };
}

function readLine(line: string, number: number, place: string): { record: string } {
  const value = jsonOf(line);
  if (typeof value === 'object' && value !== null && typeof (value as { record?: unknown }).record === 'string') return value as { record: string };
  throw publishingErrors.error('PUBLISH_LEDGER_DAMAGED', { place, line: number });
}

/** Whether a file with these bytes has such a record. */
export const hasRecord = (ledger: Ledger | undefined, kind: 'done' | 'attested' | 'verified', file: { name: string; sha256: string }): boolean =>
  ledger?.records.some((record) => record.record === kind && record.name === file.name && record.sha256 === file.sha256) ?? false;

/** When the destination confirmed these bytes last. */
export const doneAt = (ledger: Ledger | undefined, file: { name: string; sha256: string }): string | undefined =>
  ledger?.records.findLast((record) => record.record === 'done' && record.name === file.name && record.sha256 === file.sha256)?.at;

/** It was taken back, and nothing was published since: nothing will be. */
export const wasTakenBack = (ledger: Ledger | undefined): boolean => ledger?.records.some(({ record }) => record === 'taken-back') ?? false;

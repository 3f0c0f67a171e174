import type { TakenBack } from '../destination';
import type { PlanRow } from '../plan/publish-plan';

export const LEDGER_SCHEMA = 'waybill/ledger/1';

/** First line: what the ledger is bound to. */
export interface LedgerHeader {
  record: 'header';
  schema: typeof LEDGER_SCHEMA;
  /** Digest of the plan. */
  plan: string;
  /** Version of Waybill that began it. */
  tool: string;
}

interface OfFile {
  name: string;
  sha256: string;
}

/** A line of a ledger. Each is on the disk before the next step is made. */
export type LedgerRecord =
  | { record: 'plan'; files: readonly (OfFile & { size: number; state: PlanRow['state'] })[] }
  /** An upload is about to begin. Without a `done` behind it nobody knows whether it ended. */
  | ({ record: 'intent' } & OfFile)
  /** The destination has it: `stored` by an upload of ours that it confirmed, `found` there. */
  | ({ record: 'done'; how: 'stored' | 'found' } & OfFile)
  | ({ record: 'failed'; reason: string } & OfFile)
  /** An attestation was sent with it. */
  | ({ record: 'attested' } & OfFile)
  /** Downloaded again, with the same digest. */
  | ({ record: 'verified' } & OfFile)
  /** Used as users do, or found to be for other machines. */
  | { record: 'tried-out'; line: string }
  | { record: 'finalised'; lines: readonly string[] }
  | { record: 'taken-back'; outcome: TakenBack['outcome'] };

/** A ledger as a value. */
export interface Ledger {
  header: LedgerHeader;
  /** `at`: when, as ISO 8601. */
  records: readonly (LedgerRecord & { at?: string })[];
}

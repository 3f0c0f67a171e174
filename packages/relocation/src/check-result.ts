import type { Finding } from '@waybill/core';
import type { BundleFacts } from './bundle-facts';
import type { CheckId } from './check-table';
import type { RelocationPolicy } from './relocation-policy';

export type EvidenceValue = string | number | boolean | null | readonly EvidenceValue[] | { readonly [key: string]: EvidenceValue | undefined };

/** Numbers and names that show what was looked at: plain JSON. */
export interface Evidence {
  readonly [key: string]: EvidenceValue | undefined;
}

/** Outcome of one check. `failed` when any finding is an error; `skipped` has a reason. */
export interface CheckResult {
  check: CheckId;
  status: 'passed' | 'failed' | 'skipped';
  reason?: string;
  findings: Finding[];
  evidence: Evidence;
}

/** What a check function gives: it never decides about permits or status. */
export interface CheckOutcome {
  findings: Finding[];
  evidence: Evidence;
  /** Set when the check does not apply to this bundle. */
  skipped?: string;
}

export type StaticCheck = (facts: BundleFacts, policy: RelocationPolicy) => CheckOutcome;

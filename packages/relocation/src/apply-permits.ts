import type { Finding } from '@waybill/core';
import type { CheckId } from './check-table';
import type { Permit } from './relocation-policy';

/**
 * Findings of one check after the permits of that check: what matches becomes level info with the reason; a permit that matches nothing is an error finding of its own (a stale permit).
 * Used for the dynamic checks too.
 */
export function applyPermits(_check: CheckId, _findings: readonly Finding[], _allow: readonly Permit[]): Finding[] {
  throw new Error('not yet');
}

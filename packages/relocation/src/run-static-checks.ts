import type { BundleFacts } from './bundle-facts';
import type { CheckResult } from './check-result';
import type { RelocationPolicy } from './relocation-policy';

/** The static checks 1–11 in order of their numbers. Pure: the same facts and policy give the same results. */
export function runStaticChecks(_facts: BundleFacts, _policy: RelocationPolicy): CheckResult[] {
  throw new Error('not yet');
}

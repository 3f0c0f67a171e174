import { isolationClassOf, TIERS, type IsolationClass, type Tier } from '@waybill/relocation';

export { reaches, TIERS, type IsolationClass, type Tier } from '@waybill/relocation';

/**
 * Tiers to try, best first. Renaming the original aside is never chosen unasked: it takes the interpreter away from everybody else on the
 * machine for the time of the proof.
 */
export function tiersFor(isolation: 'strongest' | IsolationClass): readonly Tier[] {
  if (isolation === 'strongest') return TIERS.filter((tier) => tier !== 'rename');
  return isolation === 'namespace' ? TIERS.filter((tier) => isolationClassOf(tier) === 'namespace') : [isolation];
}

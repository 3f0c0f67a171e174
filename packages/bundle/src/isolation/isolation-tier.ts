/** How a run is kept from the building machine, strongest first. */
export const TIERS = ['root-namespace', 'user-namespace', 'bubblewrap', 'proot', 'rename', 'copy'] as const;
export type Tier = (typeof TIERS)[number];

/** What users ask for (`isolation`, `minIsolation`). */
export type IsolationClass = 'namespace' | 'rename' | 'copy';

const CLASS_OF: Readonly<Record<Tier, IsolationClass>> = {
  'root-namespace': 'namespace',
  'user-namespace': 'namespace',
  bubblewrap: 'namespace',
  // A root of our own too, but kept by ptrace: a static program with its own system calls is not held by it as surely.
  proot: 'rename',
  rename: 'rename',
  copy: 'copy',
};

const ORDER: readonly IsolationClass[] = ['copy', 'rename', 'namespace'];

/** Is what was reached at least what was asked for. */
export const reaches = (tier: Tier, minimum: IsolationClass): boolean => ORDER.indexOf(CLASS_OF[tier]) >= ORDER.indexOf(minimum);

/**
 * Tiers to try, best first. Renaming the original aside is never chosen unasked: it takes the interpreter away from everybody else on the
 * machine for the time of the proof.
 */
export function tiersFor(isolation: 'strongest' | IsolationClass): readonly Tier[] {
  if (isolation === 'strongest') return TIERS.filter((tier) => tier !== 'rename');
  return isolation === 'namespace' ? TIERS.filter((tier) => CLASS_OF[tier] === 'namespace') : [isolation];
}

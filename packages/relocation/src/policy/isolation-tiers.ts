/** How a run is kept from the building machine, strongest first; as proofs record it. */
export const TIERS = ['root-namespace', 'user-namespace', 'bubblewrap', 'proot', 'rename', 'copy'] as const;
export type Tier = (typeof TIERS)[number];

/** What users ask for (`isolation`, `minIsolation`), weakest first. */
export const ISOLATION_CLASSES = ['copy', 'rename', 'namespace'] as const;
export type IsolationClass = (typeof ISOLATION_CLASSES)[number];

const CLASS_OF: Readonly<Record<Tier, IsolationClass>> = {
  'root-namespace': 'namespace',
  'user-namespace': 'namespace',
  bubblewrap: 'namespace',
  // A root of our own too, but kept by ptrace: a static program with its own system calls is not held by it as surely.
  proot: 'rename',
  rename: 'rename',
  copy: 'copy',
};

export const isolationClassOf = (tier: Tier): IsolationClass => CLASS_OF[tier];

/** Is what was reached at least what was asked for; a tier that is not known, as a record may name one, counts for nothing. */
export function reaches(tier: string, minimum: IsolationClass): boolean {
  const found = TIERS.find((known) => known === tier);
  return found !== undefined && ISOLATION_CLASSES.indexOf(CLASS_OF[found]) >= ISOLATION_CLASSES.indexOf(minimum);
}

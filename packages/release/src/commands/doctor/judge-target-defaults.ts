import type { Finding } from '@waybill/core';
import { hiddenKeys } from '@waybill/plugin-kit/generators';

/** Entries of `targetDefaults` by the name of a target, that Nx passes over because our executor has one. */
export function judgeTargetDefaults(targetDefaults: unknown): readonly Finding[] {
  if (typeof targetDefaults !== 'object' || targetDefaults === null || Array.isArray(targetDefaults)) return [];
  const defaults = targetDefaults as Record<string, unknown>;
  return hiddenKeys(defaults)
    .filter(({ executor }) => defaults[executor] !== undefined)
    .map(({ key, executor }) => ({
      check: 'hidden-default',
      level: 'warning',
      path: 'nx.json',
      message: `\`targetDefaults["${key}"]\` does not reach targets of \`${executor}\`: Nx takes the entry of the executor alone`,
      fix: `move what it says to \`targetDefaults["${executor}"]\`, or onto the targets`,
    }));
}

import type { Finding } from '@waybill/core';
import { reaches, type HidingProof, type IsolationClass, type Tier } from '../isolation';

/** Isolation below what was asked for, and hidden places that could be reached, are errors of check 12. */
export function judgeIsolation(
  tier: Tier | undefined,
  minimum: IsolationClass,
  hiding: HidingProof | undefined,
  refused: readonly { tier: Tier; reason: string }[],
): Finding[] {
  const tried = refused.map(({ tier: name, reason }) => `${name}: ${reason}`).join('; ');
  if (tier === undefined || !reaches(tier, minimum)) {
    const fix =
      'run as root, allow user namespaces (`sysctl kernel.apparmor_restrict_unprivileged_userns=0`), or install bubblewrap; or lower `minIsolation`';
    return [
      {
        check: 'moved-copy',
        level: 'error',
        message: `the bundle could not be isolated as \`minIsolation\` asks for (${tried || 'nothing else was tried'})`,
        expected: minimum,
        actual: tier ?? 'none',
        fix,
      },
    ];
  }
  if (tier === 'copy' || tier === 'rename') return [];
  return (hiding?.reached ?? []).map(({ place, file }): Finding => ({
    check: 'moved-copy',
    level: 'error',
    message: `\`${place.path}\` (${place.why}) is hidden, and \`${file}\` in it can be read all the same`,
    expected: 'out of reach',
    actual: 'readable inside',
    fix: 'this is a fault of Waybill: report it with `report.json`',
  }));
}

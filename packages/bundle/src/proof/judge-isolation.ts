import type { Finding } from '@waybill/core';
import { reaches, type Canary, type HiddenPlace, type HidingProof, type IsolationClass, type Tier } from '../isolation';

/** Isolation below what was asked for, and hidden places that could be reached, are errors of check 12 that no permit applies to. */
export function judgeIsolation(
  tier: Tier | undefined,
  minimum: IsolationClass,
  hiding: HidingProof | undefined,
  refused: readonly { tier: Tier; reason: string }[],
): Finding[] {
  const tried = refused.map(({ tier: name, reason }) => `${name}: ${reason}`).join('; ');
  if (tier === undefined || !reaches(tier, minimum)) {
    const fix =
      'run as root, or let ordinary users make namespaces (Ubuntu: `sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`; in a container: `--privileged`), or install bubblewrap; or lower `minIsolation`';
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
  const reached = (hiding?.reached ?? []).flatMap((canary) => judgeReached(tier, canary));
  return [...reached, ...(hiding?.empty ?? []).map(unproved)];
}

/** Copies hide nothing, and say so by their tier; renaming hides what was asked for and where Pythons were installed. */
function judgeReached(tier: Tier, { place, file }: Canary): Finding[] {
  if (tier === 'copy' || (tier === 'rename' && place.why !== 'asked for' && place.why !== 'prefix')) return [];
  const renamed = tier === 'rename';
  return [
    {
      check: 'moved-copy',
      level: renamed && place.why === 'prefix' ? 'warning' : 'error',
      message: `\`${place.path}\` (${place.why}) is hidden, and \`${file}\` in it can be read all the same`,
      expected: 'out of reach',
      actual: 'readable inside',
      fix: renamed
        ? 'the proof itself stands in it, or its Node: use `isolation: namespace`, or move them'
        : 'this is a fault of Waybill: report it with `report.json`',
    },
  ];
}

/** Nothing of it could be looked for. */
const unproved = ({ path, why }: HiddenPlace): Finding => ({
  check: 'moved-copy',
  level: 'info',
  message: `\`${path}\` (${why}) is hidden; it holds no file that could be read, so nothing was looked for there`,
});

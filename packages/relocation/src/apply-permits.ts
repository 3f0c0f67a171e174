import type { Finding } from '@waybill/core';
import type { CheckId } from './check-table';
import { matchGlob } from './match-glob';
import type { Permit } from './relocation-policy';

/**
 * Findings of one check after the permits of that check: what matches becomes level info with the reason; a permit that matches nothing is an error finding of its own (a stale permit
 * hides the next fault), and so is one without a reason. Used for the dynamic checks too. A finding without a path is matched by `**` alone.
 */
export function applyPermits(check: CheckId, findings: readonly Finding[], allow: readonly Permit[]): Finding[] {
  const permits = allow.filter((permit) => permit.check === check);
  const usable = permits.filter(({ reason }) => reason.trim() !== '');
  const used = new Set<Permit>();
  const judged = findings.map((finding) => {
    const permit = finding.level === 'info' ? undefined : usable.find(({ path }) => matchGlob(path, finding.path ?? ''));
    if (!permit) return finding;
    used.add(permit);
    for (const other of usable) if (matchGlob(other.path, finding.path ?? '')) used.add(other);
    return { ...finding, level: 'info' as const, message: `${finding.message} (allowed: ${permit.reason})` };
  });
  return [...judged, ...permits.filter((permit) => !used.has(permit)).map((permit) => stalePermit(check, permit))];
}

function stalePermit(check: CheckId, permit: Permit): Finding {
  const unreasoned = permit.reason.trim() === '';
  return {
    check,
    level: 'error',
    message: unreasoned ? `The permit for \`${permit.path}\` gives no reason` : `The permit for \`${permit.path}\` matches no finding`,
    ...(unreasoned ? {} : { expected: `a finding of \`${check}\` at \`${permit.path}\``, actual: 'none' }),
    fix: unreasoned ? 'say in `allow[].reason` why the finding is accepted' : 'remove the entry from `allow`, or correct its `path`',
  };
}

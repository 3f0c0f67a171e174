import { findingLines } from '@waybill/core';
import { CHECKS } from '@waybill/relocation';
import type { Proof, TimedCheckResult } from '../ground/proof-request';

/** One line for one check. */
export function checkLine({ check, status, seconds, reason, findings }: TimedCheckResult): string {
  const number = CHECKS.find(({ id }) => id === check)?.number ?? 0;
  const counts = findings.filter(({ level }) => level !== 'info').length;
  const more = reason !== undefined ? `  ${reason}` : counts > 0 ? `  ${counts} finding${counts === 1 ? '' : 's'}` : '';
  return `${String(number).padStart(2)} ${check.padEnd(20)} ${status.padEnd(8)} ${seconds.toFixed(2).padStart(6)} s${more}`;
}

/** The findings that count, as text. */
export const shownFindings = (proof: Proof): string[] =>
  findingLines(
    proof.findings.filter(({ level }) => level !== 'info'),
    'all with `--json`',
  );

/** The last line: the verdict. */
export function verdictLine(proof: Proof): string {
  const run = proof.checks.filter(({ status }) => status !== 'skipped').length;
  const skipped = proof.checks.length - run;
  const isolation = proof.isolation.tier ?? 'nothing was run';
  const host = proof.fromHost.length === 0 ? '' : `, ${proof.fromHost.length} libraries taken from the host`;
  return `${proof.verdict}: ${run} checks run, ${skipped} skipped, isolation ${isolation}${host}, ${proof.seconds.toFixed(1)} s`;
}

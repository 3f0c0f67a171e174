import type { Finding } from '@waybill/core';
import { CHECKS } from '@waybill/relocation';
import type { Proof, TimedCheckResult } from './proof-request';

/** One line for one check. */
export function checkLine({ check, status, seconds, reason, findings }: TimedCheckResult): string {
  const number = CHECKS.find(({ id }) => id === check)?.number ?? 0;
  const counts = findings.filter(({ level }) => level !== 'info').length;
  const more = reason !== undefined ? `  ${reason}` : counts > 0 ? `  ${counts} finding${counts === 1 ? '' : 's'}` : '';
  return `${String(number).padStart(2)} ${check.padEnd(20)} ${status.padEnd(8)} ${seconds.toFixed(2).padStart(6)} s${more}`;
}

/** A finding as text: what, where, expected and actual on lines of their own, then the fix. */
function findingLines({ check, level, path, message, expected, actual, fix }: Finding): string[] {
  return [
    `${level} ${check}${path === undefined || path === '' ? '' : ` ${path}`}: ${message}`,
    ...(expected === undefined ? [] : [`  expected ${expected}`]),
    ...(actual === undefined ? [] : [`  actual   ${actual}`]),
    ...(fix === undefined ? [] : [`  fix: ${fix}`]),
  ];
}

/** The findings that count, as text. */
export const shownFindings = (proof: Proof): string[] => proof.findings.filter(({ level }) => level !== 'info').flatMap(findingLines);

/** The last line: the verdict. */
export function verdictLine(proof: Proof): string {
  const run = proof.checks.filter(({ status }) => status !== 'skipped').length;
  const skipped = proof.checks.length - run;
  const isolation = proof.isolation.tier ?? 'nothing was run';
  return `${proof.verdict}: ${run} checks run, ${skipped} skipped, isolation ${isolation}, ${proof.seconds.toFixed(1)} s`;
}

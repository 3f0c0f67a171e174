import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './prepare-repository.mjs';

/** docs/full-test.md: what the last full run counted. No time of day, no host. */
export function writeFullReport(results, what) {
  writeFileSync(join(ROOT, 'docs/full-test.md'), renderFullReport(results, what));
}

/** @param {{long?: boolean, only?: string[]}} [what] what was left out of the run: it is told, and counts as not run */
export function renderFullReport(results, { long = false, only } = {}) {
  const row = ({ name, passed, failed, skipped, seconds }) => `| ${name} | ${passed} | ${failed} | ${skipped} | ${Math.round(seconds)} |`;
  const rows = results.flatMap(({ parts = [], ...result }) => [row(result), ...parts.map(row)]);
  const skips = results.flatMap((result) => result.skips).map((test) => `- ${test}`);
  const parts = only === undefined ? '' : ` Of these only: ${only.join(', ')}.`;
  return [
    '<!-- written by npm run test:full -->',
    '',
    '# The last full run',
    '',
    ...(long ? [`Not a whole run: the files that have long runs, alone.${parts}`, ''] : []),
    `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${cpus().length} cores.`,
    '',
    '| part | passed | failed | skipped | seconds |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    ...(skips.length ? ['Skipped:', '', ...skips, ''] : []),
  ].join('\n');
}

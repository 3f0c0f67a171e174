import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './prepare-repository.mjs';

/** docs/full-test.md: what the last full run counted. No time of day, no host. */
export function writeFullReport(results) {
  const rows = results.map(
    ({ name, passed, failed, skipped, seconds }) => `| ${name} | ${passed} | ${failed} | ${skipped} | ${Math.round(seconds)} |`,
  );
  const skips = results.flatMap((result) => result.skips).map((test) => `- ${test}`);
  const text = [
    '<!-- written by npm run test:full -->',
    '',
    '# The last full run',
    '',
    `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${cpus().length} cores.`,
    '',
    '| part | passed | failed | skipped | seconds |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    ...(skips.length ? ['Skipped:', '', ...skips, ''] : []),
  ].join('\n');
  writeFileSync(join(ROOT, 'docs/full-test.md'), text);
}

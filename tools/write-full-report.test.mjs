import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { getFileInfo } from 'prettier';
import { ROOT } from './prepare-repository.mjs';
import { renderFullReport } from './write-full-report.mjs';

test('what a full run writes is no fault of format in the next run', async () => {
  const { ignored } = await getFileInfo(join(ROOT, 'docs/full-test.md'), { ignorePath: join(ROOT, '.prettierignore') });
  assert.equal(ignored, true);
});

test('a run of the long runs alone is not told as a whole one', () => {
  const fuzz = { name: 'packages/x/fuzz.spec.ts', passed: 2, failed: 1, skipped: 0, seconds: 61.4 };
  const results = [{ name: 'unit and contract', passed: 2, failed: 1, skipped: 0, skips: [], parts: [fuzz], seconds: 70 }];
  const text = renderFullReport(results, { long: true, only: ['unit'] });
  assert.match(text, /Not a whole run: .* Of these only: unit\./);
  assert.match(text, /^\| packages\/x\/fuzz\.spec\.ts \| 2 \| 1 \| 0 \| 61 \|$/m);
  assert.doesNotMatch(renderFullReport(results), /Not a whole run/);
});

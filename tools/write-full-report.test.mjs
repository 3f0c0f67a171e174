import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { getFileInfo } from 'prettier';
import { ROOT } from './prepare-repository.mjs';

test('what a full run writes is no fault of format in the next run', async () => {
  const { ignored } = await getFileInfo(join(ROOT, 'docs/full-test.md'), { ignorePath: join(ROOT, '.prettierignore') });
  assert.equal(ignored, true);
});

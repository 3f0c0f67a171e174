import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import test from 'node:test';
import { ROOT } from './prepare-repository.mjs';

const readJson = (path) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));

test('the committed examples name every package, so that their installation changes no file of git', () => {
  const packages = readdirSync(join(ROOT, 'packages'))
    .map((folder) => readJson(`packages/${folder}/package.json`))
    .map(({ name, version }) => [name, `file:.packed/${name.replace('@', '').replace('/', '-')}-${version}.tgz`]);
  const named = Object.entries(readJson('examples/package.json').devDependencies).filter(([name]) => name.startsWith('@waybill/'));
  assert.deepEqual(Object.fromEntries(named), Object.fromEntries(packages));
});

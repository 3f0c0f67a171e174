import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LARGEST_KB, judgePacked } from './judge-packed.mjs';
import { ROOT } from './prepare-repository.mjs';

const JSON_FILES = {
  'package.json': {
    executors: './executors.json',
    generators: './generators.json',
    'nx-migrations': { migrations: './migrations.json' },
    bin: { tool: './dist/commands/main.js' },
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
  },
  'executors.json': { executors: { go: { implementation: './dist/go/executor', schema: './dist/go/schema.json' } } },
  'generators.json': { generators: { make: { factory: './dist/make/generator', schema: './dist/make/schema.json' } } },
  'migrations.json': { generators: { 'move-on': { implementation: './dist/migrations/move-on' } } },
};
const FILES = [
  ...Object.keys(JSON_FILES),
  ...['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts', 'dist/commands/main.js', 'dist/migrations/move-on.js'],
  ...['dist/go/executor.js', 'dist/go/schema.json', 'dist/make/generator.js', 'dist/make/schema.json'],
];
const judge = (files, tarballBytes = 1000, name = 'signing') => judgePacked(name, { files, tarballBytes, readJson: (path) => JSON_FILES[path] });

test('a whole package has no fault', () => assert.deepEqual(judge(FILES), []));

for (const file of FILES.filter((one) => one !== 'package.json')) {
  test(`a package without ${file}`, () => {
    const [fault] = judge(FILES.filter((one) => one !== file));
    assert.ok(fault.startsWith(`missing: ${file}`), fault);
  });
}

for (const file of [
  ...['src/index.ts', 'dist/go/go.spec.js', 'dist/go/go.spec.d.ts', 'dist/index.js.map', 'dist/build.tsbuildinfo', 'project.json'],
  ...['dist/testing/fake.js', 'dist/index.ts', 'dist/note.md', 'dist/native/x.c', 'dist/inside/x.py', '.env', 'tsconfig.json'],
]) {
  test(`a package with ${file}`, () => assert.deepEqual(judge([...FILES, file]), [`too much: ${file}`]));
}

test('what one package has beside its code, another has not', () => {
  assert.deepEqual(judge([...FILES, 'dist/native/x.c'], 1000, 'launcher'), []);
});

test('a package that grew', () => {
  assert.deepEqual(judge(FILES, LARGEST_KB.signing * 1000), []);
  assert.deepEqual(judge(FILES, LARGEST_KB.signing * 1000 + 1), [`too large: ${LARGEST_KB.signing + 1} kB, at most ${LARGEST_KB.signing} kB`]);
  assert.deepEqual(judge(FILES, 1, 'new'), ['no size is set for this package']);
});

test('every package has its size', () => {
  assert.deepEqual(Object.keys(LARGEST_KB).sort(), readdirSync(join(ROOT, 'packages')).sort());
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import ts from 'typescript';
import { readReExports, renderLazyIndex } from './lazy-indexes.mjs';

const compile = (source) =>
  ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 } }).outputText;

const INDEX = `/** What it is for. */
import './effect';
export * from './all';
export { one, two as second } from './some';
export type { Nothing } from './types';
`;
const FOUND = {
  effects: ['./effect'],
  stars: ['./all'],
  names: [
    ['second', './some', 'two'],
    ['one', './some', 'one'],
  ],
};

describe('indexes whose modules are loaded by need', () => {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-lazy-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('reads what tsc wrote, and what it wrote itself', () => {
    const found = readReExports(compile(INDEX));
    assert.deepEqual({ ...found, names: [...found.names].sort() }, { ...FOUND, names: [...FOUND.names].sort() });
    assert.deepEqual(readReExports(renderLazyIndex(FOUND, () => ['a'])), FOUND);
  });

  for (const code of [`${INDEX}export const three = 3;`, `${INDEX}console.log(1);`, `import { one } from './some'; one();`, 'export {};']) {
    test(`leaves code alone: ${code.split('\n').at(-1)}`, () => assert.equal(readReExports(compile(code)), undefined));
  }

  test('gives every name, loads a module at its first use, keeps its value, and runs effects at once', () => {
    const log = join(folder, 'log.js');
    writeFileSync(log, 'module.exports = [];');
    const module = (name, text) => writeFileSync(join(folder, `${name}.js`), `require('./log.js').push('${name}');\n${text}`);
    module('effect', '');
    module('all', 'exports.a = {}; exports.one = 0;');
    module('some', 'exports.one = 1; exports.two = 2;');
    writeFileSync(
      join(folder, 'index.js'),
      renderLazyIndex(FOUND, () => ['a', 'one']),
    );
    const require = createRequire(join(folder, 'index.js'));
    const loaded = require('./log.js');
    const index = require('./index.js');
    assert.deepEqual(Object.keys(index).sort(), ['a', 'one', 'second']);
    assert.deepEqual(loaded, ['effect']);
    assert.equal(index.one, 1);
    assert.deepEqual(loaded, ['effect', 'some']);
    assert.equal(index.a, index.a);
    assert.equal(index.second, 2);
    assert.deepEqual(loaded, ['effect', 'some', 'all']);
  });

  test('its names are seen by ECMAScript modules', async () => {
    const { one, second } = await import(join(folder, 'index.js'));
    assert.deepEqual([one, second], [1, 2]);
  });
});

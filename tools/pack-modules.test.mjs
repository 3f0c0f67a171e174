import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { groupModules, modulesLoadedBy, readPacked, renderPack, renderPlace, toAscii } from './pack-modules.mjs';

const require = createRequire(import.meta.url);

/** What tsc writes, in short. `a` and `b` load each other; `plain.js` is in no pack. */
const MODULES = [
  ['a.js', `"use strict";\nexports.a = 'a';\nconst b_1 = require("./below/b");\nexports.ofB = b_1.b;\nexports.here = __dirname;\n`],
  [
    'below/b.js',
    `"use strict";\nconst a_1 = require("../a");\nconst plain_1 = require("../plain");\nexports.b = a_1.a + plain_1.plain;\nexports.name = __filename;\n`,
  ],
  ['hard.js', `exports.text = \`\n});\n// a.js, 3 characters\n\`;`],
  ['broken.js', `globalThis.tries = (globalThis.tries ?? 0) + 1;\nthrow new Error('no');`],
];
const PLAIN = `exports.plain = 'p';\nexports.a = () => require("./a");\n`;

describe('modules that stand together in one file', () => {
  const root = mkdtempSync(join(tmpdir(), 'waybill-packed-'));
  after(() => rmSync(root, { recursive: true, force: true }));
  const write = (path, text) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  before(() => {
    write('packed/demo.js', renderPack(MODULES));
    for (const [path, text] of MODULES) write(path, renderPlace(path, text, 'demo.js'));
    write('plain.js', PLAIN);
  });
  const load = (path) => require(join(root, path));

  test('are what they were, with their own place, and load each other', () => {
    assert.deepEqual({ ...load('a.js') }, { a: 'a', ofB: 'ap', here: root });
    assert.equal(load('below/b.js').name, join(root, 'below/b.js'));
  });

  test('are there once, whoever loads them', () => {
    assert.equal(load('plain.js').a(), load('a.js'));
    assert.equal(load('packed/demo.js')('a.js'), load('a.js'));
  });

  test('can be imported by name', async () => {
    const { ofB } = await import(pathToFileURL(join(root, 'a.js')).href);
    assert.equal(ofB, 'ap');
  });

  test('that cannot be loaded say so each time', () => {
    assert.throws(() => load('broken.js'), /^Error: no$/);
    assert.throws(() => load('broken.js'), /^Error: no$/);
    assert.equal(globalThis.tries, 2);
  });

  test('are given back as they were', () => {
    const pack = renderPack(MODULES);
    for (const [path, text] of MODULES) assert.equal(readPacked(pack, path), text);
    assert.equal(readPacked(pack, 'other.js'), undefined);
  });

  test('need a line for each name that is exported, and none for the default', () => {
    assert.match(
      renderPlace('x/y.js', `exports.one = 1;\nexports.default = 2;`, 'p.js'),
      /require\('\.\.\/packed\/p\.js'\)\('x\/y\.js'\);\n.*\n0 && .*\{ one \}\);/,
    );
    assert.doesNotMatch(renderPlace('y.js', `exports.default = 2;`, 'p.js'), /0 &&/);
  });
});

describe('the text of a module', () => {
  test('has no character beyond ASCII, and says the same, in texts and patterns', () => {
    const text = "module.exports = ['…', `\u{1f600} é ${'’'}`, /[→≥]/.test('≥'), /^\u{1f600}$/u.test('\u{1f600}')]; // …";
    const ascii = toAscii(text.replaceAll('\\u{1f600}', '😀'), 'a.js');
    assert.match(ascii, /^[\x00-\x7f]*$/);
    assert.equal(toAscii(ascii, 'a.js'), ascii);
    const module = { exports: [] };
    new Function('module', ascii)(module);
    assert.deepEqual(module.exports, ['…', '😀 é ’', true, true]);
  });

  test('may not have a backslash before one', () => {
    assert.throws(() => toAscii("a = '\\…';", 'packages/demo/dist/a.js'), /packages\/demo\/dist\/a\.js: `\\…`: leave out the backslash/);
  });
});

describe('what an executor loads', () => {
  const names = new Map([
    ['one', '1'],
    ['two', '2'],
  ]);
  const loadedBy = (text) =>
    modulesLoadedBy(
      text,
      (specifier) => (specifier.startsWith('node:') ? undefined : specifier),
      (module) => (module === 'index' ? names : undefined),
    );

  for (const [what, text, expected] of [
    [
      'modules, in each way that tsc writes',
      `const a_1 = require("a");\nconst b_1 = __importDefault(require("b"));\nrequire("c");\nconst d = require("node:fs");`,
      'a b c',
    ],
    ['nothing that a function loads', `function load() {\n    return require("a");\n}`, ''],
    ['of an index what it names', `const index_1 = require("index");\n(0, index_1.two)();`, 'index 2'],
    ['all of an index that is handed on', `const index_1 = require("index");\nshow(index_1);`, 'index 1 2'],
  ]) {
    test(what, () => assert.deepEqual(loadedBy(text).sort(), expected.split(' ').filter(Boolean).sort()));
  }

  test('is grouped by who loads it', () => {
    const reached = new Map([
      ['x', ['b', 'a', 'c']],
      ['y', ['a', 'b']],
    ]);
    assert.deepEqual(
      [...groupModules(reached)],
      [
        ['x y', ['a', 'b']],
        ['x', ['c']],
      ],
    );
    const behind = new Map([
      ['door', ['a', 'd']],
      ['other door', ['d', 'e']],
    ]);
    assert.deepEqual([...groupModules(reached, behind)].slice(2), [
      ['door other door', ['d']],
      ['other door', ['e']],
    ]);
  });
});

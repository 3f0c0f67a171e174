/**
 * Files of packages/<name>/dist that only re-export are written again so that a module is loaded when one of its names is first used, not when
 * the package is: an executor loads what its run needs. What a file re-exports stands in its first line, so that each build starts from that.
 */
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './prepare-repository.mjs';

const MARK = '// re-exports: ';
const require = createRequire(import.meta.url);

/** What tsc writes around re-exports, by its shape; anything else is code, and the file stays as it is. */
const IGNORED = /^(?:"use strict";|Object\.defineProperty\(exports, "__esModule", \{ value: true \}\);|(?:exports\.\w+ = )+void 0;|\/\*\*.*\*\/)$/;
const HELPERS = /^var __(?:createBinding|exportStar) = [\s\S]*?^\}(?:\)\))?;$/gm;
const EFFECT = /^require\("([^"]+)"\);$/;
const STAR = /^__exportStar\(require\("([^"]+)"\), exports\);$/;
const FROM = /^(?:var|const) (\w+) = require\("([^"]+)"\);$/;
const NAME = /^Object\.defineProperty\(exports, "(\w+)", \{ enumerable: true, get: function \(\) \{ return (\w+)\.(\w+); \} \}\);$/;

/**
 * @param {string} text of a file that tsc wrote, or that this wrote before
 * @returns {{effects: string[], stars: string[], names: [name: string, from: string, original: string][]} | undefined}
 *   `effects` are imported for what they do; nothing when the file holds code
 */
export function readReExports(text) {
  if (text.startsWith(MARK)) return JSON.parse(text.slice(MARK.length, text.indexOf('\n')));
  const sources = new Map();
  const found = { effects: [], stars: [], names: [] };
  const lines = text
    .replace(HELPERS, '')
    .split('\n')
    .map((line) => line.trim());
  for (const line of lines.filter((candidate) => candidate !== '' && !IGNORED.test(candidate) && !candidate.startsWith('//'))) {
    const [effect, star, from, name] = [EFFECT, STAR, FROM, NAME].map((shape) => shape.exec(line));
    if (effect) found.effects.push(effect[1]);
    else if (star) found.stars.push(star[1]);
    else if (from) sources.set(from[1], from[2]);
    else if (name && sources.has(name[2])) found.names.push([name[1], sources.get(name[2]), name[3]]);
    else return undefined;
  }
  return found.stars.length + found.names.length > 0 ? found : undefined;
}

/** @param {(source: string) => string[]} namesOf what a module exports */
export function renderLazyIndex({ effects, stars, names }, namesOf) {
  const all = new Map(stars.flatMap((source) => namesOf(source).map((name) => [name, [source, name]])));
  for (const [name, source, original] of names) all.set(name, [source, original]);
  const lazy = [...all].map(([name, [source, original]]) => `lazy('${name}', () => require('${source}').${original});`);
  return `${MARK}${JSON.stringify({ effects, stars, names })}
'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
${effects.map((source) => `require('${source}');\n`).join('')}const lazy = (name, load) =>
  Object.defineProperty(exports, name, {
    enumerable: true,
    configurable: true,
    get() {
      const value = load();
      Object.defineProperty(exports, name, { enumerable: true, value });
      return value;
    },
  });
${lazy.join('\n')}
// For ECMAScript modules that import names of this file.
0 && (module.exports = { ${[...all.keys()].join(', ')} });
`;
}

const exportedBy = (file) => (source) =>
  Object.keys(require(require.resolve(source, { paths: [join(file, '..')] }))).filter((name) => name !== 'default');

export function writeLazyIndexes() {
  for (const name of readdirSync(join(ROOT, 'packages'))) {
    const dist = join(ROOT, 'packages', name, 'dist');
    if (!statSync(dist, { throwIfNoEntry: false })) continue;
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.js'));
    for (const file of files.map((path) => join(dist, path))) {
      const text = readFileSync(file, 'utf8');
      const found = readReExports(text);
      if (!found) continue;
      const lazy = renderLazyIndex(found, exportedBy(file));
      if (lazy !== text) writeFileSync(file, lazy);
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) writeLazyIndexes();

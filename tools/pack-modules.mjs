/**
 * Modules that an executor loads stand together in few files of packages/<name>/dist/packed: each file that a process of a task has to find, read and
 * compile costs it a fifth of a millisecond, and there were up to two hundred. Modules of a package that the same executors reach share a file. In the
 * place of a module is left a line that takes it from there, so there is one of each in a process, whoever loads it and by which way.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './prepare-repository.mjs';

const FOLDER = 'packed';
const PLACE = /^\/\/ stands in (\S+)\n/;
const FROM = /^(?:const|var) (\w+) = (?:__import(?:Default|Star)\()?require\("([^"]+)"\)\)?;$/gm;
const EFFECT = /^require\(["']([^"']+)["']\);$/gm;
const LAZY = /^lazy\('(\w+)', \(\) => require\('([^']+)'\)\.(\w+)/gm;
const HIGH = /[^\x00-\x7f]/g;
const NAMES = /^exports\.(\w+) = /gm;

const begin = (path, length) =>
  `// ${path}, ${length} characters\nmodules.set(${JSON.stringify(path)}, function (exports, require, module, __filename, __dirname) {\n`;

/**
 * A text with one character beyond Latin-1 takes twice the memory, and what tasks keep in memory decides whether Node cleans up in their midst, which
 * takes 20 ms.
 * @param {string} text of a module
 */
export function toAscii(text, path) {
  const escaped = /\\[^\x00-\x7f]/.exec(text);
  if (escaped) throw new Error(`${path}: \`${escaped[0]}\`: leave out the backslash`);
  return text.replace(HIGH, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** @returns {string} a file that holds modules. @param {[path: string, text: string][]} modules of one package, relative to its dist */
export const renderPack = (modules) => `'use strict';
const { dirname, join, posix } = require('node:path');
const root = dirname(__dirname);
const modules = new Map();
const loaded = new Map();
/** @returns what the module exports; of one that is just being loaded, what it does so far */
module.exports = (path) => {
  const known = loaded.get(path);
  if (known) return known.exports;
  const module = { exports: {} };
  loaded.set(path, module);
  const file = join(root, path);
  try {
    modules.get(path).call(module.exports, module.exports, requireFrom(posix.dirname(path)), module, file, dirname(file));
  } catch (cause) {
    loaded.delete(path);
    throw cause;
  }
  return module.exports;
};
const requireFrom = (folder) => (specifier) => {
  if (!specifier.startsWith('.')) return require(specifier);
  const path = posix.join(folder, specifier);
  const own = modules.has(path) ? path : path + '.js';
  return modules.has(own) ? module.exports(own) : require(posix.join('..', path));
};
${modules.map(([path, text]) => `${begin(path, text.length)}${text}\n});\n`).join('')}`;

/** @returns {string | undefined} a module as it was before. @param {string} pack text of the file that it stands in */
export function readPacked(pack, path) {
  const length = Number(pack.split(`\n// ${path}, `)[1]?.split(' ', 1)[0]);
  if (Number.isNaN(length)) return undefined;
  const head = begin(path, length);
  return pack.slice(pack.indexOf(head) + head.length).slice(0, length);
}

/** @returns {string} what is left in a module's place. @param {string} pack name of the file */
export function renderPlace(path, text, pack) {
  const names = [...new Set([...text.matchAll(NAMES), ...text.matchAll(LAZY)].map(([, name]) => name))].filter((name) => name !== 'default');
  const file = posix.relative(posix.dirname(path), `${FOLDER}/${pack}`);
  const forModules =
    names.length === 0 ? '' : `// For ECMAScript modules that import names of this file.\n0 && (module.exports = { ${names.join(', ')} });\n`;
  return `// stands in ${pack}\n'use strict';\nmodule.exports = require('${file.startsWith('.') ? file : `./${file}`}')('${path}');\n${forModules}`;
}

/**
 * What a module loads: all that it requires where it begins, and of the index of a package, whose modules are loaded by need, those whose names it
 * uses. What stands behind such an index inside of a package is loaded by few runs, and does not count.
 * @param {string} text of a module
 * @param {(specifier: string) => string | undefined} resolve the module that is meant, where it is one of ours
 * @param {(module: string) => Map<string, string> | undefined} namesOf the modules behind the names of such an index
 * @returns {string[]}
 */
export function modulesLoadedBy(text, resolve, namesOf) {
  const found = [...text.matchAll(EFFECT)].map(([, specifier]) => resolve(specifier));
  for (const [, variable, specifier] of text.matchAll(FROM)) {
    const target = resolve(specifier);
    const names = target === undefined ? undefined : namesOf(target);
    found.push(target);
    if (!names || specifier.startsWith('.')) continue;
    const used = [...text.matchAll(new RegExp(`\\b${variable}\\b(?:\\.(\\w+)| = )?`, 'g'))].map(([whole, name]) => name ?? whole);
    const all = used.some((name) => name === variable);
    for (const [name, behind] of names) if (all || used.includes(name)) found.push(behind);
  }
  return found.filter((module) => module !== undefined);
}

/**
 * @param {Map<string, Iterable<string>>} reached executor → modules
 * @param {Map<string, Iterable<string>>} behind index inside of a package → modules that are loaded by need
 * @returns {Map<string, string[]>} the executors that reach them, or else the indexes, joined → modules
 */
export function groupModules(reached, behind = new Map()) {
  const reachedBy = new Map();
  const add = (by, module) => reachedBy.set(module, [...(reachedBy.get(module) ?? []), by]);
  for (const [executor, modules] of reached) for (const module of modules) add(executor, module);
  const always = new Set(reachedBy.keys());
  for (const [index, modules] of behind) for (const module of modules) if (!always.has(module)) add(index, module);
  const groups = new Map();
  for (const [module, executors] of [...reachedBy].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const key = executors.join(' ');
    groups.set(key, [...(groups.get(key) ?? []), module]);
  }
  return groups;
}

const PACKAGES = readdirSync(join(ROOT, 'packages')).map((name) => ({
  folder: join(ROOT, 'packages', name),
  dist: join(ROOT, 'packages', name, 'dist'),
}));
const isFile = (path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true;
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** Puts every module back into its place: what builds begins with the files that tsc wrote. */
export function unpackModules() {
  for (const { dist } of PACKAGES.filter(({ dist }) => statSync(join(dist, FOLDER), { throwIfNoEntry: false }))) {
    const packs = new Map(readdirSync(join(dist, FOLDER)).map((name) => [name, readFileSync(join(dist, FOLDER, name), 'utf8')]));
    for (const path of readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'))) {
      const pack = PLACE.exec(readFileSync(join(dist, path), 'utf8'))?.[1];
      const text = pack === undefined ? undefined : readPacked(packs.get(pack) ?? '', path.replaceAll('\\', '/'));
      if (text !== undefined) writeFileSync(join(dist, path), text);
    }
    rmSync(join(dist, FOLDER), { recursive: true });
  }
}

/** The file of ours that `specifier` means in `file`; what was bundled is a file by itself. */
function resolveOwn(file, specifier) {
  const [, owner, entry] = /^@waybill\/([\w-]+)(\/.+)?$/.exec(specifier) ?? [];
  if (owner === undefined && !specifier.startsWith('.')) return undefined;
  const named = owner === undefined ? join(dirname(file), specifier) : entryOf(join(ROOT, 'packages', owner), entry);
  const path = [named, `${named}.js`, join(named, 'index.js')].find(isFile);
  return path?.endsWith('.js') && !path.includes('/bundled/') ? path : undefined;
}

function entryOf(folder, entry = '') {
  const target = readJson(join(folder, 'package.json')).exports[`.${entry}`];
  return join(folder, target.default ?? target['@waybill/source'] ?? target);
}

const entryPoints = () =>
  new Set(
    PACKAGES.flatMap(({ folder }) =>
      Object.keys(readJson(join(folder, 'package.json')).exports ?? {}).map((entry) => entryOf(folder, entry.slice(1))),
    ),
  );

/** The modules behind the names of an index, through other indexes; nothing when the file is none. */
function lazyNames(file, textOf) {
  const names = [...textOf(file).matchAll(LAZY)].map(([, name, specifier, original]) => {
    const target = resolveOwn(file, specifier);
    return [name, target && (lazyNames(target, textOf)?.get(original) ?? target)];
  });
  return names.length > 0 ? new Map(names.filter(([, target]) => target !== undefined)) : undefined;
}

/** @param {string[]} files @param {Set<string>} doors gets the indexes inside of packages that are met */
function reachedFrom(files, textOf, doors) {
  const seen = new Set(files);
  for (const module of seen) {
    const text = textOf(module);
    if (lazyNames(module, textOf)) {
      if (!entryPoints().has(module)) doors.add(module);
      continue;
    }
    const loads = modulesLoadedBy(
      text,
      (specifier) => resolveOwn(module, specifier),
      (target) => lazyNames(target, textOf),
    );
    loads.forEach((target) => seen.add(target));
  }
  return seen;
}

function executors() {
  const lists = PACKAGES.map(({ folder }) => ({ folder, list: join(folder, 'executors.json') })).filter(({ list }) => isFile(list));
  return lists.flatMap(({ folder, list }) =>
    Object.entries(readJson(list).executors).map(([name, { implementation }]) => [name, `${join(folder, implementation)}.js`]),
  );
}

/** A name for those that reach it: all executors, one, or a number. */
function nameOfPack(key, all, numbers) {
  if (key === all) return 'every-executor.js';
  if (!/[ /]/.test(key)) return `${key}.js`;
  if (!numbers.has(key)) numbers.set(key, numbers.size + 1);
  return `shared-${numbers.get(key)}.js`;
}

export function packModules() {
  const texts = new Map();
  const textOf = (file) => texts.get(file) ?? texts.set(file, readFileSync(file, 'utf8')).get(file);
  const doors = new Set();
  const reached = new Map(executors().map(([name, file]) => [name, reachedFrom([file], textOf, doors)]));
  const [all, numbers] = [[...reached.keys()].join(' '), new Map()];
  const behind = new Map();
  for (const door of doors) behind.set(relative(ROOT, door), reachedFrom([...lazyNames(door, textOf).values()], textOf, doors));
  for (const [key, files] of groupModules(reached, behind)) {
    const pack = nameOfPack(key, all, numbers);
    for (const { dist } of PACKAGES) {
      // what imports a file of its own would look for it beside the pack
      const own = files.filter((file) => file.startsWith(`${dist}/`) && !/\bimport\(["']\./.test(textOf(file)));
      if (own.length < 2) continue;
      const modules = own.map((file) => [relative(dist, file).replaceAll('\\', '/'), toAscii(textOf(file), relative(ROOT, file))]);
      mkdirSync(join(dist, FOLDER), { recursive: true });
      writeFileSync(join(dist, FOLDER, pack), renderPack(modules));
      modules.forEach(([path, text]) => writeFileSync(join(dist, path), renderPlace(path, text, pack)));
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (process.argv[2] === '--undo') unpackModules();
  else packModules();
}

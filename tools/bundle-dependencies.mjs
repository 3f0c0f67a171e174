/**
 * Libraries that a run loads from dozens of files are copied into one file of the package that owns them, without the parts that nobody here
 * uses: packages/<owner>/dist/bundled/<name>.js. What tsc wrote is changed to load that file; types and versions stay those of the dependency.
 */
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ROOT } from './prepare-repository.mjs';

/** In `entry` the members are put that the packages use. */
const LIBRARIES = [
  { name: 'cross-spawn', owner: 'core', entry: () => `export { default } from 'cross-spawn';` },
  { name: 'fast-glob', owner: 'core', entry: () => `export { default } from 'fast-glob';` },
  { name: 'picomatch', owner: 'plugin-kit', entry: () => `export { default } from 'picomatch';` },
  { name: 'zod', owner: 'plugin-kit', entry: zodEntry },
];

/** zod's namespace object keeps all of it: its translations, its JSON schema reader. Only the named members are taken along. */
export function zodEntry(texts) {
  const members = [...new Set(texts.flatMap((text) => [...text.matchAll(/\bzod_1\.z\s*\.(\w+)/g)].map(([, member]) => member)))].sort();
  const from = (member) => JSON.stringify(join(ROOT, 'node_modules/zod/v4', member === 'NEVER' ? 'core/core.js' : 'classic/schemas.js'));
  // `enum` is a member, and no name that could be imported
  const imports = members.map((member, index) => `import { ${member} as m${index} } from ${from(member)};`);
  return [...imports, `export const z = { ${members.map((member, index) => `${member}: m${index}`).join(', ')} };`].join('\n');
}

const LOADS = (name) => new RegExp(`\\b(?:require|import)\\((["'])${name}\\1\\)`, 'g');

/**
 * @param {string} text of a file that tsc wrote, or that this wrote before
 * @param {string} specifier of what is loaded in place of the library
 */
export const redirect = (text, name, specifier) => text.replace(LOADS(name), `require("${specifier}")`);

/** Every way in which a file uses zod must be one that `zodEntry` sees. @param {string} text */
export function assertPlainUse(text, path) {
  const other = /\bzod_1\b(?!\.z\s*\.\w| = require\()/.exec(text);
  if (other) throw new Error(`${path}: \`${text.slice(other.index, other.index + 40)}\`: use zod as \`z.member\``);
}

const builtFiles = () =>
  readdirSync(join(ROOT, 'packages')).flatMap((owner) => {
    const dist = join(ROOT, 'packages', owner, 'dist');
    if (!statSync(dist, { throwIfNoEntry: false })) return [];
    return readdirSync(dist, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.js') && !path.startsWith('bundled'))
      .map((path) => ({ owner, dist, path: join(dist, path), text: readFileSync(join(dist, path), 'utf8') }));
  });

function writeChanged(path, text) {
  if (statSync(path, { throwIfNoEntry: false }) && readFileSync(path, 'utf8') === text) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

async function bundleLibrary({ name, owner, entry }, texts) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: entry(texts), resolveDir: join(ROOT, 'packages', owner) },
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    legalComments: 'none',
    // a third less to read for each run; nobody looks for faults of a library in here
    minify: true,
    logLevel: 'error',
    absWorkingDir: ROOT,
  });
  writeChanged(join(ROOT, 'packages', owner, 'dist/bundled', `${name}.js`), outputFiles[0].text);
  const folders = Object.keys(metafile.inputs).map((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0]);
  return [...new Set(folders.filter(Boolean))].sort();
}

function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
  const file = readdirSync(join(ROOT, folder)).find((candidate) => /^licen[cs]e/i.test(candidate));
  if (!file) throw new Error(`${folder} has no licence file`);
  return `${name} ${version} (${license})\n\n${readFileSync(join(ROOT, folder, file), 'utf8').trim()}\n`;
}

export async function bundleDependencies() {
  const files = builtFiles();
  const texts = files.map(({ text }) => text);
  for (const { path, text } of files) assertPlainUse(text, relative(ROOT, path));
  const licences = new Map();
  for (const library of LIBRARIES) {
    for (const folder of await bundleLibrary(library, texts)) licences.set(library.owner, new Set([...(licences.get(library.owner) ?? []), folder]));
    for (const file of files) {
      const own = relative(dirname(file.path), join(file.dist, 'bundled', library.name)).replaceAll('\\', '/');
      file.text = redirect(file.text, library.name, file.owner === library.owner ? `${own}.js` : `@waybill/${library.owner}/${library.name}`);
    }
  }
  for (const { path, text } of files) writeChanged(path, text);
  for (const [owner, folders] of licences)
    writeChanged(join(ROOT, 'packages', owner, 'dist/bundled/LICENSES.txt'), [...folders].map(licenceOf).join(`\n${'-'.repeat(80)}\n\n`));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await bundleDependencies();

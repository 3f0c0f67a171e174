/**
 * What may be in a packed package, and how large it may be. Pure: the files of a package and its manifests go in, one line for each fault comes out.
 */

/** Largest tarball in kilobytes: a quarter above what it was when this was written. Whoever raises one says in the commit what came in. */
export const LARGEST_KB = {
  artifacts: 40,
  binary: 110,
  bundle: 290,
  core: 260,
  distributions: 85,
  launcher: 48,
  'plugin-kit': 220,
  publishing: 140,
  python: 150,
  relocation: 82,
  release: 150,
  signatures: 55,
  signing: 168,
  verify: 36,
};

const ALWAYS = ['LICENSE', 'README.md', 'package.json'];
const CODE = /^dist\/.+(?:\.js|\.d\.ts|\/schema\.json)$/;

/** Beside code and schemas: what runs inside of other programs, data, licences of what was bundled. */
const MORE = {
  bundle: /^dist\/(?:probes\/inside|isolation)\/[\w-]+\.(?:py|sh)$/,
  core: /^dist\/(?:tools\/tool-lock\.json|bundled\/LICENSES\.txt)$/,
  distributions: /^dist\/.+\.json$/,
  launcher: /^dist\/(?:native\/[\w-]+\.[ch]|(?:hook|shell)\/\w+\.(?:py|pth|sh))$/,
  'plugin-kit': /^dist\/bundled\/LICENSES\.txt$/,
  python: /^dist\/.+\.py$/,
  signatures: /^dist\/keyless\/public-trusted-root\.json$/,
};

/**
 * @param {string} name without the scope
 * @param {{files: string[], tarballBytes: number, readJson: (path: string) => any}} packed paths relative to the package
 * @returns {string[]}
 */
export function judgePacked(name, { files, tarballBytes, readJson }) {
  const manifest = readJson('package.json');
  const present = new Set(files);
  const lists = ['executors', 'generators'].filter((key) => manifest[key]).map((key) => [key, plain(manifest[key])]);
  const migrations = manifest['nx-migrations']?.migrations;
  if (migrations) lists.push(['generators', plain(migrations)]);
  const needed = [...ALWAYS, ...lists.map(([, file]) => file), ...namedBy(manifest)];
  const listed = lists.filter(([, file]) => present.has(file)).flatMap(([key, file]) => Object.entries(readJson(file)[key] ?? {}));
  const entries = listed.flatMap(([entry, settings]) => filesOf(settings).map((file) => [entry, file]));
  const shipsTesting = Boolean(manifest.exports?.['./testing']?.default);
  return [
    ...needed.filter((file) => !present.has(file)).map((file) => `missing: ${file}`),
    ...entries.filter(([, file]) => !present.has(file)).map(([entry, file]) => `missing: ${file} of \`${entry}\``),
    ...files.filter((file) => !needed.includes(file) && !isOfKind(name, file, shipsTesting)).map((file) => `too much: ${file}`),
    ...judgeSize(name, tarballBytes),
  ];
}

function judgeSize(name, bytes) {
  const largest = LARGEST_KB[name];
  if (largest === undefined) return ['no size is set for this package'];
  return bytes <= largest * 1000 ? [] : [`too large: ${Math.ceil(bytes / 1000)} kB, at most ${largest} kB`];
}

const plain = (path) => path.replace(/^\.\//, '');

const namedBy = ({ bin = {}, exports = {} }) => [
  ...Object.values(bin).map(plain),
  ...Object.values(exports).flatMap((target) => (typeof target === 'string' ? [target] : [target.types, target.default].filter(Boolean)).map(plain)),
];

/** Of an entry of executors.json, generators.json or migrations.json. */
function filesOf({ implementation, factory, schema }) {
  const code = plain(implementation ?? factory);
  return [code.endsWith('.js') ? code : `${code}.js`, ...(schema ? [plain(schema)] : [])];
}

function isOfKind(name, file, shipsTesting) {
  if (/\.spec\.|\.map$|tsbuildinfo/.test(file) || (!shipsTesting && /(?:^|\/)testing\//.test(file))) return false;
  return CODE.test(file) || Boolean(MORE[name]?.test(file));
}

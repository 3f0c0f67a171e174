/**
 * rcodesign 0.29.0 as it answered, for machines that have none: `node rcodesign.mjs <folder of recordings> <real rcodesign, or -> <arguments…>`. It refuses what is
 * not a whole and safe command line; for the rest it gives what the real one made of the same input with the same settings: a file, or of a bundle, which is signed in
 * place, the seal and the program. With a real one it records what is not recorded yet.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [recordings, real, ...args] = process.argv.slice(2);
const die = (text) => {
  process.stderr.write(`${text}\n`);
  process.exit(1);
};

if (args.length === 1 && args[0] === '--version') {
  process.stdout.write('apple-codesign 0.29.0\n');
  process.exit(0);
}

const VALUES = {
  '-C': ['/dev/null'],
  '--pem-file': true,
  '--p12-file': true,
  '--p12-password-file': true,
  '--timestamp-url': true,
  '--binary-identifier': true,
  '--team-name': true,
  '--code-signature-flags': ['runtime'],
  '--entitlements-xml-file': true,
  '--exclude': ['**'],
};
const SWITCHES = new Set(['--shallow']);
const PACKAGE_HAS_NONE = ['--binary-identifier', '--team-name', '--code-signature-flags', '--entitlements-xml-file'];
const REPEATED = new Set(['--pem-file']);

function parse([command, ...rest]) {
  if (command !== 'sign') die(`error: unrecognized subcommand '${command}'`);
  const options = new Map();
  const paths = [];
  for (let at = 0; at < rest.length; at += 1) {
    if (!rest[at].startsWith('-')) {
      paths.push(rest[at]);
      continue;
    }
    if (SWITCHES.has(rest[at])) {
      options.set(rest[at], ['']);
      continue;
    }
    const allowed = VALUES[rest[at]];
    if (allowed === undefined) die(`error: unexpected argument '${rest[at]}' found`);
    const name = rest[at];
    const value = rest[(at += 1)];
    if (value === undefined || (allowed !== true && !allowed.includes(value))) die(`error: invalid value '${value}' for '${name}'`);
    if (options.has(name) && !REPEATED.has(name)) die(`error: the argument '${name}' cannot be used multiple times`);
    options.set(name, [...(options.get(name) ?? []), value]);
  }
  const isBundle = paths.length === 1 && statSync(paths[0]).isDirectory();
  if (!isBundle && (paths.length !== 2 || paths[0] === paths[1] || existsSync(paths[1]))) die('error: an input and another output are expected');
  const isPackage = paths[0].endsWith('.pkg');
  const own = isBundle ? ['--shallow', '--exclude'] : isPackage ? [] : ['--binary-identifier'];
  for (const name of ['-C', '--timestamp-url', ...own]) if (!options.has(name)) die(`error: '${name}' is missing`);
  for (const name of isBundle ? ['--binary-identifier'] : ['--shallow', '--exclude', ...(isPackage ? PACKAGE_HAS_NONE : [])])
    if (options.has(name)) die(`error: '${name}' says nothing here`);
  return isBundle ? { options, input: paths[0], bundle: bundleAt(paths[0]) } : { options, input: paths[0], output: paths[1] };
}

/** What the real one does not sign: without a property list in its place, a program, an identifier; with code inside that was not signed before. */
function bundleAt(folder) {
  const isFramework = existsSync(join(folder, 'Resources/Info.plist'));
  const infoPlist = join(folder, isFramework ? 'Resources/Info.plist' : 'Contents/Info.plist');
  if (!existsSync(infoPlist)) die(`Error: could not find Info.plist in ${folder}`);
  const text = readFileSync(infoPlist, 'utf8');
  const [program, identifier] = ['CFBundleExecutable', 'CFBundleIdentifier'].map(
    (key) => new RegExp(`<key>${key}</key>\\s*<string>([^<]+)`).exec(text)?.[1],
  );
  if (identifier === undefined) die(`Error: bundle has no identifier: ${infoPlist}`);
  const base = isFramework ? folder : join(folder, 'Contents');
  const path = isFramework ? join(folder, program) : join(base, 'MacOS', program);
  for (const file of filesOf(folder)) {
    const bytes = readFileSync(file);
    const isCode = bytes.length > 4 && bytes.readUInt32LE(0) === 0xfeedfacf;
    if (isCode && file !== path && !bytes.includes(Buffer.from([0xfa, 0xde, 0x0c, 0xc0])))
      die(`Error: binary does not have code signature data: ${file}`);
  }
  return { program: path, seal: join(base, '_CodeSignature/CodeResources') };
}

const filesOf = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

/** Digest of a file, or of all files of a bundle but its seal. */
function digestOf(input, bundle) {
  const hash = createHash('sha256');
  if (bundle === undefined) return hash.update(readFileSync(input)).digest('hex');
  for (const file of filesOf(input).filter((path) => path !== bundle.seal)) hash.update(`${file.slice(input.length)}\n`).update(readFileSync(file));
  return hash.digest('hex');
}

const { options, input, output, bundle } = parse(args);
const one = (name) => options.get(name)?.[0];
const secrets = [...(options.get('--pem-file') ?? []), ...(options.get('--p12-file') ?? []), ...(options.get('--p12-password-file') ?? [])];
for (const path of secrets) if ((statSync(path).mode & 0o77) !== 0) die(`error: ${path} can be read by others`);

/** Whether somebody signs; for another than the first certificate that was recorded, who. */
function signer() {
  const pems = [join(recordings, 'certificates.pem'), ...secrets].filter((path) => existsSync(path)).map((path) => readFileSync(path, 'latin1'));
  const [first, ...given] = pems.flatMap((text) => /-----BEGIN CERTIFICATE-----[^-]+/.exec(text)?.[0].replace(/\s/g, '') ?? []);
  const other = given.find((certificate) => certificate !== first);
  return other === undefined ? secrets.length > 0 : createHash('sha256').update(other).digest('hex');
}

const server = one('--timestamp-url');
if (real === '-' && server !== 'none' && new URL(server).port === '9')
  die(`Error: CMS error: Time-Stamp Protocol error: HTTP error: error sending request for url (${server})`);
const entitlements = one('--entitlements-xml-file');
const settings = [
  digestOf(input, bundle),
  signer(),
  server !== 'none',
  one('--binary-identifier') ?? 'bundle',
  one('--team-name') ?? '',
  one('--code-signature-flags') ?? '',
  entitlements === undefined ? '' : readFileSync(entitlements, 'utf8').replace(/\s+/g, ' '),
];
const name = createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 24);
/** Where what is made lies, and where it is recorded. */
const made =
  bundle === undefined
    ? [[output, `${name}.${/\.(dmg|pkg)$/.test(input) ? 'image' : 'macho'}`]]
    : [
        [bundle.program, `${name}.macho`],
        [bundle.seal, `${name}.seal`],
      ];
const recorded = made.map(([place, file]) => [place, join(recordings, file)]);
if (recorded.every(([, recording]) => existsSync(recording))) {
  process.stderr.write(`signing ${input} to ${output ?? input}\nparsing Mach-O\nwriting Mach-O to ${output ?? input}\n`);
  for (const [place, recording] of recorded) {
    mkdirSync(dirname(place), { recursive: true });
    copyFileSync(recording, place);
  }
} else if (real !== '-') {
  const { status, stderr } = spawnSync(real, args, { encoding: 'utf8' });
  if (status !== 0) die(stderr);
  for (const [place, recording] of recorded) copyFileSync(place, recording);
} else
  die(
    `no recording of rcodesign for this input: run the spec of the backend apple with WAYBILL_RECORD=1 where rcodesign is installed (${settings.slice(1).join(' | ')})`,
  );

/**
 * rcodesign 0.29.0 as it answered, for machines that have none: `node rcodesign.mjs <folder of recordings> <real rcodesign, or -> <arguments…>`. It refuses what is
 * not a whole and safe command line; for the rest it gives the file that the real one made of the same input with the same settings. With a real one it records.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

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
};
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
    const allowed = VALUES[rest[at]];
    if (allowed === undefined) die(`error: unexpected argument '${rest[at]}' found`);
    const name = rest[at];
    const value = rest[(at += 1)];
    if (value === undefined || (allowed !== true && !allowed.includes(value))) die(`error: invalid value '${value}' for '${name}'`);
    if (options.has(name) && !REPEATED.has(name)) die(`error: the argument '${name}' cannot be used multiple times`);
    options.set(name, [...(options.get(name) ?? []), value]);
  }
  if (paths.length !== 2 || paths[0] === paths[1] || existsSync(paths[1])) die('error: an input and another output are expected');
  for (const name of ['-C', '--timestamp-url', '--binary-identifier']) if (!options.has(name)) die(`error: '${name}' is missing`);
  return { options, input: paths[0], output: paths[1] };
}

const { options, input, output } = parse(args);
const one = (name) => options.get(name)?.[0];
const secrets = [...(options.get('--pem-file') ?? []), ...(options.get('--p12-file') ?? []), ...(options.get('--p12-password-file') ?? [])];
for (const path of secrets) if ((statSync(path).mode & 0o77) !== 0) die(`error: ${path} can be read by others`);

const server = one('--timestamp-url');
if (real === '-' && server !== 'none' && new URL(server).port === '9')
  die(`Error: CMS error: Time-Stamp Protocol error: HTTP error: error sending request for url (${server})`);
const entitlements = one('--entitlements-xml-file');
const settings = [
  createHash('sha256').update(readFileSync(input)).digest('hex'),
  secrets.length > 0,
  server !== 'none',
  one('--binary-identifier'),
  one('--team-name') ?? '',
  one('--code-signature-flags') ?? '',
  entitlements === undefined ? '' : readFileSync(entitlements, 'utf8').replace(/\s+/g, ' '),
];
const recording = join(recordings, `${createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 24)}.macho`);
if (real !== '-') {
  const { status, stderr } = spawnSync(real, args, { encoding: 'utf8' });
  if (status !== 0) die(stderr);
  copyFileSync(output, recording);
} else if (existsSync(recording)) {
  process.stderr.write(`signing ${input} to ${output}\nparsing Mach-O\nwriting Mach-O to ${output}\n`);
  copyFileSync(recording, output);
} else
  die(
    `no recording of rcodesign for this input: run the spec of the backend apple with WAYBILL_RECORD=1 where rcodesign is installed (${settings.slice(1).join(' | ')})`,
  );

/**
 * signtool 10.0 of the Windows SDK as it answers, for machines that are no Windows: `node signtool.mjs <folder> <arguments…>`. In the folder lie `state.json`
 * (`thumbprint` of the certificate that a store `My` holds, and its `owner`, `user` or `machine`), `key.pem` and `certificates.pem` of it, with which osslsigncode signs, and `calls.jsonl`, what it was called with. It
 * refuses what is not a whole command line, as the real one does, and every password that stands on one. It ends with 0, or with 1 and its words.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { extname, isAbsolute, join } from 'node:path';

const [folder, ...args] = process.argv.slice(2);
const state = JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'));
appendFileSync(join(folder, 'calls.jsonl'), `${JSON.stringify({ args, environment: process.env })}\n`);

/** The real one writes what is wrong to standard error, each line behind its name. */
function die(...lines) {
  process.stderr.write(lines.map((line) => `SignTool Error: ${line}\n`).join(''));
  process.exit(1);
}

const VALUES = ['/s', '/sha1', '/f', '/fd', '/tr', '/td'];
const SWITCHES = ['/sm'];
function parse([command, ...rest]) {
  if (command === undefined) die('A required parameter is missing.');
  if (command !== 'sign') die(`Invalid command: ${command}`);
  const [options, operands] = [new Map(), []];
  for (let at = 0; at < rest.length; at += 1) {
    const name = rest[at].toLowerCase();
    if (name === '/p') die('stand-in: a password on the command line');
    // Below Linux paths begin as its options do.
    if (SWITCHES.includes(name)) options.set(name, true);
    else if (!VALUES.includes(name) && isAbsolute(rest[at]) && existsSync(rest[at])) operands.push(rest[at]);
    else if (!VALUES.includes(name)) die(`Invalid option: ${rest[at]}`);
    else if (options.has(name)) die(`Multiple ${name} options are not allowed.`);
    else if (name === '/td' && !options.has('/tr')) die('stand-in: a /td before /tr does not count, and SHA-1 is used');
    else if (rest[at + 1] === undefined) die(`The ${name} option requires a parameter.`);
    else options.set(name, rest[(at += 1)]);
  }
  if (operands.length === 0) die('Missing filename.');
  if (operands.length > 1) die('stand-in: one file is expected, so that each has its answer');
  return { options, file: operands[0] };
}

function judge(options) {
  if (!options.has('/fd'))
    die(
      'No file digest algorithm specified. Please specify the digest algorithm with the /fd flag. Using /fd SHA256 is recommended and more secure than SHA1. Calling signtool with /fd sha1 is equivalent to the previous behavior. In order to select the hash algorithm used in the signing certificate’s signature, use the /fd certHash option.',
    );
  if (options.get('/fd').toUpperCase() !== 'SHA256') die('stand-in: SHA-256 is expected');
  if (options.has('/tr') && !options.has('/td'))
    die(
      'No timestamp digest algorithm specified. Please specify the digest algorithm with the /td flag. Using /td SHA256 is recommended and more secure than SHA1. Calling signtool with /td sha1 is equivalent to the previous behavior.',
    );
  if (options.has('/td') && options.get('/td').toUpperCase() !== 'SHA256') die('stand-in: SHA-256 is expected');
  if (options.has('/f') === options.has('/sha1')) die('stand-in: a certificate of the store or one in a file is expected');
}

/** Arguments for osslsigncode, of the certificate that is meant. */
function keyOf(options) {
  if (options.has('/sha1')) {
    const isThere = options.has('/sm') === (state.owner === 'machine');
    if (!isThere || options.get('/s') !== 'My' || options.get('/sha1').toUpperCase() !== state.thumbprint)
      die('No certificates were found that met all the given criteria.');
    return ['-certs', join(folder, 'certificates.pem'), '-key', join(folder, 'key.pem')];
  }
  const file = options.get('/f');
  if (!existsSync(file)) die(`File not found: ${file}`);
  if ((statSync(file).mode & 0o077) !== 0) die('stand-in: others may read the key');
  const opened = spawnSync('openssl', ['pkcs12', '-in', file, '-passin', 'pass:', '-nodes'], { encoding: 'utf8' });
  if (/invalid password|mac verify/i.test(opened.stderr)) die('The specified PFX password is not correct.');
  if (opened.status !== 0) die('The specified file is not a valid PFX file.');
  if (!opened.stdout.includes('PRIVATE KEY')) die('No certificates were found that met all the given criteria.');
  writeFileSync(join(folder, 'no-password'), '\n');
  return ['-pkcs12', file, '-readpass', join(folder, 'no-password')];
}

function sign(options, file) {
  const key = keyOf(options);
  const url = options.get('/tr');
  const output = `${file}.out${extname(file)}`;
  const asked = ['sign', ...key, '-h', 'sha256', ...(url === undefined ? [] : ['-ts', url]), '-in', file, '-out', output];
  const { status, stdout, stderr } = spawnSync('osslsigncode', asked, { encoding: 'utf8' });
  if (status !== 0) {
    process.stdout.write('Done Adding Additional Store\n');
    if (!/timestamp/i.test(stdout + stderr))
      die(`This file format cannot be signed because it is not recognized.`, `An error occurred while attempting to sign: ${file}`);
    die(
      'The specified timestamp server either could not be reached or\nreturned an invalid response.\n    This may happen if you specify an RFC 3161 timestamp URL but used\n    the /t option or you specified a legacy Authenticode timestamp URL\n    but used the /tr option.',
      `An error occurred while attempting to timestamp: ${file}`,
    );
  }
  renameSync(output, file);
  process.stdout.write(`Done Adding Additional Store\nSuccessfully signed: ${file}\n`);
}

const { options, file } = parse(args);
judge(options);
sign(options, file);

/**
 * jsign 7.4 with a key store that is none of this machine: `node jsign.mjs <folder> <arguments…>`. In the folder lie `state.json` (`type`, `name`, `alias`, `password`,
 * `hasCertificates`), `key.pem` and `certificates.pem`, with which osslsigncode signs, and `calls.jsonl`, what it was called with. It refuses what is not a whole command line, and every
 * password that stands on it; what it says was recorded.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import { extname, isAbsolute, join } from 'node:path';

const [folder, ...args] = process.argv.slice(2);
const state = JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'));
appendFileSync(join(folder, 'calls.jsonl'), `${JSON.stringify({ args, environment: process.env })}\n`);

function die(line, ...more) {
  process.stderr.write([`jsign: ${line}`, ...more, "Try `java -jar jsign.jar --help' for more information."].join('\n') + '\n');
  process.exit(1);
}

if (args.length === 1 && args[0] === '--version') {
  process.stdout.write('Jsign 7.4\n');
  process.exit(0);
}

const VALUES = ['--keystore', '--storetype', '--storepass', '--alias', '--certfile', '--alg', '--tsaurl', '--tsmode', '--tsretries', '--tsretrywait'];
function parse([command, ...rest]) {
  if (command !== 'sign') die(`Unknown command '${command}'`);
  const [options, operands] = [new Map(), []];
  for (let at = 0; at < rest.length; at += 1) {
    const name = rest[at];
    if (options.has(name)) die(`${name} is given twice`);
    if (!name.startsWith('-')) operands.push(name);
    else if (name === '--replace') options.set(name, true);
    else if (VALUES.includes(name) && rest[at + 1] !== undefined) options.set(name, rest[(at += 1)]);
    else die(`Unrecognized option: ${name}`);
  }
  if (operands.length !== 1 || !isAbsolute(operands[0])) die('stand-in: one file is expected, by its whole path');
  return { options, file: operands[0] };
}

/** From a file that nobody else may read. */
function passwordOf(text) {
  if (text === undefined) return undefined;
  const [, path] = /^file:(\/.*)$/.exec(text) ?? die('stand-in: a password on the command line');
  if ((statSync(path).mode & 0o077) !== 0) die('stand-in: others may read the password');
  return readFileSync(path, 'utf8').trimEnd();
}

function judgeStore(options) {
  const [type, name, alias] = ['--storetype', '--keystore', '--alias'].map((option) => options.get(option));
  if (type !== state.type || name !== state.name)
    die(
      `Unable to retrieve Azure Key Vault certificate '${alias}'`,
      `java.security.KeyStoreException: Unable to retrieve Azure Key Vault certificate '${alias}'`,
      `Caused by: java.net.UnknownHostException: ${name}.vault.azure.net`,
    );
  const password = passwordOf(options.get('--storepass'));
  if (password !== state.password && type === 'AWS') die(`Invalid AWS credentials: ${password}`);
  if (password !== state.password) die(`Failed to load the keystore ${name}`, 'Caused by: java.io.IOException: keystore password was incorrect');
  if (alias !== state.alias) die(`No certificate found under the alias '${alias}' in the keystore ${name} (available aliases: ${state.alias})`);
  const given = options.get('--certfile');
  if (state.hasCertificates === (given !== undefined)) die(`stand-in: the store has ${state.hasCertificates ? 'its' : 'no'} certificates`);
  if (given !== undefined && readFileSync(given, 'utf8') !== readFileSync(join(folder, 'certificates.pem'), 'utf8'))
    die('The certificate chain in the certificate file does not match the chain from the keystore');
}

function sign(options, file) {
  if (!existsSync(file)) die(`Couldn't find ${file}`);
  // Whoever may do everything is refused too, so that a test by root sees what others get.
  if ((statSync(file).mode & 0o200) === 0) die(`Couldn't sign ${file}`, `java.nio.file.AccessDeniedException: ${file}`);
  if (options.get('--alg') !== 'SHA-256' || !options.has('--replace')) die('stand-in: SHA-256 and --replace are expected');
  const url = options.get('--tsaurl');
  if ((url !== undefined) !== (options.get('--tsmode') === 'RFC3161')) die('stand-in: a timestamp is of RFC 3161');
  const output = `${file}.out${extname(file)}`;
  const key = ['-certs', join(folder, 'certificates.pem'), '-key', join(folder, 'key.pem')];
  const asked = ['sign', ...key, '-h', 'sha256', ...(url === undefined ? [] : ['-ts', url]), '-in', file, '-out', output];
  if (spawnSync('osslsigncode', asked, { stdio: 'ignore' }).status !== 0)
    die(
      `Couldn't sign ${file}`,
      ...(url === undefined ? [] : ['net.jsign.timestamp.TimestampingException: Unable to complete the timestamping after 1 attempt']),
    );
  renameSync(output, file);
  process.stdout.write(`Adding Authenticode signature to ${file}\n`);
}

const { options, file } = parse(args);
judgeStore(options);
sign(options, file);

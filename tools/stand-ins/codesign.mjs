/**
 * Apple’s codesign as it answers, for machines that are no Macs: `node codesign.mjs <folder> <recordings> <real rcodesign, or -> <arguments…>`. Keychains are those of security.mjs;
 * rcodesign makes the signatures (rcodesign.mjs), so that they are real ones. It refuses what is not a whole and safe command line, a key that it may not use, and a keychain in
 * the wrong state, as the real one does.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findIdentity, noteCall } from './keychains.mjs';

const [folder, recordings, real, ...args] = process.argv.slice(2);
noteCall(folder, 'codesign', args);

function die(text, code = 1) {
  process.stderr.write(`${text}\n`);
  process.exit(code);
}

const VALUES = ['--sign', '--keychain', '--identifier', '--options', '--entitlements'];
function parse() {
  const [options, operands] = [new Map(), []];
  for (let at = 0; at < args.length; at += 1) {
    const [name, value] = args[at].startsWith('--timestamp=') ? args[at].split(/=(.*)/) : [args[at]];
    if (!name.startsWith('-')) operands.push(name);
    else if (options.has(name)) die(`codesign: ${name} is given twice`, 2);
    else if (name === '--deep') die('stand-in: --deep signs everything alike', 2);
    else if (name === '--force') options.set(name, true);
    else if (name === '--timestamp' && value !== undefined) options.set(name, value);
    else if (VALUES.includes(name) && args[at + 1] !== undefined) options.set(name, args[(at += 1)]);
    else die(`codesign: unrecognized option \`${name}'\nUsage: codesign -s identity [-fv*] [-o flags] [-r reqs] [-i ident] path ... # sign`, 2);
  }
  if (operands.length !== 1) die('Usage: codesign -s identity [-fv*] [-o flags] [-r reqs] [-i ident] path ... # sign', 2);
  if (!options.has('--sign')) die('stand-in: an identity is expected', 2);
  if (!options.has('--timestamp')) die('stand-in: whether there is to be a timestamp depends on the certificate otherwise', 2);
  if (options.has('--options') && options.get('--options') !== 'runtime') die(`error: invalid option flags: ${options.get('--options')}`, 2);
  return { options, path: operands[0] };
}

const { options, path } = parse();
if (!existsSync(path)) die(`${path}: No such file or directory`);
const isBundle = statSync(path).isDirectory();
// Whoever may do everything is refused too, so that a test by root sees what others get.
if (!isBundle && (statSync(path).mode & 0o200) === 0) die(`${path}: Permission denied`);
if (isBundle === options.has('--identifier')) die('stand-in: a file has no identifier but the one that is said, a bundle has its own', 2);
if (!isBundle && !options.has('--force') && readFileSync(path).includes(Buffer.from([0xfa, 0xde, 0x0c, 0xc0]))) die(`${path}: is already signed`);

/** By SHA-1 alone: a name may fit several. */
function identityOf(sign) {
  const identity = findIdentity(folder, sign, options.get('--keychain'));
  if (identity === undefined || !identity.forCode) die(`${sign}: no identity found`);
  const { keychain } = identity;
  const refuse = () => die(`${path}: errSecInternalComponent`);
  if (!identity.searched) {
    process.stderr.write(`Warning: unable to build chain to self-signed root for signer "${identity.name}"\n`);
    refuse();
  }
  if (keychain.locked) refuse();
  if (keychain.locksItself) die('stand-in: the keychain locks itself after five minutes');
  if (!identity.partitioned || !identity.mayUse.some((program) => program.endsWith('/codesign'))) die(`${path}: User interaction is not allowed.`);
  return identity;
}

const sign = options.get('--sign');
if (sign !== '-' && !/^[0-9A-F]{40}$/.test(sign)) die('stand-in: a SHA-1 is expected, a name may fit several', 2);
const identity = sign === '-' ? undefined : identityOf(sign);
const EMPTY = '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0">\n<dict>\n</dict>\n</plist>\n';
const work = mkdtempSync(join(tmpdir(), 'codesign-stand-in-'));
const place = (name, text) => {
  writeFileSync(join(work, name), text, { mode: 0o600 });
  return join(work, name);
};

/** Beside the file that is signed; rcodesign goes by the ending of disk images. */
const TEMPORARY = /\.dmg$/.exec(path) ? '.cstemp.dmg' : '.cstemp';

/** The same in rcodesign’s words. The first file that a key is tried on has none. */
function translate() {
  const isProbe = options.get('--identifier') === 'waybill.probe';
  const isImage = !isBundle && readFileSync(path).subarray(-512).toString('latin1', 0, 4) === 'koly';
  const entitlements = options.get('--entitlements') ?? (isProbe || isImage ? undefined : place('none.plist', EMPTY));
  return [
    ...['sign', '-C', '/dev/null'],
    ...(identity === undefined ? [] : ['--pem-file', place('key.pem', identity.key), '--pem-file', place('certificates.pem', identity.certificates)]),
    ...['--timestamp-url', options.get('--timestamp')],
    ...(isBundle ? ['--shallow', '--exclude', '**'] : ['--binary-identifier', options.get('--identifier')]),
    ...(identity?.team === undefined || isImage ? [] : ['--team-name', identity.team]),
    ...(options.has('--options') ? ['--code-signature-flags', 'runtime'] : []),
    ...(entitlements === undefined ? [] : ['--entitlements-xml-file', entitlements]),
    ...(isBundle ? [path] : [path, `${path}${TEMPORARY}`]),
  ];
}

const script = join(import.meta.dirname, 'rcodesign.mjs');
const { status, stderr } = spawnSync(process.execPath, [script, recordings, real, ...translate()], { encoding: 'utf8' });
rmSync(work, { recursive: true });
if (status !== 0) {
  rmSync(`${path}${TEMPORARY}`, { force: true });
  die(/Time-Stamp Protocol/.test(stderr) ? `${path}: The timestamp service is not available.` : `${path}: ${stderr}`);
}
if (!isBundle) renameSync(`${path}${TEMPORARY}`, path);
process.stderr.write(`${path}: replacing existing signature\n`);

/**
 * Apple’s productsign as it answers, for machines that are no Macs: `node productsign.mjs <folder> <recordings> <real rcodesign, or -> <timestamp server> <arguments…>`. Keychains are
 * those of security.mjs; rcodesign makes the signatures (rcodesign.mjs), so that they are real ones. It refuses what is not a whole and safe command line, a key that it may not use, and
 * a certificate that is not for packages, as the real one does.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findIdentity, noteCall } from './keychains.mjs';

const [folder, recordings, real, server, ...args] = process.argv.slice(2);
noteCall(folder, 'productsign', args);

function die(text, code = 1) {
  process.stderr.write(`${text}\n`);
  process.exit(code);
}

const USAGE = 'Usage: productsign [options] --sign <identity> <input-product-path> <output-product-path>';
function parse() {
  const [options, operands] = [new Map(), []];
  for (let at = 0; at < args.length; at += 1) {
    const name = args[at];
    if (!name.startsWith('-')) operands.push(name);
    else if (options.has(name)) die(`stand-in: ${name} is given twice`, 2);
    else if (name === '--timestamp' || name === '--timestamp=none') options.set(name, true);
    else if (['--sign', '--keychain'].includes(name) && args[at + 1] !== undefined) options.set(name, args[(at += 1)]);
    else die(USAGE);
  }
  if (operands.length !== 2 || !options.has('--sign')) die(USAGE);
  if (!options.has('--timestamp')) die('stand-in: whether there is to be a timestamp depends on the certificate otherwise', 2);
  return { options, input: operands[0], output: operands[1] };
}

const { options, input, output } = parse();
const sign = options.get('--sign');
if (!/^[0-9A-F]{40}$/.test(sign)) die('stand-in: a SHA-1 is expected, a name may fit several', 2);
if (!existsSync(input) || readFileSync(input).toString('latin1', 0, 4) !== 'xar!')
  die(`productsign: error: Cannot open package at path: "${input}".`);
if (existsSync(output)) die('stand-in: the output is there before', 2);

const identity = findIdentity(folder, sign, options.get('--keychain'));
const notFound = `productsign: error: Could not find appropriate signing identity for “${sign}”`;
if (identity === undefined) die(`${notFound}.`);
if (identity.forCode)
  die(`${notFound}. An installer signing identity (not an application signing identity) is required for signing flat-style products.`);
if (identity.keychain.locked || !identity.searched) die('productsign: error: Failed to sign the product.');
if (identity.keychain.locksItself) die('stand-in: the keychain locks itself after five minutes');
if (!identity.partitioned || !identity.mayUse.some((program) => program.endsWith('/productsign')))
  die('SignData failed: User interaction is not allowed. (-25308)\nproductsign: error: Failed to sign the product.');

const work = mkdtempSync(join(tmpdir(), 'productsign-stand-in-'));
const place = (name, text) => {
  writeFileSync(join(work, name), text, { mode: 0o600 });
  return join(work, name);
};
const secrets = ['--pem-file', place('key.pem', identity.key), '--pem-file', place('certificates.pem', identity.certificates)];
const script = join(import.meta.dirname, 'rcodesign.mjs');
const asked = [script, recordings, real, 'sign', '-C', '/dev/null', ...secrets, '--timestamp-url', server, input, output];
const { status, stderr } = spawnSync(process.execPath, asked, { encoding: 'utf8' });
rmSync(work, { recursive: true });
if (status !== 0) {
  rmSync(output, { force: true });
  const isTime = /Time-Stamp Protocol/.test(stderr);
  die(
    `${isTime ? 'CMS signature encoding failed: The timestamp service is not available. (-67885)' : stderr}\nproductsign: error: Failed to sign the product.`,
  );
}
process.stderr.write(
  `productsign: using timestamp authority for signature\nproductsign: signing product with identity "${identity.name}" from keychain ${identity.path}\n`,
);
process.stderr.write(`productsign: Wrote signed product archive to ${output}\n`);

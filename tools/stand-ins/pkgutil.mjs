/**
 * `pkgutil --check-signature` of macOS as it answers, for machines that are no Macs: `node pkgutil.mjs <folder> <arguments…>`. It says what `status` in the state of the keychains says
 * (keychains.mjs), else that a signed package is by somebody whom this Mac does not trust, for which it exits with 1.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { inflateSync } from 'node:zlib';
import { loadState, locked, noteCall } from './keychains.mjs';

const [folder, ...args] = process.argv.slice(2);
noteCall(folder, 'pkgutil', args);
if (args.length !== 2 || args[0] !== '--check-signature') {
  process.stderr.write('Usage: pkgutil [OPTIONS] [COMMANDS] ...\n');
  process.exit(1);
}
const bytes = readFileSync(args[1]);
const table = bytes.subarray(bytes.readUInt16BE(4), bytes.readUInt16BE(4) + Number(bytes.readBigUInt64BE(8)));
const isSigned = inflateSync(table).includes('<x-signature');
const { status = isSigned ? 'signed by untrusted certificate' : 'no signature' } = locked(folder, () => loadState(folder));
process.stdout.write(`Package "${basename(args[1])}":\n   Status: ${status}\n`);
process.exit(/issued by Apple|trusted by macOS/.test(status) ? 0 : 1);

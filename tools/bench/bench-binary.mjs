/**
 * Verification of the page hashes of Mach-O signatures against plain SHA-256 of the same bytes, over all signed slices of the given files or folders (page-hashes.mjs). Needs built packages. Ends with 1 when
 * ours is too slow.
 * Usage: node tools/bench/bench-binary.mjs FILE|FOLDER… [--runs=7] [--output=FILE]
 */
import { writeFileSync } from 'node:fs';
import { argument, machine } from './measure.mjs';
import { comparePageHashes } from './page-hashes.mjs';

const paths = process.argv.slice(2).filter((text) => !text.startsWith('--'));
if (paths.length === 0) throw new Error('a file or folder is missing: node tools/bench/bench-binary.mjs FILE|FOLDER…');
const result = { machine: machine(), ...comparePageHashes(paths, Number(argument('runs', '7'))) };
console.log(JSON.stringify(result, null, 2));
if (argument('output') !== undefined) writeFileSync(argument('output'), `${JSON.stringify(result, null, 2)}\n`);
if (!result.comparison.holds) process.exitCode = 1;

/**
 * Verification of Mach-O signatures against plain SHA-256 of the same bytes by node:crypto, over all signed slices of the given files or folders. Both read
 * the files from memory, one after the other, so that a change of the machine's load meets both; processor seconds, medians. Needs built packages. Ends with 1 when
 * ours is too slow.
 * Usage: node tools/bench/bench-binary.mjs FILE|FOLDER… [--runs=7] [--output=FILE]
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesAsSource, readMachO, sniffBinary, verifyMachOSignature } from '@waybill/binary';
import { machine, median, ratio, round } from './measure.mjs';

/** Ours may take this many times as long: 0.8 of the speed. */
const BOUND = 1 / 0.8;
const PIECE_BYTES = 1024 * 1024;

function filesOf(path) {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Signed slices with their bytes. */
function slicesOf(path) {
  const bytes = readFileSync(path);
  if (sniffBinary(bytes.subarray(0, 1024)) !== 'mach-o') return [];
  const source = bytesAsSource(bytes);
  const reading = readMachO(source);
  if (!reading.ok) throw new Error(`${path}: ${reading.refusal.message}`);
  return reading.facts.slices.filter(({ signature }) => signature).map((slice) => ({ path, source, slice, bytes }));
}

/** What pages cover, once for each code directory: as many bytes as the verification hashes. */
function hashPlain({ bytes, slice, directories }) {
  for (const { hashType } of directories) {
    const hash = createHash(hashType);
    const end = slice.offset + slice.signature.offset;
    for (let at = slice.offset; at < end; at += PIECE_BYTES) hash.update(bytes.subarray(at, Math.min(at + PIECE_BYTES, end)));
    hash.digest('hex');
  }
}

function verify({ path, source, slice }) {
  const verified = verifyMachOSignature(source, slice, { now: Date.now() });
  if (!verified.ok) throw new Error(`${path}: ${verified.refusal.message}`);
  const [problem] = verified.facts.problems;
  if (problem) throw new Error(`${path}: ${problem.message}`);
  return verified.facts.signature.codeDirectories;
}

function cpuSeconds(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const options = process.argv.slice(2).filter((text) => text.startsWith('--'));
const option = (name) => options.find((text) => text.startsWith(`--${name}=`))?.slice(name.length + 3);
const paths = process.argv.slice(2).filter((text) => !text.startsWith('--'));
if (paths.length === 0) throw new Error('a file or folder is missing: node tools/bench/bench-binary.mjs FILE|FOLDER…');
const slices = paths.flatMap(filesOf).flatMap(slicesOf);
for (const entry of slices) entry.directories = verify(entry);
const bytes = slices.reduce((sum, { slice, directories }) => sum + slice.signature.offset * directories.length, 0);
const pairs = Array.from({ length: Number(option('runs') ?? 7) }, () => ({
  ours: cpuSeconds(() => slices.forEach(verify)),
  plain: cpuSeconds(() => slices.forEach(hashPlain)),
}));
const [ours, plain] = [median(pairs.map((pair) => pair.ours)), median(pairs.map((pair) => pair.plain))];
const result = {
  machine: machine(),
  slices: slices.length,
  hashedMib: round(bytes / 1024 / 1024),
  mibPerSecond: { ours: round(bytes / 1024 / 1024 / ours), plain: round(bytes / 1024 / 1024 / plain) },
  comparison: ratio('verification of Mach-O signatures against SHA-256 of the same bytes, processor seconds', ours, plain, BOUND),
};
console.log(JSON.stringify(result, null, 2));
if (option('output')) writeFileSync(option('output'), `${JSON.stringify(result, null, 2)}\n`);
if (!result.comparison.holds) process.exitCode = 1;

/**
 * Verification of the page hashes of Mach-O signatures against plain SHA-256 of the same bytes by node:crypto: both read from memory, one after the other, so that a change of the machine's load meets both. How
 * long whole signatures take, with certificates and timestamps, whose time does not grow with the file, is told beside it.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { bytesAsSource, readMachO, sniffBinary, verifyMachOSignature } from '@waybill/binary';
import { median, ratio, round } from './measure.mjs';

/** Ours may take this many times as long: 0.8 of the speed. */
const BOUND = 1 / 0.8;
const PIECE_BYTES = 1024 * 1024;
const MIB = 1024 * 1024;
const require = createRequire(import.meta.url);
const part = (name) => require(fileURLToPath(new URL(`../../packages/binary/dist/macho/signature/${name}.js`, import.meta.url)));
const [{ parseSignature }, { badPagesOf }] = [part('read-signature'), part('verify-signature')];

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
  const signed = reading.facts.slices.filter(({ signature }) => signature);
  return signed.map((slice) => ({ path, source, slice, bytes, parsed: parseSignature(source, slice) }));
}

/** What pages cover, once for each code directory: as many bytes as the verification hashes. */
function hashPlain({ bytes, slice, directories }) {
  for (let directory = 0; directory < directories.length; directory += 1) {
    const hash = createHash('sha256');
    const end = slice.offset + slice.signature.offset;
    for (let at = slice.offset; at < end; at += PIECE_BYTES) hash.update(bytes.subarray(at, Math.min(at + PIECE_BYTES, end)));
    hash.digest('hex');
  }
}

function verifyPages({ path, source, slice, parsed, directories }) {
  for (const directory of directories) if (badPagesOf(source, slice, parsed, directory).length > 0) throw new Error(`${path} was changed`);
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

/** Over all signed slices of files and folders, each of which must hold; processor seconds, medians of `runs`. The speed of ours may be 0.8 of the other at the least. */
export function comparePageHashes(paths, runs) {
  const slices = paths.flatMap(filesOf).flatMap(slicesOf);
  if (slices.length === 0) throw new Error(`no signed Mach-O file in ${paths.join(', ')}`);
  for (const entry of slices) entry.directories = verify(entry);
  const bytes = slices.reduce((sum, { slice, directories }) => sum + slice.signature.offset * directories.length, 0);
  const pairs = Array.from({ length: runs }, () => ({
    ours: cpuSeconds(() => slices.forEach(verifyPages)),
    plain: cpuSeconds(() => slices.forEach(hashPlain)),
  }));
  const [ours, plain] = ['ours', 'plain'].map((way) => median(pairs.map((pair) => pair[way])));
  // apart from them: the garbage of certificates would be cleared away on the time of the next
  const whole = median(Array.from({ length: runs }, () => cpuSeconds(() => slices.forEach(verify))));
  return {
    slices: slices.length,
    hashedMib: round(bytes / MIB),
    mibPerSecond: { ours: round(bytes / MIB / ours), wholeSignatures: round(bytes / MIB / whole), plain: round(bytes / MIB / plain) },
    comparison: ratio('verification of page hashes of Mach-O signatures against SHA-256 of the same bytes, processor seconds', ours, plain, BOUND),
  };
}

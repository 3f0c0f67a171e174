/**
 * Hashing as `checksum` and `waybill-verify` do it, over four files of 128 MB: against one openssl a core, and against `sha256sum`. MiB a second, in turn,
 * medians. Exits with 1 when a bound does not hold.
 * Usage: node tools/bench/bench-hashing.mjs [--runs=3]
 */
import { randomFillSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../prepare-repository.mjs';
import { mustRun } from '../run-command.mjs';
import { argument, median, round } from './measure.mjs';

const MIB = 1024 * 1024;
const runs = Number(argument('runs', '3'));
const built = (path) => createRequire(import.meta.url)(join(ROOT, 'packages', path));
const core = built('core/dist/index.js');

function writeRandom(path, bytes) {
  const block = Buffer.alloc(4 * MIB);
  writeFileSync(path, '');
  for (let left = bytes; left > 0; left -= block.length)
    writeFileSync(path, randomFillSync(block).subarray(0, Math.min(left, block.length)), { flag: 'a' });
}
const rate = (bytes, seconds) => bytes / seconds / MIB;
const atLeast = (name, ours, theirs, bound) => ({
  name,
  ours: round(ours),
  theirs: round(theirs),
  ratio: round(ours / theirs),
  bound,
  holds: ours / theirs >= bound,
});

/** MiB a second: the executor's hashing against one openssl a core, and all of waybill-verify against sha256sum. */
async function measure(place) {
  const names = Array.from({ length: 4 }, (_, number) => `bench-${number}.bin`);
  for (const name of names) writeRandom(join(place, name), 128 * MIB);
  const sums = await mustRun('sha256sum', names, { cwd: place, quiet: true });
  writeFileSync(join(place, 'bench-SHA256SUMS'), sums.output);
  const bytes = names.length * 128 * MIB;
  const paths = names.map((name) => join(place, name));
  const [hashed, verified, raw, openssl] = [[], [], [], []];
  const { verifyDelivery } = built('verify/dist/index.js');
  const cores = availableParallelism();
  const shares = Array.from({ length: cores }, (_, core) => names.filter((__, index) => index % cores === core)).filter(({ length }) => length > 0);
  const timed = async (into, work) => {
    const started = performance.now();
    await work();
    into.push((performance.now() - started) / 1000);
  };
  for (let run = 0; run <= runs; run += 1) {
    await timed(hashed, () => core.hashFiles(paths));
    await timed(openssl, () => Promise.all(shares.map((share) => mustRun('openssl', ['dgst', '-sha256', ...share], { cwd: place, quiet: true }))));
    await timed(verified, () => verifyDelivery({ path: place, keys: [], ignoreMissing: true, temporaryFolder: tmpdir() }));
    await timed(raw, () => mustRun('sha256sum', names, { cwd: place, quiet: true }));
  }
  const of = (seconds) => rate(bytes, median(seconds.slice(1)));
  return [
    atLeast(`checksum, against openssl on ${shares.length} cores`, of(hashed), of(openssl), 0.9),
    atLeast('waybill-verify, against sha256sum', of(verified), of(raw), 0.8),
  ];
}

const folder = mkdtempSync(join(tmpdir(), 'waybill-bench-hashing-'));
try {
  const rows = await measure(folder);
  for (const row of rows) console.log(`${row.holds ? 'holds' : 'FAILS'} ${JSON.stringify(row)}`);
  if (rows.some(({ holds }) => !holds)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

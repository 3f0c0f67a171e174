/**
 * Hashing as `checksum` and `waybill-verify` do it, over four files of 128 MB: against one openssl a core, and against `sha256sum`. Then bundles, which
 * `waybill-verify` unpacks to compare every file with their manifest: against `sha256sum` of the packed files, which is told and has no bound
 * (docs/decisions/0024), and for each byte that it hashes. MiB a second, in turn, medians. Exits with 1 when a bound does not hold.
 * Usage: node tools/bench/bench-hashing.mjs [--runs=3]
 */
import { createHash, randomFillSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
const artifacts = built('artifacts/dist/index.js');
const { verifyDelivery } = built('verify/dist/index.js');

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

async function timed(into, work) {
  const started = performance.now();
  await work();
  into.push((performance.now() - started) / 1000);
}

/** MiB a second: the executor's hashing against one openssl a core, and all of waybill-verify against sha256sum. */
async function measure(place) {
  const names = Array.from({ length: 4 }, (_, number) => `bench-${number}.bin`);
  for (const name of names) writeRandom(join(place, name), 128 * MIB);
  const sums = await mustRun('sha256sum', names, { cwd: place, quiet: true });
  writeFileSync(join(place, 'bench-SHA256SUMS'), sums.output);
  const bytes = names.length * 128 * MIB;
  const paths = names.map((name) => join(place, name));
  const [hashed, verified, raw, openssl] = [[], [], [], []];
  const cores = availableParallelism();
  const shares = Array.from({ length: cores }, (_, core) => names.filter((__, index) => index % cores === core)).filter(({ length }) => length > 0);
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

const BUNDLE_BYTES = 96 * MIB;
const SIZES = [4_000, 20_000, 60_000, 300_000, 2_000_000, 1_000_000];
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Writes a bundle whose files are pieces of a program, with its manifest: they pack as programs do. */
async function writeBundle(place, platform) {
  const program = readFileSync(process.execPath);
  const files = new Map();
  for (let at = 0; at < BUNDLE_BYTES;) {
    const start = at % (program.length - SIZES[4]);
    const bytes = program.subarray(start, start + SIZES[files.size % SIZES.length]);
    files.set(`lib/${files.size}.so`, bytes);
    at += bytes.length;
  }
  const entries = [...files].map(([path, bytes]) => ({ path, type: 'file', mode: '0644', size: bytes.length, sha256: sha256(bytes) }));
  const manifest = artifacts.renderManifest({
    ...{ schema: artifacts.MANIFEST_SCHEMA, name: 'app', version: '1.0', platform, kind: 'python-app' },
    ...{ layout: { launcher: 'lib/0.so', python: 'lib/0.so' }, runtime: { version: '3.11.7', provider: 'interpreter', source: 'x' } },
    ...{ launcher: { kind: 'native' }, carried: [], pruned: [] },
    entries: entries.sort((one, other) => artifacts.compareBytewise(one.path, other.path)),
  });
  files.set(artifacts.MANIFEST_PATH, Buffer.from(manifest));
  const name = `app-1.0-${platform}.tar.gz`;
  const entryOf = ([path, bytes]) => ({
    ...{ kind: 'file', path: `app-1.0-${platform}/${path}`, mode: 0o644, size: bytes.length },
    async *open() {
      yield bytes;
    },
  });
  await core.writeArchive({ format: 'tar.gz', output: join(place, name), mtimeSeconds: 1_580_601_600, entries: [...files].map(entryOf) });
  const packed = readFileSync(join(place, name));
  const unpackedBytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  return { unpackedBytes, artifact: { name, kind: 'bundle-archive', platform, size: packed.length, sha256: sha256(packed) } };
}

/** All of waybill-verify over bundles whose manifests it checks, against sha256sum of the packed files. */
async function measureBundles(place, platforms) {
  mkdirSync(place);
  const bundles = [];
  for (const platform of platforms) bundles.push(await writeBundle(place, platform));
  const names = bundles.map(({ artifact }) => artifact.name);
  const release = artifacts.renderRelease({
    ...{ schema: artifacts.RELEASE_SCHEMA, project: 'app', name: 'app', version: '1.0', sourceDateEpoch: 1_580_601_600, tools: {} },
    ...{ sums: ['app-1.0-SHA256SUMS'], artifacts: bundles.map(({ artifact }) => artifact), signatures: [], proofs: [], unsigned: [], records: [] },
  });
  writeFileSync(join(place, 'release.json'), release);
  const sums = await mustRun('sha256sum', [...names, 'release.json'], { cwd: place, quiet: true });
  writeFileSync(join(place, 'app-1.0-SHA256SUMS'), sums.output);
  const [verified, raw] = [[], []];
  for (let run = 0; run <= runs; run += 1) {
    await timed(verified, async () => {
      const { findings } = await verifyDelivery({ path: place, keys: [], temporaryFolder: tmpdir() });
      if (findings.length > 0) throw new Error(JSON.stringify(findings));
    });
    await timed(raw, () => mustRun('sha256sum', names, { cwd: place, quiet: true }));
  }
  const packedBytes = bundles.reduce((sum, { artifact }) => sum + artifact.size, 0);
  const hashedBytes = packedBytes + bundles.reduce((sum, { unpackedBytes }) => sum + unpackedBytes, 0);
  const of = (bytes, seconds) => rate(bytes, median(seconds.slice(1)));
  const what = `waybill-verify of ${names.length === 1 ? 'a bundle' : `${names.length} bundles`}, its manifest checked`;
  return [
    atLeast(`${what}, against sha256sum of the packed file`, of(packedBytes, verified), of(packedBytes, raw), 0),
    atLeast(`${what}, for each byte that is hashed`, of(hashedBytes, verified), of(packedBytes, raw), 0.8),
  ];
}

const folder = mkdtempSync(join(tmpdir(), 'waybill-bench-hashing-'));
try {
  const rows = [
    ...(await measure(folder)),
    ...(await measureBundles(join(folder, 'one'), ['linux-x86_64'])),
    ...(await measureBundles(join(folder, 'two'), ['linux-x86_64', 'macos-aarch64'])),
  ];
  for (const row of rows) console.log(`${row.holds ? 'holds' : 'FAILS'} ${JSON.stringify(row)}`);
  if (rows.some(({ holds }) => !holds)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

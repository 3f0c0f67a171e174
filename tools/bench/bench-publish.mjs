/**
 * Publishing against the tools that people use today, over loopback: ten wheels against `uv publish`, one file of 200 MB to S3 against `aws s3 cp`, a second
 * run that finds everything against an empty process. Uploads are timed at the server, from the first byte of the
 * first body to the last answer, ledger included: what comes before and after (plan, preflight, reading everything back) is left out. In turn, medians.
 * Exits with 1 when a bound does not hold. A rival that is not installed is named, and not compared.
 * Usage: node tools/bench/bench-publish.mjs [--runs=3] [--only=index,s3,nothing] [--output=FILE]
 */
import { randomFillSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startExecutor } from '../../e2e/run-executor.mjs';
import { copyExamples, installExamples } from '../install-examples.mjs';
import { ROOT } from '../prepare-repository.mjs';
import { gitIn, mustRun, runCommand } from '../run-command.mjs';
import { startS3 } from '../stand-ins/s3-server.mjs';
import { argument, machine, median, ratio, round, timeCommand } from './measure.mjs';
import { startWheelIndex, watchUploads } from './publish-servers.mjs';

const MIB = 1024 * 1024;
const LARGE_BYTES = 200 * MIB;
const MOST_MEMORY_MIB = 200;
const NOTHING_SECONDS = 1.5;
const runs = Number(argument('runs', '3'));
const only = argument('only', 'index,s3,nothing').split(',');
const built = (path) => createRequire(import.meta.url)(join(ROOT, 'packages', path));
const core = built('core/dist/index.js');

/** In a child: publishes files to one destination, as the executor does, with a ledger on the disk. Prints its memory. */
async function publishOnce({ folder, files, destination }) {
  const publishing = built('publishing/dist/index.js');
  const { publishFileOf } = built('release/dist/publishing/publish-file.js');
  const { ledgerFiles } = built('release/dist/publishing/ledger-files.js');
  const http = core.createHttpClient({ readOnly: false, userAgent: 'waybill/bench', env: {} });
  const secret = (text) => new core.Secret(text);
  const made =
    destination.type === 's3'
      ? publishing.createS3Destination({
          id: 'there',
          http,
          ...destination,
          accessKeyId: secret(destination.keyId),
          secretAccessKey: secret(destination.key),
        })
      : publishing.createIndexDestination({
          ...{
            id: 'there',
            http,
            uploadUrl: destination.url,
            simpleUrl: `${destination.url}simple/`,
            projects: destination.projects,
            nowMs: Date.now,
          },
          ...{ login: { user: 'user', password: secret('password') }, metadataOf: async (file) => metadataOf(file.name) },
        });
  const sent = files.map((path) => {
    const { sha256, size } = JSON.parse(readFileSync(`${path}.json`, 'utf8'));
    const kind = path.endsWith('.whl') ? 'wheel' : 'bundle-archive';
    return publishFileOf({ name: basename(path), kind, size, sha256, madeFrom: [], file: path });
  });
  const release = { project: 'bench', name: 'bench', version: '1.0', channel: 'stable', tag: 'v1.0', sourceDateEpoch: 0 };
  const request = { release, destinations: [made], skipped: [], files: sent, body: '' };
  const ports = {
    ledgers: ledgerFiles(folder),
    nowMs: Date.now,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    line: () => undefined,
  };
  const more = { tool: '0', resume: true, waitMs: 10_000, requestTimeoutMs: 600_000 };
  const { outcome } = await publishing.publishRelease({ ...request, ...more }, ports);
  if (outcome !== 'success') throw new Error(outcome);
  // the highest of `resourceUsage` would be that of the process that started this one
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  console.log(JSON.stringify({ memoryMib: Number(kib) / 1024 }));
}

const metadataOf = (name) => `Metadata-Version: 2.1\nName: ${name.split('-')[0]}\nVersion: 1.0\n`;

function writeRandom(path, bytes) {
  const block = Buffer.alloc(4 * MIB);
  writeFileSync(path, '');
  for (let left = bytes; left > 0; left -= block.length)
    writeFileSync(path, randomFillSync(block).subarray(0, Math.min(left, block.length)), { flag: 'a' });
}
const describe = async (path) => {
  const { sha256 } = (await core.hashFiles([path]))[0].digests;
  writeFileSync(`${path}.json`, JSON.stringify({ sha256, size: statSync(path).size }));
};

async function writeWheel(folder, number) {
  const name = `bench_${number}`;
  const path = join(folder, `${name}-1.0-py3-none-any.whl`);
  const texts = { [`${name}-1.0.dist-info/METADATA`]: metadataOf(name), [`${name}-1.0.dist-info/RECORD`]: '' };
  texts[`${name}-1.0.dist-info/WHEEL`] = 'Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n';
  const contents = [
    [`${name}/data.bin`, randomFillSync(Buffer.alloc(2 * MIB))],
    ...Object.entries(texts).map(([file, text]) => [file, Buffer.from(text)]),
  ];
  const entries = contents.map(([file, bytes]) => ({
    ...{ kind: 'file', path: file, mode: 0o644, size: bytes.length },
    async *open() {
      yield bytes;
    },
  }));
  await core.writeArchive({ format: 'zip', entries, output: path, mtimeSeconds: 1_580_601_600 });
  await describe(path);
  return path;
}

/** Upload seconds of each of two ways, in turn. Ours is a child that publishes into a fresh ledger. */
async function race(folder, ours, theirs) {
  const seconds = { ours: [], theirs: [], memoryMib: 0 };
  for (let run = 0; run <= runs; run += 1) {
    const ledger = mkdtempSync(join(folder, 'ledger-'));
    const request = join(ledger, 'request.json');
    writeFileSync(request, JSON.stringify({ ...ours.request(run), folder: ledger }));
    const own = watchUploads();
    const { output } = await mustRun(process.execPath, [fileURLToPath(import.meta.url), '--once', request], { quiet: true });
    const ourSeconds = own.end();
    seconds.memoryMib = Math.max(seconds.memoryMib, JSON.parse(output.trim().split('\n').at(-1)).memoryMib);
    const other = watchUploads();
    await theirs(run);
    const theirSeconds = other.end();
    // the first of each warms up
    if (run === 0) continue;
    seconds.ours.push(ourSeconds);
    seconds.theirs.push(theirSeconds);
  }
  return { ours: median(seconds.ours), theirs: median(seconds.theirs), memoryMib: round(seconds.memoryMib) };
}

async function benchIndex(folder) {
  const index = await startWheelIndex();
  const files = [];
  for (let number = 0; number < 10; number += 1) files.push(await writeWheel(folder, number));
  const { path: uv } = await core.createTools({ processes: core.createProcesses(), environment: process.env }).resolve(core.UV);
  const projects = files.map((path) => basename(path).split('-')[0].replaceAll('_', '-'));
  const publish = ['publish', '--trusted-publishing', 'never', '--username', 'user', '--password', 'password', '--publish-url', index.url, ...files];
  const raced = await race(
    folder,
    { request: () => (index.held.clear(), { files, destination: { type: 'index', url: index.url, projects } }) },
    () => (index.held.clear(), mustRun(uv, publish, { quiet: true })),
  );
  await index.stop();
  return [ratio('ten wheels to an index, against uv publish', raced.ours, raced.theirs, 1.0)];
}

async function benchS3(folder) {
  if ((await runCommand('aws', ['--version'], { quiet: true }).catch(() => ({ exitCode: 1 }))).exitCode !== 0)
    return [missing('200 MB to S3', 'aws')];
  const store = await startS3();
  const path = join(folder, 'bench-1.0.tar.gz');
  writeRandom(path, LARGE_BYTES);
  await describe(path);
  const keys = { AWS_ACCESS_KEY_ID: store.accessKeyId, AWS_SECRET_ACCESS_KEY: store.secretAccessKey, AWS_DEFAULT_REGION: store.region };
  const env = { ...keys, AWS_REQUEST_CHECKSUM_CALCULATION: 'when_required' };
  const destination = { type: 's3', bucket: store.bucket, endpoint: store.url, latest: [], keyId: store.accessKeyId, key: store.secretAccessKey };
  const raced = await race(
    folder,
    { request: () => (store.objects.clear(), { files: [path], destination }) },
    () => (
      store.objects.clear(),
      mustRun('aws', ['s3', 'cp', '--only-show-errors', '--endpoint-url', store.url, path, `s3://${store.bucket}/x.tar.gz`], { quiet: true, env })
    ),
  );
  await store.stop();
  const memory = { name: 'memory of it, MiB', ours: raced.memoryMib, bound: MOST_MEMORY_MIB, holds: raced.memoryMib <= MOST_MEMORY_MIB };
  return [ratio('200 MB to S3, against aws s3 cp', raced.ours, raced.theirs, 1.1), memory];
}

/** wordtally, published to an index and to a folder, once more; against a process that loads nothing. */
async function benchNothing(folder) {
  const index = await startWheelIndex();
  const root = join(folder, 'workspace');
  mkdirSync(root);
  await copyExamples(root);
  await installExamples(root);
  const nx = [join(root, 'node_modules/nx/dist/bin/nx.js'), 'run', 'wordtally:sign-checksums'];
  await mustRun(process.execPath, nx, { cwd: root, quiet: true, env: { NX_DAEMON: 'false' } });
  const git = gitIn(root);
  await git('add', '.');
  await git('commit', '--quiet', '-m', 'release');
  const graph = JSON.parse(readFileSync(join(root, '.nx/workspace-data/project-graph.json'), 'utf8'));
  const to = [
    { type: 'folder', path: 'releases' },
    { type: 'index', repository: index.url, tokenEnv: 'BENCH_TOKEN', install: false },
  ];
  const publish = { root, graph, project: 'wordtally', target: 'publish', options: { to, requireTag: false }, env: { BENCH_TOKEN: 'x' } };
  const seconds = [];
  for (let run = 0; run <= runs; run += 1) {
    const started = performance.now();
    const { exitCode, output } = await startExecutor(publish);
    if (exitCode !== 0) throw new Error(output);
    if (run > 0) seconds.push((performance.now() - started) / 1000);
  }
  const empty = await timeCommand(process.execPath, ['-e', '0'], { runs });
  await index.stop();
  const ours = round(median(seconds) - empty.median);
  return [{ name: 'a second run with nothing to do, seconds beyond an empty process', ours, bound: NOTHING_SECONDS, holds: ours <= NOTHING_SECONDS }];
}

const missing = (name, tool) => ({ name, skipped: `${tool} is not installed` });
const BENCHES = { index: benchIndex, s3: benchS3, nothing: benchNothing };

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-bench-publish-'));
  try {
    const rows = [];
    for (const name of only) rows.push(...(await BENCHES[name](mkdtempSync(join(folder, `${name}-`)))));
    for (const row of rows) console.log(`${row.skipped ? 'SKIP' : row.holds ? 'holds' : 'FAILS'} ${JSON.stringify(row)}`);
    const output = argument('output');
    if (output) writeFileSync(output, `${JSON.stringify({ machine: machine(), rows }, null, 2)}\n`);
    if (rows.some(({ holds }) => holds === false)) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[2] === '--once') await publishOnce(JSON.parse(readFileSync(process.argv[3], 'utf8')));
else await main();

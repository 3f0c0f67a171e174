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
import { machine, median, ratio, round } from './measure.mjs';

const argument = (name, fallback) =>
  process.argv
    .find((text) => text.startsWith(`--${name}=`))
    ?.split('=')
    .slice(1)
    .join('=') ?? fallback;
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

const folder = mkdtempSync(join(tmpdir(), 'waybill-bench-'));
try {
  await nx('pychat:smoke-linux', '--skip-nx-cache');
  const patchelf = await patchelfOf(workspace);
  const home = await cleanHome(folder);
  await unpackVendor(folder);
  const ours = [];
  const theirs = [];
  for (let run = 0; run < runs; run += 1) {
    theirs.push((await runReference(folder, home, patchelf)).total);
    await nx('pychat:smoke-linux', '--skip-nx-cache');
    ours.push({ package: secondsOf('package-linux'), smoke: secondsOf('smoke-linux') });
  }
  const total = (row) => row.package + row.smoke;
  const result = {
    machine: machine(),
    runs,
    steps: { package: reportOf('package-linux').steps, smoke: reportOf('smoke-linux').steps },
    smokeSeconds: round(median(ours.map((row) => row.smoke))),
    ratios: [ratio('package + proof + archive + sums, cold, against the reference', median(ours.map(total)), median(theirs), 0.6)],
  };
  console.log(JSON.stringify(result, null, 2));
  const output = argument('output');
  if (output) writeFileSync(output, `${JSON.stringify(result, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

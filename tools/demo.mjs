/**
 * `npm run demo`: from a fresh clone to two packaged and proved applications. Installs, builds, packages, proves, and says where the bundles
 * are and what was proved. Without cargo the Rust example is left out, and that is said.
 */
import { readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { installExamples } from './install-examples.mjs';
import { ROOT, assertNodeVersion, buildPackages, installPackages } from './prepare-repository.mjs';
import { commandWorks, runCommand } from './run-command.mjs';

const EXAMPLES = join(ROOT, 'examples');

async function step(name, work) {
  const started = performance.now();
  process.stdout.write(`${name} … `);
  const result = await work();
  console.log(`${((performance.now() - started) / 1000).toFixed(1)} s`);
  return result;
}

/** Why the Rust example cannot be built here, or undefined. PyO3 needs a Python that has a shared library to link with. */
async function rustObstacle() {
  if (!(await commandWorks('cargo'))) return 'cargo is not installed (rustup or your package manager brings it)';
  const code =
    'import os,sysconfig as s; v=s.get_config_var; print(int(any(os.path.exists(os.path.join(d, v("LDLIBRARY") or "-")) for d in (v("LIBDIR") or "", v("LIBPL") or "", os.path.join(v("LIBDIR") or "", v("MULTIARCH") or "")) if str(v("LDLIBRARY")).find(".so") > 0)))';
  const { output } = await runCommand('python3', ['-c', code], { quiet: true });
  return output.trim() === '1' ? undefined : 'this `python3` has no shared libpython to link with (Debian: apt-get install libpython3-dev)';
}

async function packageAndProve(project) {
  const { exitCode } = await runCommand(
    process.execPath,
    ['node_modules/nx/dist/bin/nx.js', 'run', `${project}:smoke-linux`, '--output-style=stream'],
    {
      cwd: EXAMPLES,
      env: { NX_DAEMON: 'false' },
      timeoutMs: 1_200_000,
    },
  );
  return exitCode === 0;
}

function describe(project) {
  const folder = join(EXAMPLES, 'dist', project);
  const record = JSON.parse(readFileSync(join(folder, 'package-linux/artifacts.json'), 'utf8'));
  const report = JSON.parse(readFileSync(join(folder, 'smoke-linux/report.json'), 'utf8'));
  const smoke = JSON.parse(readFileSync(join(folder, 'smoke-linux/artifacts.json'), 'utf8'));
  const archive = record.artifacts.find(({ kind }) => kind === 'bundle-archive');
  const file = join(folder, 'package-linux', archive.path);
  console.log(`\n${project}: ${relative(ROOT, file)} (${(statSync(file).size / 1e6).toFixed(1)} MB)`);
  console.log(`  sha256 ${archive.sha256}`);
  console.log(
    `  verdict ${smoke.facts.verdict}, isolation ${smoke.facts.isolation}, ${smoke.facts.checksRun.length} checks run, ${smoke.facts.checksSkipped.length} skipped`,
  );
  for (const skipped of smoke.facts.checksSkipped) console.log(`  skipped ${skipped.check}: ${skipped.reason}`);
  console.log(`  report ${relative(ROOT, join(folder, 'smoke-linux/report.json'))} (${report.findings.length} findings)`);
}

assertNodeVersion();
if (process.platform !== 'linux') {
  console.error(`the demo packages for Linux and needs to run on it; this is ${process.platform}`);
  process.exit(2);
}
if (!(await commandWorks('python3'))) {
  console.error('`python3` (3.9 or newer) is needed on PATH');
  process.exit(2);
}
await step('installing npm packages', installPackages);
await step('building Waybill', buildPackages);
await step('installing it into examples/', () => installExamples(EXAMPLES));
const obstacle = await rustObstacle();
const projects = obstacle ? ['studio'] : ['studio', 'pychat'];
if (obstacle) console.log(`the Rust example \`pychat\` is left out: ${obstacle}`);
const failed = [];
for (const project of projects) if (!(await packageAndProve(project))) failed.push(project);
for (const project of projects) if (!failed.includes(project)) describe(project);
if (failed.length) console.error(`\nnot proved: ${failed.join(', ')} (reports in examples/dist)`);
process.exitCode = failed.length ? 1 : 0;

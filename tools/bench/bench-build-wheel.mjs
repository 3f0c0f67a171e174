/**
 * `build-wheel` against `uv build` of the same project, in one run: with all checks but the installation test, with it, and many projects
 * by `run-many` against the same builds by uv at the same parallelism. What is compared is processor time, which other work on the machine does not
 * change; wall seconds stand beside it. Ends with exit code 1 when a bound does not hold, and names it.
 * Usage: node tools/bench/bench-build-wheel.mjs [--runs=5] [--projects=50] [--parallel=2] [--workspace=DIR] [--output=FILE] [--report]
 * Without --workspace a copy of examples/ is installed for the run. With --report a bound that does not hold is told and is no failure.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { executorArguments } from '../../e2e/run-executor.mjs';
import { copyExamples, installExamples } from '../install-examples.mjs';
import { mustRun } from '../run-command.mjs';
import { argument, machine, measureCommand, median, round } from './measure.mjs';

const runs = Number(argument('runs', '5'));
const count = Number(argument('projects', '50'));
const parallel = Number(argument('parallel', '2'));

/** Seconds that the executor may take beyond `uv build`, and the factor on it. */
const BOUNDS = { factor: 1.05, checks: 0.4, install: 1.4, manyFactor: 1.1 };

const nxEnv = { NX_DAEMON: 'false', NX_TUI: 'false', NX_DRY_RUN: undefined, WAYBILL_DRY_RUN: undefined };
const nx = (workspace, ...args) =>
  mustRun(process.execPath, [join(workspace, 'node_modules/nx/dist/bin/nx.js'), ...args], { cwd: workspace, env: nxEnv, quiet: true });

async function readGraph(workspace, scratch) {
  const file = join(scratch, 'graph.json');
  await nx(workspace, 'graph', `--file=${file}`);
  return JSON.parse(readFileSync(file, 'utf8')).graph;
}

async function findUv(workspace) {
  const { UV, createProcesses, createTools } = createRequire(join(workspace, 'package.json'))('@waybill/core');
  return createTools({ processes: createProcesses(), environment: process.env }).resolve(UV);
}

/** The executor in a process of its own, with the start of Node: what Nx takes around it is measured with many projects. */
async function byExecutor({ workspace, graph, scratch }, project, installTest) {
  const options = { install: { enabled: installTest } };
  const args = executorArguments({ root: workspace, graph, project, target: 'build-wheel', options }, scratch);
  return measureCommand(process.execPath, args, { cwd: workspace, env: { NX_DRY_RUN: undefined, WAYBILL_DRY_RUN: undefined } });
}

/** Nx takes no boolean inside of an object from its command line. */
function addBare(workspace, project) {
  const file = join(workspace, project, 'project.json');
  const settings = JSON.parse(readFileSync(file, 'utf8'));
  settings.targets['build-wheel'].configurations = { bare: { install: { enabled: false } } };
  writeFileSync(file, JSON.stringify(settings, null, 2));
}

async function byUv(uv, folder, scratch) {
  const output = mkdtempSync(join(scratch, 'out-'));
  const copy = mkdtempSync(join(scratch, 'copy-'));
  cpSync(folder, copy, { recursive: true });
  return measureCommand(uv.path, ['build', '--quiet', '--out-dir', output, copy], { env: { PYTHONDONTWRITEBYTECODE: '1' } });
}

/** Alternately, so that load on the machine meets both. */
async function benchProject(place, uv, project) {
  const rows = [];
  for (let run = 0; run <= runs; run += 1) {
    const row = {
      uv: await byUv(uv, join(place.workspace, project), place.scratch),
      checks: await byExecutor(place, project, false),
      install: await byExecutor(place, project, true),
    };
    if (run > 0) rows.push(row);
  }
  const middle = (key, what) => round(median(rows.map((row) => row[key][what])));
  const theirs = middle('uv', 'processor');
  const against = (key, extra) => {
    const [ours, bound] = [middle(key, 'processor'), round(theirs * BOUNDS.factor + extra)];
    return { ours, bound, holds: ours <= bound, seconds: middle(key, 'seconds') };
  };
  const uvTimes = { processor: theirs, seconds: middle('uv', 'seconds') };
  return { project, uv: uvTimes, checks: against('checks', BOUNDS.checks), install: against('install', BOUNDS.install) };
}

/** Copies of wordtally under other names. */
function writeProjects(workspace) {
  return Array.from({ length: count }, (_, index) => {
    const name = `many${index}`;
    const folder = join(workspace, 'many', name);
    cpSync(join(workspace, 'wordtally'), folder, { recursive: true });
    for (const file of ['pyproject.toml', 'project.json']) {
      const path = join(folder, file);
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll('"wordtally"', `"${name}"`).replaceAll('"wordtally/src"', `"many/${name}/src"`));
    }
    return { name, folder };
  });
}

async function manyByUv(uv, projects, scratch) {
  const started = performance.now();
  const left = [...projects];
  let processor = 0;
  const work = async () => {
    for (let next = left.pop(); next; next = left.pop()) processor += (await byUv(uv, next.folder, scratch)).processor;
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return { processor, seconds: (performance.now() - started) / 1000 };
}

/** In one process, or each in its own. */
async function manyByNx(workspace, names, batch) {
  const nxBin = join(workspace, 'node_modules/nx/dist/bin/nx.js');
  const args = [nxBin, 'run-many', '-t', 'build-wheel', '-p', names, `--parallel=${parallel}`, `--batch=${batch}`, '--skip-nx-cache', '-c', 'bare'];
  return measureCommand(process.execPath, args, { cwd: workspace, env: { ...nxEnv, NX_PARALLEL: String(parallel) } });
}

async function benchMany(workspace, uv, scratch) {
  const projects = writeProjects(workspace);
  try {
    await manyByUv(uv, projects.slice(0, parallel), scratch);
    const theirs = await manyByUv(uv, projects, scratch);
    const names = projects.map(({ name }) => name).join(',');
    const ours = await manyByNx(workspace, names, true);
    const alone = await manyByNx(workspace, names, false);
    const ratioOf = ({ processor }) => round(processor / theirs.processor);
    const ratio = ratioOf(ours);
    return {
      projects: count,
      parallel,
      ours,
      alone,
      uv: theirs,
      ratio,
      aloneRatio: ratioOf(alone),
      bound: BOUNDS.manyFactor,
      holds: ratio <= BOUNDS.manyFactor,
    };
  } finally {
    rmSync(join(workspace, 'many'), { recursive: true });
  }
}

/** One line for each bound that does not hold. */
const broken = ({ single, many }) => [
  ...single.flatMap(({ project, ...kinds }) =>
    ['checks', 'install']
      .filter((kind) => !kinds[kind].holds)
      .map((kind) => `${project}, ${kind}: ${kinds[kind].ours} s of processor time, at most ${kinds[kind].bound}`),
  ),
  ...(many && !many.holds ? [`${many.projects} projects: ${many.ratio} times what uv takes, at most ${many.bound}`] : []),
];

const scratch = mkdtempSync(join(tmpdir(), 'waybill-bench-'));
try {
  const given = argument('workspace');
  const workspace = given ? resolve(given) : join(scratch, 'workspace');
  if (!given) {
    mkdirSync(workspace);
    await copyExamples(workspace);
    await installExamples(workspace);
  }
  const uv = await findUv(workspace);
  const before = machine();
  const single = [];
  addBare(workspace, 'wordtally');
  const place = { workspace, scratch, graph: await readGraph(workspace, scratch) };
  for (const project of ['wordtally', 'cspeed']) single.push(await benchProject(place, uv, project));
  const many = count > 0 ? await benchMany(workspace, uv, scratch) : undefined;
  const result = { machine: { ...before, uv: uv.version, loadAfter: machine().load }, runs, single, many };
  console.log(JSON.stringify(result, null, 2));
  const output = argument('output');
  if (output) writeFileSync(output, `${JSON.stringify(result, null, 2)}\n`);
  for (const line of broken(result)) console.error(`a bound does not hold: ${line}`);
  if (broken(result).length > 0 && !process.argv.includes('--report')) process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/**
 * `build-wheel` against `uv build` of the same project, in one run: with all checks but the installation test, with it, and many projects
 * by `run-many` against the same builds by uv at the same parallelism. What is judged is the time that a user waits, in wall seconds, by pairs: ours and
 * theirs one right after the other, in alternating order, so that other work on the machine meets both; of the pairs the median counts. Processor
 * seconds, of all processes, stand beside it as evidence. Ends with exit code 1 when a bound does not hold, and names it.
 * Usage: node tools/bench/bench-build-wheel.mjs [--runs=5] [--projects=50] [--many-runs=3] [--parallel=2] [--workspace=DIR] [--output=FILE] [--report]
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
const manyRuns = Number(argument('many-runs', '3'));
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

/** Copied before the clock runs: a build by uv leaves files in its sources. */
function copiesOf(folders, scratch) {
  return folders.map((folder) => {
    const copy = mkdtempSync(join(scratch, 'copy-'));
    cpSync(folder, copy, { recursive: true });
    return copy;
  });
}

const byUv = (uv, copy, scratch) =>
  measureCommand(uv.path, ['build', '--quiet', '--out-dir', mkdtempSync(join(scratch, 'out-')), copy], { env: { PYTHONDONTWRITEBYTECODE: '1' } });

/** Ours and theirs `times` over, the other one first each time; a warm-up before. */
async function measurePairs(times, ours, theirs) {
  const pairs = [];
  for (let run = 0; run <= times; run += 1) {
    const pair = {};
    const both = [async () => (pair.ours = await ours()), async () => (pair.theirs = await theirs())];
    for (const measure of run % 2 === 0 ? both : both.reverse()) await measure();
    if (run > 0) pairs.push(pair);
  }
  return pairs;
}

const middle = (pairs, of) => round(median(pairs.map(of)));
const timesOf = (pairs, who) => ({ seconds: middle(pairs, (pair) => pair[who].seconds), processor: middle(pairs, (pair) => pair[who].processor) });

/** `over`: wall seconds beyond the bound, negative when it is kept. */
async function benchSingle(place, uv, project, { installTest, extra }) {
  const folder = join(place.workspace, project);
  const pairs = await measurePairs(
    runs,
    () => byExecutor(place, project, installTest),
    () => byUv(uv, copiesOf([folder], place.scratch)[0], place.scratch),
  );
  const over = middle(pairs, ({ ours, theirs }) => ours.seconds - (theirs.seconds * BOUNDS.factor + extra));
  return { ours: timesOf(pairs, 'ours'), uv: timesOf(pairs, 'theirs'), over, holds: over <= 0 };
}

const benchProject = async (place, uv, project) => ({
  project,
  checks: await benchSingle(place, uv, project, { installTest: false, extra: BOUNDS.checks }),
  install: await benchSingle(place, uv, project, { installTest: true, extra: BOUNDS.install }),
});

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

async function manyByUv(uv, folders, scratch) {
  const left = copiesOf(folders, scratch);
  const started = performance.now();
  let processor = 0;
  const work = async () => {
    for (let next = left.pop(); next; next = left.pop()) processor += (await byUv(uv, next, scratch)).processor;
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
    const names = projects.map(({ name }) => name).join(',');
    const folders = projects.map(({ folder }) => folder);
    const pairs = await measurePairs(
      manyRuns,
      () => manyByNx(workspace, names, true),
      () => manyByUv(uv, folders, scratch),
    );
    const alone = await manyByNx(workspace, names, false);
    const ratioOf = (what) => middle(pairs, ({ ours, theirs }) => ours[what] / theirs[what]);
    const ratio = ratioOf('seconds');
    return {
      projects: count,
      parallel,
      ours: timesOf(pairs, 'ours'),
      uv: timesOf(pairs, 'theirs'),
      ratio,
      processorRatio: ratioOf('processor'),
      aloneRatio: round(alone.seconds / timesOf(pairs, 'theirs').seconds),
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
      .map((kind) => `${project}, ${kind}: ${kinds[kind].over} s too much beside the ${kinds[kind].uv.seconds} s of uv`),
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

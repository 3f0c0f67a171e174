/**
 * `build-wheel` against `uv build` of the same project, in one run: with all checks but the installation test, with it, and fifty projects
 * by `run-many` against the same builds by uv at the same parallelism.
 * Usage: node tools/bench/bench-build-wheel.mjs [--runs=5] [--projects=50] [--parallel=2] [--workspace=DIR] [--output=FILE]
 * Without --workspace a copy of examples/ is installed for the run.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { copyExamples, installExamples } from '../install-examples.mjs';
import { mustRun } from '../run-command.mjs';
import { machine, median, round } from './measure.mjs';

const argument = (name, fallback) =>
  process.argv
    .find((text) => text.startsWith(`--${name}=`))
    ?.split('=')
    .slice(1)
    .join('=') ?? fallback;
const runs = Number(argument('runs', '5'));
const count = Number(argument('projects', '50'));
const parallel = Number(argument('parallel', '2'));

/** Seconds that the executor may take beyond `uv build`, and the factor on it. */
const BOUNDS = { factor: 1.05, checks: 0.4, install: 1.4, manyFactor: 1.1 };

const nxEnv = { NX_DAEMON: 'false', NX_TUI: 'false', NX_DRY_RUN: undefined, WAYBILL_DRY_RUN: undefined };
const nx = (workspace, ...args) =>
  mustRun(process.execPath, [join(workspace, 'node_modules/nx/dist/bin/nx.js'), ...args], { cwd: workspace, env: nxEnv, quiet: true });

async function findUv(workspace) {
  const { UV, createProcesses, createTools } = createRequire(join(workspace, 'package.json'))('@waybill/core');
  return createTools({ processes: createProcesses(), environment: process.env }).resolve(UV);
}

/** Seconds of the executor itself, as its report tells: what Nx takes around it is not ours. */
async function executorSeconds(workspace, project, root, installTest) {
  const options = installTest ? [] : ['-c', 'bare'];
  await nx(workspace, 'run', `${project}:build-wheel`, '--skip-nx-cache', ...options);
  return JSON.parse(readFileSync(join(workspace, 'dist', root, 'build-wheel/report.json'), 'utf8')).seconds;
}

/** A configuration without the installation test: Nx takes no boolean inside of an object from its command line. */
function addBare(workspace, project) {
  const file = join(workspace, project, 'project.json');
  const settings = JSON.parse(readFileSync(file, 'utf8'));
  settings.targets['build-wheel'].configurations = { bare: { install: { enabled: false } } };
  writeFileSync(file, JSON.stringify(settings, null, 2));
}

async function uvSeconds(uv, folder, scratch) {
  const output = mkdtempSync(join(scratch, 'out-'));
  const copy = mkdtempSync(join(scratch, 'copy-'));
  cpSync(folder, copy, { recursive: true });
  const { seconds } = await mustRun(uv.path, ['build', '--quiet', '--out-dir', output, copy], { quiet: true, env: { PYTHONDONTWRITEBYTECODE: '1' } });
  return seconds;
}

/** Alternately, so that load on the machine meets both. */
async function benchProject(workspace, uv, scratch, project) {
  const rows = [];
  for (let run = 0; run <= runs; run += 1) {
    const row = {
      uv: await uvSeconds(uv, join(workspace, project), scratch),
      checks: await executorSeconds(workspace, project, project, false),
      install: await executorSeconds(workspace, project, project, true),
    };
    if (run > 0) rows.push(row);
  }
  const middle = (key) => median(rows.map((row) => row[key]));
  const bound = (extra) => middle('uv') * BOUNDS.factor + extra;
  return {
    project,
    uv: round(middle('uv')),
    checks: { ours: round(middle('checks')), bound: round(bound(BOUNDS.checks)), holds: middle('checks') <= bound(BOUNDS.checks) },
    install: { ours: round(middle('install')), bound: round(bound(BOUNDS.install)), holds: middle('install') <= bound(BOUNDS.install) },
    rows,
  };
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
  const work = async () => {
    for (let next = left.pop(); next; next = left.pop()) await uvSeconds(uv, next.folder, scratch);
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return (performance.now() - started) / 1000;
}

async function benchMany(workspace, uv, scratch) {
  const projects = writeProjects(workspace);
  const names = projects.map(({ name }) => name).join(',');
  const byUs = () => nx(workspace, 'run-many', '-t', 'build-wheel', '-p', names, `--parallel=${parallel}`, '--skip-nx-cache', '-c', 'bare');
  await manyByUv(uv, projects.slice(0, parallel), scratch);
  const theirs = await manyByUv(uv, projects, scratch);
  const { seconds: ours } = await byUs();
  rmSync(join(workspace, 'many'), { recursive: true });
  return {
    projects: count,
    parallel,
    ours: round(ours),
    uv: round(theirs),
    ratio: round(ours / theirs),
    bound: BOUNDS.manyFactor,
    holds: ours / theirs <= BOUNDS.manyFactor,
  };
}

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
  for (const project of ['wordtally', 'cspeed']) addBare(workspace, project);
  for (const project of ['wordtally', 'cspeed']) single.push(await benchProject(workspace, uv, scratch, project));
  const many = count > 0 ? await benchMany(workspace, uv, scratch) : undefined;
  const result = { machine: { ...before, uv: uv.version, loadAfter: machine().load }, runs, single, many };
  console.log(JSON.stringify(result, null, 2));
  const output = argument('output');
  if (output) writeFileSync(output, `${JSON.stringify(result, null, 2)}\n`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

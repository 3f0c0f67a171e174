/**
 * What a run costs that has nothing to do. Cached: the targets of studio from Nx's cache against as many targets of `nx:run-commands` with outputs
 * as large, in ms a task; the fingerprint of the tools, which Nx asks for each time that it hashes, for itself. Executors, each in a process of its own and against an empty one: package-dist in a dry run (all but the
 * work), and the time from the call until the first tool starts. In turn, medians.
 * Usage: node tools/bench/bench-nothing-to-do.mjs [--workspace=examples] [--runs=7] [--output=FILE]
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../prepare-repository.mjs';
import { mustRun } from '../run-command.mjs';
import { argument, machine, measureCommand, median, round } from './measure.mjs';

const BOUNDS = { cachedTask: 10, uncached: 80, firstTool: 180 };
const FINGERPRINT = 'node node_modules/@waybill/plugin-kit/dist/fingerprint/print-fingerprint.js';
const SUBJECTS = [{ project: 'studio', target: 'package-linux', executor: 'package-dist' }];

/** In a child: from the call to the executor's end (dry) or to the first program that it starts. Prints milliseconds. */
async function measureOnce(workspace, graphFile, index, what) {
  const { nodes, dependencies } = JSON.parse(readFileSync(graphFile, 'utf8')).graph;
  const { project, target: targetName, executor: name } = SUBJECTS[index];
  const target = nodes[project].data.targets[targetName];
  const require = createRequire(join(workspace, 'package.json'));
  const started = performance.now();
  const tell = () => {
    process.stderr.write(`ms ${performance.now() - started}\n`, () => process.exit(0));
  };
  if (what === 'empty') return tell();
  if (what === 'first-tool') {
    const processes = require('node:child_process');
    processes.spawn = () => {
      tell();
      throw new Error('the first tool');
    };
    syncBuiltinESMExports();
  }
  const file = join(require.resolve('@waybill/bundle/package.json'), '..', 'dist/executors', name, 'executor.js');
  const run = require(file).default;
  const nxJsonConfiguration = JSON.parse(readFileSync(join(workspace, 'nx.json'), 'utf8'));
  const context = { root: workspace, projectName: project, targetName, target, nxJsonConfiguration, projectGraph: { nodes, dependencies } };
  const { success } = await run(target.options, context);
  if (!success) throw new Error('the executor failed');
  return tell();
}

/** What the plugin entry makes for a dry run of the whole chain. */
const dryRunFolder = (graphFile) => mkdtempSync(join(graphFile, '../waybill-dry-run-'));

async function inChild(workspace, graphFile, index, what) {
  const env = what === 'dry' ? { NX_DRY_RUN: 'true', WAYBILL_DRY_RUN: dryRunFolder(graphFile) } : {};
  const { output } = await mustRun(process.execPath, [fileURLToPath(import.meta.url), '--once', workspace, graphFile, `${index}`, what], {
    quiet: true,
    cwd: workspace,
    env,
  });
  return Number(output.match(/^ms ([\d.]+)$/m)[1]);
}

async function measureExecutor(workspace, graphFile, index, runs) {
  const rows = [];
  for (let run = 0; run <= runs; run += 1) {
    const row = {};
    for (const what of ['empty', 'dry', 'first-tool']) row[what] = await inChild(workspace, graphFile, index, what);
    if (run > 0) rows.push(row);
  }
  const dry = median(rows.map((row) => row.dry - row.empty));
  const firstTool = median(rows.map((row) => row['first-tool'] - row.empty));
  return {
    executor: SUBJECTS[index].executor,
    dryRunMs: round(dry),
    dryRunHolds: dry <= BOUNDS.uncached,
    firstToolMs: round(firstTool),
    firstToolHolds: firstTool <= BOUNDS.firstTool,
  };
}

/**
 * Targets that are cached, as many as studio has, with outputs as large and inputs of the same kinds: what a difference of the two then shows is
 * ours. None of our code runs in a cached task but the fingerprint of the tools: Nx asks for it each time that it hashes, and a task whose inputs
 * are the outputs of another is hashed after that one, by itself.
 */
function placeIdleProject(workspace) {
  const target = (of) => ({
    executor: 'nx:run-commands',
    cache: true,
    inputs: ['{projectRoot}/project.json', { runtime: FINGERPRINT }, { dependentTasksOutputFiles: '**/artifacts.json', transitive: true }],
    outputs: [`{workspaceRoot}/dist/idle/${of}`],
    options: { command: `mkdir -p dist/idle && cp -R dist/studio/${of} dist/idle/${of}` },
  });
  mkdirSync(join(workspace, 'idle'));
  const targets = { 'package-linux': target('package-linux'), 'smoke-linux': { ...target('smoke-linux'), dependsOn: ['package-linux'] } };
  writeFileSync(join(workspace, 'idle/project.json'), JSON.stringify({ name: 'idle', targets }));
}

async function measureCached(workspace, runs) {
  const env = { NX_DAEMON: 'false' };
  const nx = (task) => measureCommand(process.execPath, ['node_modules/nx/dist/bin/nx.js', 'run', task], { cwd: workspace, env });
  const fingerprint = () => measureCommand(process.execPath, FINGERPRINT.split(' ').slice(1), { cwd: workspace });
  placeIdleProject(workspace);
  try {
    const rows = [];
    for (let run = 0; run <= runs; run += 1) {
      const row = { ours: await nx('studio:smoke-linux'), idle: await nx('idle:smoke-linux'), fingerprint: await fingerprint() };
      if (run > 0) rows.push(row);
    }
    const of = (what) => median(rows.map(({ ours, idle }) => ((ours[what] - idle[what]) * 1000) / 2));
    return {
      name: 'cached, ms a task beyond an idle one with equal outputs',
      ms: round(of('seconds')),
      processorMs: round(of('processor')),
      bound: BOUNDS.cachedTask,
      holds: of('seconds') <= BOUNDS.cachedTask,
      fingerprintMsEachHashing: round(median(rows.map(({ fingerprint: { seconds } }) => seconds * 1000))),
    };
  } finally {
    for (const folder of ['idle', 'dist/idle']) rmSync(join(workspace, folder), { recursive: true, force: true });
  }
}

async function main() {
  const workspace = resolve(argument('workspace', join(ROOT, 'examples')));
  const runs = Number(argument('runs', '7'));
  const folder = mkdtempSync(join(tmpdir(), 'waybill-bench-'));
  try {
    const before = machine();
    const cached = await measureCached(workspace, runs);
    const graphFile = join(folder, 'graph.json');
    const graph = ['node_modules/nx/dist/bin/nx.js', 'graph', `--file=${graphFile}`];
    await mustRun(process.execPath, graph, { cwd: workspace, env: { NX_DAEMON: 'false' }, quiet: true });
    const executors = [];
    for (const index of SUBJECTS.keys()) executors.push(await measureExecutor(workspace, graphFile, index, runs));
    const result = { machine: before, loadAfter: machine().load, runs, bounds: BOUNDS, cached, executors };
    console.log(JSON.stringify(result, null, 2));
    const output = argument('output');
    if (output) writeFileSync(output, `${JSON.stringify(result, null, 2)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[2] === '--once') {
  const [workspace, graphFile, index, what] = process.argv.slice(3);
  await measureOnce(workspace, graphFile, Number(index), what);
} else {
  await main();
}

/**
 * What the plugin entry costs in a large workspace: 1,000 Python projects of which each needs some others. The same command of Nx with `@waybill/release` and
 * with a plugin of the same hooks that does nothing, without the daemon (the graph made anew, and read from what Nx kept) and with it. In turn, medians of
 * wall seconds; beside them the processor seconds of the command and of the workers that it waits for. Wants a machine that does nothing else: the ratios are of wall
 * time. Exits with 1 when a bound does not hold.
 * Usage: node tools/bench/bench-graph.mjs [--projects=1000] [--runs=5] [--output=FILE]
 */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT, buildPackages } from '../prepare-repository.mjs';
import { mustRun } from '../run-command.mjs';
import { argument, machine, measureCommand, median, ratio, round } from './measure.mjs';

const BOUNDS = { cold: 1.1, warm: 1.1, daemon: 1.01 };
const count = Number(argument('projects', '1000'));
const runs = Number(argument('runs', '5'));
const NX = 'node_modules/nx/dist/bin/nx.js';

const EMPTY_PLUGIN = `
exports.name = 'empty';
exports.createDependencies = async () => [];
exports.preTasksExecution = async () => {};
exports.postTasksExecution = async () => {};
`;

/** Each project needs the next, and one that many need. */
function filesOf(index) {
  const needs = [`p${(index + 1) % count}`, `p${index % 10}`].filter((name) => name !== `p${index}` && index % 4 !== 0);
  const folder = `libs/p${index}`;
  return {
    [`${folder}/project.json`]: JSON.stringify({ name: `p${index}`, targets: { 'build-wheel': { executor: 'nx:noop' } } }),
    [`${folder}/pyproject.toml`]: `[project]\nname = "p${index}"\nversion = "1.0.0"\ndependencies = ${JSON.stringify(needs)}\n`,
    [`${folder}/requirements.lock`]: Array.from({ length: 40 }, (_, line) => `package-${line}==1.${index}.0 --hash=sha256:${'0'.repeat(64)}\n`).join(
      '',
    ),
    [`${folder}/src/p${index}/__init__.py`]: '',
  };
}

function writeAll(root, files) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

function makeWorkspace(root, plugin) {
  writeAll(root, {
    'package.json': '{ "name": "large", "private": true }',
    'nx.json': JSON.stringify({ plugins: [plugin], analytics: false, neverConnectToCloud: true }),
    '.gitignore': 'node_modules\n.nx\n',
    'empty-plugin.js': EMPTY_PLUGIN,
  });
  for (let index = 0; index < count; index += 1) writeAll(root, filesOf(index));
  mkdirSync(join(root, 'node_modules/@waybill'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name !== '@waybill' && !name.startsWith('.')) symlinkSync(join(ROOT, 'node_modules', name), join(root, 'node_modules', name));
  }
  for (const name of readdirSync(join(ROOT, 'packages'))) symlinkSync(join(ROOT, 'packages', name), join(root, 'node_modules/@waybill', name));
  return root;
}

const environment = (root, daemon) => ({
  NX_DAEMON: String(daemon),
  NX_TUI: 'false',
  NX_NO_CLOUD: 'true',
  NX_WORKSPACE_DATA_DIRECTORY: join(root, '.nx/workspace-data'),
});

const graphOnce = (root, daemon) =>
  measureCommand(process.execPath, [NX, 'graph', '--file=.nx/graph.json'], { cwd: root, env: environment(root, daemon) });

/** The edges are those that the manifests name: a plugin that does nothing would be cheap too. */
function assertEdges(root) {
  const { dependencies } = JSON.parse(readFileSync(join(root, '.nx/graph.json'), 'utf8')).graph;
  const found = Object.values(dependencies).flat().length;
  if (found < count) throw new Error(`${found} edges between ${count} projects: the plugin was not there`);
}

async function compare(name, { ours, theirs }, before) {
  const rows = [];
  for (let run = 0; run <= runs; run += 1) {
    const row = {};
    for (const [who, root] of Object.entries({ ours, theirs })) {
      await before(root);
      row[who] = await graphOnce(root, name === 'daemon');
    }
    if (run > 0) rows.push(row);
  }
  assertEdges(ours);
  const of = (who, what) => median(rows.map((row) => row[who][what]));
  return {
    ...ratio(name, of('ours', 'seconds'), of('theirs', 'seconds'), BOUNDS[name]),
    processor: { ours: round(of('ours', 'processor')), theirs: round(of('theirs', 'processor')) },
  };
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-graph-bench-'));
  const places = {};
  try {
    await buildPackages();
    places.ours = makeWorkspace(join(folder, 'ours'), '@waybill/release');
    places.theirs = makeWorkspace(join(folder, 'theirs'), './empty-plugin.js');
    const before = machine();
    const forget = async (root) => rmSync(join(root, '.nx'), { recursive: true, force: true });
    const nothing = async () => undefined;
    const rows = [await compare('cold', places, forget), await compare('warm', places, nothing), await compare('daemon', places, nothing)];
    const result = { machine: before, loadAfter: machine().load, projects: count, runs, rows };
    console.log(JSON.stringify(result, null, 2));
    const output = argument('output');
    if (output) writeFileSync(output, `${JSON.stringify(result, null, 2)}\n`);
    if (rows.some(({ holds }) => !holds)) process.exitCode = 1;
  } finally {
    for (const root of Object.values(places))
      await mustRun(process.execPath, [NX, 'daemon', '--stop'], { cwd: root, env: environment(root, true), quiet: true });
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();

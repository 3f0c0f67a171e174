/**
 * What one run over 50 applications costs that has nothing to do, in ms a task beyond the same run over tasks that are idle. Cached: two targets each
 * with the inputs that `init` writes, against the same without our `runtime` input; all hits, and none of our code runs in a hit but the fingerprint of
 * the tools. Uncached: `checksum` and `publish` to a folder, of what is summed and published already, against an empty executor.
 * Usage: node tools/bench/bench-fifty-apps.mjs [--workspace=examples] [--apps=50] [--runs=3] [--output=FILE]
 *   `workspace` is an installed one, whose `dist/wordtally/build-wheel` was made by `nx run wordtally:build-wheel`.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ROOT } from '../prepare-repository.mjs';
import { mustRun } from '../run-command.mjs';
import { argument, machine, measureCommand, median, round } from './measure.mjs';

const BOUNDS = { cachedTask: 10, uncachedTask: 80 };

const write = (path, value) => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);

/** Hits are the same whatever executor made them: these are quick to make. */
function cachedTargets(name, inputs, suffix) {
  const target = (of) => ({
    executor: 'nx:run-commands',
    cache: true,
    inputs,
    outputs: [`{workspaceRoot}/dist/${name}/${of}`],
    options: { command: `mkdir -p dist/${name}/${of} && echo ${name} > dist/${name}/${of}/artifacts.json` },
  });
  const [first, second] = [`package-${suffix}`, `smoke-${suffix}`];
  return { [first]: target(first), [second]: { ...target(second), dependsOn: [first] } };
}

/** @param {string} wheels the folder of a record of `build-wheel` */
function placeApp(root, name, wheels, inputs) {
  const outputs = (of) => [`{workspaceRoot}/dist/${name}/${of}`];
  const ours = (executor, of, dependsOn, options = {}) => ({ executor: `@waybill/${executor}`, dependsOn, outputs: outputs(of), options });
  mkdirSync(join(root, name));
  writeFileSync(join(root, name, 'pyproject.toml'), `[project]\nname = "${name}"\nversion = "0.3.0"\n`);
  write(join(root, name, 'project.json'), {
    name,
    targets: {
      ...cachedTargets(name, inputs, 'ours'),
      ...cachedTargets(
        name,
        inputs.filter((input) => input !== 'waybillTools'),
        'idle',
      ),
      'build-wheel': ours('python:build-wheel', 'build-wheel', []),
      checksum: ours('release:checksum', 'checksum', ['build-wheel']),
      'sign-checksums': ours('signing:sign', 'sign-checksums', ['checksum'], { allowUnsigned: 'a benchmark has no key' }),
      publish: ours('release:publish', 'publish', ['sign-checksums'], { to: [{ type: 'folder', path: 'releases' }] }),
      empty: { executor: './empty:empty', cache: false },
    },
  });
  const folder = join(root, 'dist', name, 'build-wheel');
  cpSync(wheels, folder, { recursive: true });
  write(join(folder, 'artifacts.json'), { ...JSON.parse(readFileSync(join(folder, 'artifacts.json'), 'utf8')), project: name });
}

function placeWorkspace(root, installed, apps) {
  const nxJson = JSON.parse(readFileSync(join(installed, 'nx.json'), 'utf8'));
  write(join(root, 'nx.json'), nxJson);
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(installed, file), join(root, file));
  writeFileSync(join(root, '.gitignore'), 'node_modules\ndist\n.nx\nreleases\n');
  symlinkSync(join(installed, 'node_modules'), join(root, 'node_modules'));
  mkdirSync(join(root, 'empty'));
  write(join(root, 'empty/package.json'), { name: 'empty', version: '0.0.0', executors: './executors.json' });
  write(join(root, 'empty/executors.json'), { executors: { empty: { implementation: './empty.js', schema: './schema.json' } } });
  write(join(root, 'empty/schema.json'), { version: 2, type: 'object', properties: {} });
  writeFileSync(join(root, 'empty/empty.js'), 'exports.default = () => Promise.resolve({ success: true });\n');
  const inputs = nxJson.targetDefaults['@waybill/bundle:package-dist'].inputs;
  for (let index = 0; index < apps; index += 1) placeApp(root, `app${index}`, join(installed, 'dist/wordtally/build-wheel'), inputs);
}

/** With a commit and a tag at it, as releases have them: without, git is asked for less. */
async function commitWorkspace(root) {
  const git = (...args) => mustRun('git', ['-C', root, '-c', 'user.name=Bench', '-c', 'user.email=bench@example.org', ...args], { quiet: true });
  await git('init', '--quiet');
  await git('add', '--all');
  await git('-c', 'commit.gpgSign=false', 'commit', '--quiet', '--message=all apps');
  await git('tag', '--no-sign', 'v0.3.0');
}

async function measureRuns(root, apps, runs) {
  const env = { NX_DAEMON: 'false', NX_CACHE_DIRECTORY: join(root, '.nx/cache') };
  const many = (target, ...more) => {
    const args = ['node_modules/nx/dist/bin/nx.js', 'run-many', '-t', target, '--parallel=1', '--output-style=static', ...more];
    return measureCommand(process.execPath, args, { cwd: root, env });
  };
  const uncached = (target) => many(target, '--excludeTaskDependencies', '--skipNxCache');
  const kinds = {
    cached: { measure: () => many('smoke-ours'), idle: () => many('smoke-idle'), tasks: 2 * apps, bound: BOUNDS.cachedTask },
    checksum: { measure: () => uncached('checksum'), idle: () => uncached('empty'), tasks: apps, bound: BOUNDS.uncachedTask },
    publish: { measure: () => uncached('publish'), idle: () => uncached('empty'), tasks: apps, bound: BOUNDS.uncachedTask },
  };
  await uncached('checksum');
  await uncached('sign-checksums');
  const results = [];
  for (const [name, { measure, idle, tasks, bound }] of Object.entries(kinds)) {
    const rows = [];
    // the first one of each makes what the others then find
    for (let run = 0; run <= runs; run += 1) {
      const row = { ours: await measure(), idle: await idle() };
      if (run > 0) rows.push(row);
    }
    const of = (what) => median(rows.map(({ ours, idle: other }) => ((ours[what] - other[what]) * 1000) / tasks));
    const idleMs = round(median(rows.map(({ idle: other }) => (other.seconds * 1000) / tasks)));
    results.push({ name, tasks, ms: round(of('seconds')), processorMs: round(of('processor')), idleMs, bound, holds: of('seconds') <= bound });
  }
  return results;
}

async function main() {
  const installed = resolve(argument('workspace', join(ROOT, 'examples')));
  const [apps, runs] = [Number(argument('apps', '50')), Number(argument('runs', '3'))];
  const root = mkdtempSync(join(tmpdir(), 'waybill-bench-apps-'));
  try {
    placeWorkspace(root, installed, apps);
    await commitWorkspace(root);
    const before = machine();
    const result = { machine: before, apps, runs, results: await measureRuns(root, apps, runs), loadAfter: machine().load };
    console.log(JSON.stringify(result, null, 2));
    const output = argument('output');
    if (output) writeFileSync(output, `${JSON.stringify(result, null, 2)}\n`);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

await main();

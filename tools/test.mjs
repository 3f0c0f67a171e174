/**
 * `npm test`: everything from a fresh clone: npm and Debian packages, build, then lint, format, types, schema and docs drift, unit and contract
 * tests, tests of tools, e2e. Ends with `N passed, N failed, N skipped`. `--full` adds the long runs; a whole one writes docs/full-test.md.
 * `--full --long`: nothing but the files that have long runs, and docs/full-test.md says so.
 * With CI=true a skip that is not in tools/allowed-skips.json is a failure.
 */
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { copyExamples, installExamples } from './install-examples.mjs';
import { NX, ROOT, TSC, assertNodeVersion, buildPackages, installPackages } from './prepare-repository.mjs';
import { runCommand } from './run-command.mjs';
import { installSystemPackages } from './system-packages.mjs';
import { writeFullReport } from './write-full-report.mjs';

const full = process.argv.includes('--full');
const long = full && process.argv.includes('--long');
const only = process.argv
  .find((argument) => argument.startsWith('--only='))
  ?.slice('--only='.length)
  .split(',');
const env = { NX_DAEMON: 'false', ...(full ? { WAYBILL_TEST_FULL: '1' } : {}) };
const results = [];
const HOUR_MS = 3_600_000;

const record = (name, { passed, failed, skipped, skips = [], parts = [], seconds }) => {
  results.push({ name, passed, failed, skipped, skips, parts, seconds });
  console.log(`${failed ? '✗' : '✓'} ${name}: ${passed} passed, ${failed} failed, ${skipped} skipped (${seconds.toFixed(1)} s)`);
};

/** One command that is one test. Its output is shown when it fails. */
async function check(name, args) {
  const { exitCode, output, seconds } = await runCommand(process.execPath, args, {
    cwd: ROOT,
    env,
    quiet: true,
    timeoutMs: 900_000,
  });
  if (exitCode !== 0) console.log(output);
  record(name, { passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1, skipped: 0, seconds });
}

async function jest(folder) {
  const report = join(folder, 'jest.json');
  const args = [
    '--experimental-vm-modules',
    '--no-warnings',
    'node_modules/jest/bin/jest.js',
    '--config',
    'jest.config.js',
    // Jest leaves one core free, which on a machine of two means one worker.
    '--maxWorkers=100%',
    '--json',
    '--outputFile',
    report,
    '--silent=false',
    '--reporters=default',
    ...(long ? ['--runTestsByPath', ...filesIn('packages', '.spec.ts').filter(hasLongRuns)] : []),
  ];
  const { exitCode, output, seconds } = await runCommand(process.execPath, args, {
    cwd: ROOT,
    env,
    quiet: true,
    timeoutMs: full ? 6 * HOUR_MS : HOUR_MS,
  });
  printSkipReasons(output);
  const json = JSON.parse(readFileSync(report, 'utf8'));
  const broken = json.numRuntimeErrorTestSuites;
  const failed = json.numFailedTests + broken;
  if (exitCode !== 0) console.log(output);
  const skips = json.testResults
    .flatMap((file) => file.assertionResults)
    .filter(({ status }) => status === 'pending')
    .map(({ fullName }) => fullName);
  record('unit and contract', {
    passed: json.numPassedTests,
    failed: failed || (exitCode === 0 ? 0 : 1),
    skipped: json.numPendingTests,
    skips,
    parts: long ? json.testResults.map(partOf) : [],
    seconds,
  });
}

/** A file of tests as a row of the report. */
const partOf = ({ name, assertionResults, startTime, endTime }) => {
  const count = (status) => assertionResults.filter((test) => test.status === status).length;
  const seconds = (endTime - startTime) / 1000;
  return { name: relative(ROOT, name), passed: count('passed'), failed: count('failed'), skipped: count('pending'), seconds };
};

const printSkipReasons = (output) => {
  for (const line of new Set(output.match(/^\s*SKIP .*$/gm) ?? [])) console.log(line.trim());
};

/** What Node's own test runner says of some files, which are given one by one, so that a file that cannot be loaded counts as failed. */
async function runNodeTests(files, variables = {}) {
  const { exitCode, output, seconds } = await runCommand(process.execPath, ['--test', '--test-reporter=tap', '--test-concurrency=1', ...files], {
    cwd: ROOT,
    env: { ...env, ...variables },
    quiet: true,
    timeoutMs: full ? 3 * HOUR_MS : HOUR_MS,
  });
  const count = (word) => Number(output.match(new RegExp(`^# ${word} (\\d+)$`, 'm'))?.[1] ?? 0);
  const failed = count('fail') + count('cancelled');
  printSkipReasons(output);
  if (exitCode !== 0)
    console.log(
      output
        .split('\n')
        .filter((line) => !/^\s*(ok|---|\.\.\.|duration_ms|type:)/.test(line))
        .join('\n'),
    );
  const skips = [...output.matchAll(/^\s*ok \d+ - (.*?) # SKIP ?(.*)$/gm)].map(([, test, reason]) => ({ test, reason }));
  for (const { test, reason } of skips) console.log(`SKIP ${test}: ${reason}`);
  return {
    passed: count('pass'),
    failed: failed || (exitCode === 0 ? 0 : 1),
    skipped: count('skipped'),
    skips: skips.map(({ test }) => test),
    seconds,
  };
}

const nodeTests = async (name, files) => record(name, await runNodeTests(files));

/**
 * The e2e files in two lanes, each with a workspace of its own, because within one workspace they run one after another. The files that want
 * the Rust example built come first: one lane takes from the front, the other from the back, so that mostly one lane alone builds it.
 */
async function runLanes(workspaces) {
  const started = performance.now();
  const wantsRust = (file) => readFileSync(join(ROOT, file), 'utf8').includes('hasCargo');
  const files = filesIn('e2e', '.test.mjs')
    .filter((file) => !long || hasLongRuns(file))
    .sort((left, right) => Number(wantsRust(right)) - Number(wantsRust(left)));
  const done = [];
  const lane = async (workspace, take) => {
    for (let file = take(); file; file = take()) {
      const result = await runNodeTests([file], { WAYBILL_E2E_WORKSPACE: workspace });
      console.log(`  ${result.failed ? '✗' : '✓'} ${file} (${result.seconds.toFixed(1)} s)`);
      done.push(result);
    }
  };
  const takers = [() => files.shift(), () => files.pop()];
  await Promise.all(workspaces.map((workspace, index) => lane(workspace, takers[index])));
  const sum = (key) => done.reduce((total, result) => total + result[key], 0);
  const seconds = (performance.now() - started) / 1000;
  record('e2e', { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped'), skips: done.flatMap(({ skips }) => skips), seconds });
}

const filesIn = (folder, ending) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending) && !file.includes('node_modules'))
    .sort()
    .map((file) => join(folder, file));

/** Files that do more in a full run: they read its variable, themselves or through what they share. */
const hasLongRuns = (file) => /WAYBILL_TEST_FULL|testing\/fuzz-reader/.test(readFileSync(join(ROOT, file), 'utf8'));

/** Skips outside the list fail in CI; elsewhere they are printed. */
function unexpectedSkips() {
  const allowed = new Set(JSON.parse(readFileSync(join(ROOT, 'tools/allowed-skips.json'), 'utf8')).map(({ test }) => test));
  return results.flatMap(({ skips }) => skips).filter((test) => !allowed.has(test) && !(full === false && test.startsWith('[full]')));
}

const STAGES = {
  lint: () => check('lint', [NX, 'run-many', '-t', 'lint', '--output-style=static', '--skip-nx-cache']),
  format: () => check('format', ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.']),
  types: () => check('types', [TSC, '-p', 'tsconfig.json']),
  schemas: () => check('schema drift', ['tools/generate-schemas.mjs', '--check']),
  docs: () => check('docs drift', ['tools/generate-docs.mjs', '--check']),
  unit: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'waybill-test-'));
    try {
      await jest(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  tools: () => nodeTests('tools', filesIn('tools', '.test.mjs')),
  e2e: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'waybill-e2e-'));
    try {
      const workspaces = [join(folder, 'one')];
      await copyExamples(workspaces[0]);
      await installExamples(workspaces[0]);
      if (availableParallelism() > 1) {
        workspaces.push(join(folder, 'two'));
        cpSync(workspaces[0], workspaces[1], { recursive: true, verbatimSymlinks: true });
      }
      await runLanes(workspaces);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

assertNodeVersion();
await installPackages();
for (const line of await installSystemPackages()) console.log(line);
await buildPackages();
const runStages = async (names) => {
  for (const name of names) if (!only || only.includes(name)) await STAGES[name]();
};
// What only reads shares the cores; tests have them alone.
if (!long) await Promise.all([runStages(['lint']), runStages(['format', 'types', 'schemas', 'docs'])]);
await runStages(long ? ['unit', 'e2e'] : ['unit', 'tools', 'e2e']);

const sum = (key) => results.reduce((total, result) => total + result[key], 0);
const unexpected = process.env.CI ? unexpectedSkips() : [];
for (const test of unexpected) console.log(`not on the list of skips allowed in CI: ${test}`);
if (full && (long || !only)) writeFullReport(results, { long, only });
const failed = sum('failed') + unexpected.length;
console.log(`${sum('passed')} passed, ${failed} failed, ${sum('skipped')} skipped`);
process.exitCode = failed ? 1 : 0;

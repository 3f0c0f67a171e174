/**
 * The workflow that `ci-workflow` writes, run: each job in a fresh clone, with its shell steps as they are. The actions that check out, set up,
 * store and fetch are played here; GitHub itself is not.
 */
import assert from 'node:assert/strict';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gitIn, mustRun, runCommand } from '../tools/run-command.mjs';
import { makeWorkspaceBeside, nx, openWorkspace, readJson } from './workspace.mjs';

const WORKFLOW = '.github/workflows/release.yml';
const target = (executor, dependsOn, options, name) => ({
  executor,
  dependsOn,
  outputs: [`{workspaceRoot}/dist/{projectRoot}/${name}`],
  ...(options && { options }),
});

describe('the workflow of a library', () => {
  let workspace;
  let folder;
  let origin;
  let key;
  let fingerprint;

  const git = (place, ...args) => gitIn(place)(...args);
  const linkModules = (root) => symlinkSync(join(workspace.root, 'node_modules'), join(root, 'node_modules'));

  before(async () => {
    workspace = await openWorkspace();
    folder = mkdtempSync(join(tmpdir(), 'waybill-ci-'));
    origin = join(folder, 'origin');
    mkdirSync(join(folder, 'bin'), { recursive: true });
    // The packages are there already; everything else is the command that a runner would start.
    writeScript('npm', 'exit 0');
    writeScript('apt-get', 'exit 0');
    writeScript('npx', `shift; exec "${process.execPath}" node_modules/nx/dist/bin/nx.js "$@"`);
    makeWorkspaceBeside(workspace.root, origin, { nxJson: readJson(workspace.root, 'nx.json') });
    writeFileSync(join(origin, '.gitignore'), 'node_modules\n.nx\ndist\n');
    cpSync(join(workspace.root, 'wordtally'), join(origin, 'wordtally'), { recursive: true });
    const command = join(workspace.root, 'node_modules/@waybill/release/dist/commands/main.js');
    await mustRun(process.execPath, [command, 'make-key', '--type=minisign', `--out=${join(folder, 'release.key')}`], { quiet: true });
    key = readFileSync(join(folder, 'release.key'), 'utf8');
    fingerprint = readFileSync(join(folder, 'release.key.pub'), 'utf8').split('\n')[1];
    writeProject({ path: join(folder, 'published') });
    await git(origin, 'init', '--quiet', '-b', 'main');
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
    workspace.remove();
  });

  function writeScript(name, text) {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, 'bin', name), 0o755);
  }

  function writeProject({ path, more = {} }) {
    const signing = { backend: 'minisign', keyEnv: 'RELEASE_KEY', fingerprint };
    const targets = {
      'build-wheel': target('@waybill/python:build-wheel', ['^build-wheel'], undefined, 'build-wheel'),
      checksum: target('@waybill/release:checksum', ['build-wheel'], undefined, 'checksum'),
      'sign-checksums': { ...target('@waybill/signing:sign', ['checksum'], signing, 'sign-checksums'), cache: false },
      publish: target('@waybill/release:publish', ['sign-checksums', '^publish'], { to: [{ type: 'folder', path }] }, 'publish'),
      ...more,
    };
    writeFileSync(join(origin, 'wordtally/project.json'), JSON.stringify({ name: 'wordtally', targets }, null, 2));
  }

  const versionOf = () => /^version = "(?<version>.*)"$/m.exec(readFileSync(join(origin, 'wordtally/pyproject.toml'), 'utf8')).groups.version;

  const evaluate = (text, { outputs, secrets }) =>
    String(text).replaceAll(/\$\{\{ ([^}]+) \}\}/g, (_, expression) => {
      const [, kind, name] = /^(secrets|needs\.select\.outputs)\.(\w+)$/.exec(expression) ?? [];
      assert.ok(kind, `an expression that the test does not know: ${expression}`);
      return (kind === 'secrets' ? secrets[name] : outputs[name]) ?? '';
    });

  /** Runs a job in a fresh clone. @returns {Promise<{ok: boolean, output: string}>} */
  async function runJob(workflow, id, state) {
    const root = mkdtempSync(join(folder, `${id}-`));
    await git(folder, 'clone', '--quiet', origin, root);
    linkModules(root);
    const result = { ok: true, output: '' };
    for (const step of workflow.jobs[id].steps) {
      if (!result.ok && step.if !== '${{ !cancelled() }}') continue;
      if (step.run) await runStep(root, step, workflow, state, result);
      else moveFiles(root, step, state.store, result);
    }
    return result;
  }

  async function runStep(root, step, workflow, state, result) {
    const env = Object.fromEntries(Object.entries({ ...workflow.env, ...step.env }).map(([name, value]) => [name, evaluate(value, state)]));
    const github = { GITHUB_EVENT_NAME: 'push', GITHUB_REF: state.ref, GITHUB_OUTPUT: join(folder, 'output') };
    const PATH = `${join(folder, 'bin')}:${process.env.PATH}`;
    const run = await runCommand('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], {
      cwd: root,
      env: { ...github, ...env, PATH, NX_DRY_RUN: undefined, WAYBILL_DRY_RUN: undefined, NX_TUI: 'false', FORCE_COLOR: '0' },
      quiet: true,
      timeoutMs: 900_000,
    });
    result.output += run.output;
    if (run.exitCode !== 0) result.ok = false;
    if (step.id === 'select') state.outputs = Object.fromEntries([/^(\w+)=(.*)$/m.exec(readFileSync(join(folder, 'output'), 'utf8')).slice(1, 3)]);
  }

  function moveFiles(root, { uses, with: options }, store, result) {
    if (uses.startsWith('actions/upload-artifact@') && existsSync(join(root, 'dist'))) {
      rmSync(join(store, options.name), { recursive: true, force: true });
      cpSync(join(root, 'dist'), join(store, options.name), { recursive: true });
    }
    if (!uses.startsWith('actions/download-artifact@')) return;
    const stored = join(store, options.name ?? options.pattern);
    if (existsSync(stored)) cpSync(stored, join(root, 'dist'), { recursive: true });
    else if (options.name) result.ok = false;
  }

  test('is written, found up to date, and drifts with the targets', async () => {
    const made = await nx(origin, ['g', '@waybill/release:ci-workflow', '--provider=github']);
    assert.equal(made.exitCode, 0, made.output);
    for (const args of [['g', '@waybill/release:ci-workflow', '--check'], ['sync:check']]) {
      const run = await nx(origin, args);
      assert.equal(run.exitCode, 0, run.output);
    }
    const more = {
      'build-wheel-macos-universal2': target('@waybill/python:build-wheel', ['build-wheel'], undefined, 'build-wheel-macos-universal2'),
    };
    writeProject({ path: join(folder, 'published'), more });
    const drift = await nx(origin, ['g', '@waybill/release:ci-workflow', '--check']);
    assert.equal(drift.exitCode, 1);
    assert.match(drift.output, /GRAPH_WORKFLOW_DRIFT[^]*package-macos-universal2:[^]*fix: /);
    const synced = await nx(origin, ['sync:check']);
    assert.equal(synced.exitCode, 1);
    assert.match(synced.output, /release\.yml is not what the targets of the workspace ask for/);
    writeProject({ path: join(folder, 'published') });
  });

  test('releases a tag; what failed is taken up where it stopped', async () => {
    const require = createRequire(join(workspace.root, 'node_modules/nx/package.json'));
    const workflow = require('yaml').parse(readFileSync(join(origin, WORKFLOW), 'utf8'));
    const version = versionOf();
    await git(origin, 'add', '.');
    await git(origin, 'commit', '--quiet', '-m', 'feat: a library');
    await git(origin, 'tag', `wordtally@${version}`);
    const state = { ref: `refs/tags/wordtally@${version}`, store: join(folder, 'store'), outputs: {}, secrets: {} };
    for (const id of ['select', 'package-linux-x86_64']) {
      const { ok, output } = await runJob(workflow, id, state);
      assert.ok(ok, output);
    }
    assert.deepEqual(state.outputs, { select: 'run-many --projects=wordtally' });
    const keyless = await runJob(workflow, 'checksum', state);
    assert.equal(keyless.ok, false);
    assert.match(keyless.output, /SIGN_KEY_MISSING/);
    assert.ok(existsSync(join(state.store, 'checksum/wordtally/checksum/artifacts.json')), 'the sums were stored before the signature failed');
    state.secrets = { RELEASE_KEY: key };
    for (const id of ['checksum', 'publish']) {
      const { ok, output } = await runJob(workflow, id, state);
      assert.ok(ok, output);
      assert.ok(!output.includes(key.split('\n')[1]));
    }
    const published = readdirSync(join(folder, 'published/wordtally', version)).sort();
    for (const ending of ['.whl', '.tar.gz', '-SHA256SUMS', '-SHA256SUMS.minisig'])
      assert.ok(
        published.some((name) => name.endsWith(ending)),
        `${ending} in ${published}`,
      );
  });

  /** Plays GitLab: the job in a fresh clone, with what the jobs that it needs have stored. */
  async function runGitlabJob(pipeline, id, { store, variables }) {
    const { '.waybill': base, [id]: job } = pipeline;
    const root = mkdtempSync(join(folder, `gitlab-${id}-`));
    await git(folder, 'clone', '--quiet', origin, root);
    linkModules(root);
    for (const need of job.needs.filter((name) => existsSync(join(store, name)))) cpSync(join(store, need), join(root, 'dist'), { recursive: true });
    const selected = existsSync(join(store, 'select.env')) ? readFileSync(join(store, 'select.env'), 'utf8').trim() : '';
    const run = await runCommand('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', [...base.before_script, ...job.script].join('\n')], {
      cwd: root,
      env: {
        ...base.variables,
        ...variables,
        ...(selected && { SELECT: selected.slice('SELECT='.length) }),
        PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
        ...{ NX_DRY_RUN: undefined, WAYBILL_DRY_RUN: undefined, NX_TUI: 'false', FORCE_COLOR: '0' },
      },
      quiet: true,
      timeoutMs: 900_000,
    });
    if (existsSync(join(root, 'select.env'))) cpSync(join(root, 'select.env'), join(store, 'select.env'));
    if (existsSync(join(root, 'dist'))) cpSync(join(root, 'dist'), join(store, id), { recursive: true });
    return run;
  }

  test('the pipeline of GitLab releases the same tag', async () => {
    const tag = `wordtally@${versionOf()}`;
    const published = join(folder, 'published-by-gitlab');
    writeProject({ path: published });
    const made = await nx(origin, ['g', '@waybill/release:ci-workflow', '--provider=gitlab']);
    assert.equal(made.exitCode, 0, made.output);
    await git(origin, 'add', '.');
    await git(origin, 'commit', '--quiet', '-m', 'ci: GitLab');
    await git(origin, 'tag', '--force', tag);
    const require = createRequire(join(workspace.root, 'node_modules/nx/package.json'));
    const pipeline = require('yaml').parse(readFileSync(join(origin, '.gitlab/release.gitlab-ci.yml'), 'utf8'));
    const state = { store: join(folder, 'gitlab-store'), variables: { CI_PIPELINE_SOURCE: 'push', CI_COMMIT_TAG: tag, RELEASE_KEY: key } };
    mkdirSync(state.store);
    for (const id of Object.keys(pipeline).filter((name) => name !== '.waybill')) {
      const { exitCode, output } = await runGitlabJob(pipeline, id, state);
      assert.equal(exitCode, 0, `${id}\n${output}`);
    }
    const files = readdirSync(join(published, 'wordtally', versionOf()));
    assert.ok(files.some((name) => name.endsWith('.whl')) && files.some((name) => name.endsWith('-SHA256SUMS.minisig')), String(files));
  });
});

/**
 * `nx release` in one go, as a user types it: versions, changelogs, commit and tags, then publishing, of two libraries as the generator makes them, into
 * folders and into a real pypiserver on loopback.
 */
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gitIn } from '../tools/run-command.mjs';
import { startPypiserver } from './package-index.mjs';
import { makeWorkspaceBeside, nx, openWorkspace, readJson } from './workspace.mjs';

const WRITER = { GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@example.org', GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@example.org' };
const RELEASE = {
  projects: ['one', 'two'],
  projectsRelationship: 'independent',
  version: { versionActions: '@waybill/release/version-actions', conventionalCommits: true },
  changelog: { workspaceChangelog: false, projectChangelogs: { renderer: '@waybill/release/changelog-renderer', createRelease: false } },
};

let workspace;
let folder;
let root;
let index;

const git = (...args) => gitIn(root)(...args);
const released = (project, version) => {
  const place = join(root, 'dist/releases', project, version);
  return existsSync(place) ? readdirSync(place).sort() : [];
};
const filesOf = (project, version) =>
  ['release.json', ...['-SHA256SUMS', '-py3-none-any.whl', '.tar.gz'].map((ending) => `${project}-${version}${ending}`)].sort();
const uploaded = () => readdirSync(index.folder).sort();
const distributions = (version) => [`one-${version}-py3-none-any.whl`, `one-${version}.tar.gz`];
const versionOf = (project) => /^version = "(.*)"$/m.exec(readFileSync(join(root, 'libs', project, 'pyproject.toml'), 'utf8'))[1];
const status = async () => (await git('status', '--porcelain')).output;

async function release(...args) {
  const env = { ...WRITER, INDEX_URL: index.url, INDEX_TOKEN: 'hidden-token' };
  const run = await nx(root, ['release', ...args], env);
  assert.ok(!run.output.includes('hidden-token'), run.output);
  return run;
}

/** The same, for what has to end well. */
async function mustRelease(...args) {
  const { exitCode, output } = await release(...args);
  assert.equal(exitCode, 0, output);
  return output;
}

before(async () => {
  workspace = await openWorkspace();
  folder = mkdtempSync(join(tmpdir(), 'waybill-nx-release-'));
  root = join(folder, 'workspace');
  makeWorkspaceBeside(workspace.root, root, { packageJson: { workspaces: ['libs/*'] }, nxJson: { release: RELEASE } });
  await git('init', '--quiet', '-b', 'main');
  // Nx reads what comes after the first commit.
  await git('add', '.');
  await git('commit', '--quiet', '-m', 'chore: a workspace');
  for (const name of ['one', 'two']) {
    const made = await nx(root, ['g', '@waybill/python:library', `libs/${name}`]);
    assert.equal(made.exitCode, 0, made.output);
  }
  // To Nx a project of npm that anybody may have: without a target of ours `nx release` would send it to npm.
  writeFileSync(join(root, 'libs/two/package.json'), JSON.stringify({ name: 'two', version: '0.1.0' }));
  const path = join(root, 'libs/one/project.json');
  const project = readJson(path);
  project.targets.publish.options.to.push({ type: 'index', id: 'local', repositoryEnv: 'INDEX_URL', tokenEnv: 'INDEX_TOKEN', install: false });
  writeFileSync(path, JSON.stringify(project, null, 2));
  await git('add', '.');
  await git('commit', '--quiet', '-m', 'feat: two libraries');
  index = await startPypiserver(workspace.root, join(folder, 'packages'));
});
after(async () => {
  await index?.stop();
  rmSync(folder, { recursive: true, force: true });
  workspace?.remove();
});

test('a dry run of all shows versions and changelogs, one of publishing the plan of each chain; neither changes anything', async () => {
  const whole = await mustRelease('--first-release', '--dry-run');
  assert.match(whole, /\+\s*version = "0\.1\.1"/);
  const publishing = await mustRelease('publish', '--first-release', '--dry-run');
  for (const project of ['one', 'two'])
    for (const target of ['build-wheel', 'checksum', 'sign-checksums', 'nx-release-publish'])
      assert.match(publishing, new RegExp(`dry run of ${project}:${target}`));
  assert.equal(publishing.match(/^the whole plan, of 4 targets: nothing is changed$/gm)?.length, 2, publishing);
  assert.match(publishing, /^ {2}one:nx-release-publish +makes .*\n(?: +.*\n)* +skipped local: no release tag$/m);
  assert.deepEqual([await status(), existsSync(join(root, 'dist')), uploaded(), versionOf('one')], ['', false, [], '0.1.0']);
});

test('one command versions, writes changelogs, commits, tags and publishes by the list of `publish`', async () => {
  const output = await mustRelease('--first-release', '--yes');
  assert.deepEqual([versionOf('one'), versionOf('two'), await status()], ['0.1.1', '0.1.1', '']);
  assert.deepEqual((await git('tag', '--points-at', 'HEAD')).output.trim().split('\n'), ['one@0.1.1', 'two@0.1.1']);
  assert.match(readFileSync(join(root, 'libs/one/CHANGELOG.md'), 'utf8'), /## 0\.1\.1[\s\S]*two libraries/);
  assert.deepEqual([released('one', '0.1.1'), released('two', '0.1.1')], [filesOf('one', '0.1.1'), filesOf('two', '0.1.1')]);
  assert.deepEqual(uploaded(), distributions('0.1.1'));
  assert.match(output, /local: 2 files/);
  assert.equal(readJson(root, 'dist/releases/one/0.1.1/release.json').tag, 'one@0.1.1');
});

test('what did not change gets no version, and is not published again', async () => {
  appendFileSync(join(root, 'libs/one/src/one/__init__.py'), '\nMORE = 1\n');
  await git('commit', '--quiet', '--all', '-m', 'fix: more');
  const output = await mustRelease('--yes');
  assert.deepEqual([versionOf('one'), versionOf('two')], ['0.1.2', '0.1.1']);
  assert.deepEqual([released('one', '0.1.2'), readdirSync(join(root, 'dist/releases/two'))], [filesOf('one', '0.1.2'), ['0.1.1', 'stable.json']]);
  assert.deepEqual(uploaded(), [...distributions('0.1.1'), ...distributions('0.1.2')].sort());
  assert.match(output, /skipped \(`nx release` gave it no new version\): two:nx-release-publish/);
});

test('publishing alone, again: nothing is sent; of one project by name Nx leaves out what it depends on, and without it nothing goes out', async () => {
  const again = await mustRelease('publish', '--projects=one');
  assert.match(again, /local: 2 files, nothing was sent, all were there/);
  rmSync(join(root, 'dist/libs'), { recursive: true });
  const { exitCode, output } = await release('publish', '--projects=one');
  assert.notEqual(exitCode, 0, output);
  assert.match(output, /RECORD_MISSING[\s\S]*fix: .*nx run one:/);
});

test('what only npm knows is refused by its name', async () => {
  const { exitCode, output } = await release('publish', '--projects=one', '--tag=next');
  assert.notEqual(exitCode, 0, output);
  assert.match(output, /'tag'/);
});

test('`--plan` and `--only` hold for the libraries that a project needs too: they are published because it is', async () => {
  await git('checkout', '--quiet', '-b', 'needs');
  for (const name of ['one', 'two']) {
    const path = join(root, 'libs', name, 'pyproject.toml');
    const text = readFileSync(path, 'utf8').replace(/^version = .*$/m, 'version = "0.2.0"');
    writeFileSync(path, name === 'two' ? text.replace(/^dependencies = \[\]$/m, 'dependencies = ["one"]') : text);
  }
  writeFileSync(join(root, 'libs/two/package.json'), JSON.stringify({ name: 'two', version: '0.2.0' }));
  await git('commit', '--quiet', '--all', '-m', 'feat: two needs one');
  for (const name of ['one', 'two']) await git('tag', `${name}@0.2.0`);
  const publish = async (...args) => {
    const { exitCode, output } = await nx(root, ['run', 'two:publish', ...args], { INDEX_URL: index.url, INDEX_TOKEN: 'hidden-token' });
    assert.equal(exitCode, 0, output);
    assert.match(output, /one:publish/);
    return [released('one', '0.2.0').length, released('two', '0.2.0').length, uploaded().filter((name) => name.includes('0.2.0')).length];
  };
  assert.deepEqual(await publish('--plan'), [0, 0, 0]);
  assert.deepEqual(await publish('--only=folder'), [4, 4, 0]);
  assert.deepEqual(await publish(), [4, 4, 2]);
  await git('checkout', '--quiet', 'main');
});

test('a project whose targets stand in package.json gets them there, and a dry run of the generator writes nothing', async () => {
  rmSync(join(root, 'libs/two/project.json'));
  const targets = ['g', '@waybill/release:release-targets', 'two'];
  const manifest = () => readFileSync(join(root, 'libs/two/package.json'), 'utf8');
  const before = manifest();
  const dry = await nx(root, [...targets, '--dry-run']);
  assert.equal(dry.exitCode, 0, dry.output);
  assert.match(dry.output, /UPDATE libs\/two\/package\.json/);
  assert.deepEqual([manifest(), existsSync(join(root, 'libs/two/project.json'))], [before, false]);
  const written = await nx(root, targets);
  assert.equal(written.exitCode, 0, written.output);
  const shown = await nx(root, ['show', 'project', 'two', '--json']);
  const { targets: seen } = JSON.parse(shown.output.slice(shown.output.indexOf('{')));
  assert.deepEqual(
    [seen['nx-release-publish'].executor, seen['nx-release-publish'].dependsOn],
    ['@waybill/release:publish', ['sign-checksums', '^nx-release-publish']],
  );
  rmSync(join(root, 'dist/releases/two'), { recursive: true });
  const run = await nx(root, ['run', 'two:release']);
  assert.equal(run.exitCode, 0, run.output);
  assert.deepEqual(released('two', '0.1.1'), filesOf('two', '0.1.1'));
  const removed = await nx(root, [...targets, '--remove']);
  assert.equal(removed.exitCode, 0, removed.output);
  assert.deepEqual(JSON.parse(manifest()), JSON.parse(before));
});

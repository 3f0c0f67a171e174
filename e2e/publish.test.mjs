/** wordtally published as a user does it: to a folder that pip reads, to a real pypiserver, killed at every request, and taken back. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gitIn, mustRun, runCommand } from '../tools/run-command.mjs';
import { startPypiserver, startProxy } from './package-index.mjs';
import { startExecutor } from './run-executor.mjs';
import { nx, openWorkspace, readJson, recordOf } from './workspace.mjs';

let workspace;
let root;
let folder;
let index;
let proxy;
let graph;

before(async () => {
  workspace = await openWorkspace();
  root = workspace.root;
  folder = mkdtempSync(join(tmpdir(), 'waybill-publish-'));
  index = await startPypiserver(root, join(folder, 'packages'));
  proxy = await startProxy(index.url);
});
after(async () => {
  proxy?.stop();
  await index?.stop();
  for (const path of ['.git', '.waybill', 'releases', 'dist/wordtally']) rmSync(join(root, path), { recursive: true, force: true });
  await mustRun('git', ['init', '--quiet', root], { quiet: true });
  rmSync(folder, { recursive: true, force: true });
  workspace.remove();
});

const environment = () => ({ WORDTALLY_INDEX: proxy.url, WORDTALLY_INDEX_TOKEN: 'hidden-token' });
const git = (...args) => gitIn(root)(...args);
const digests = (path) =>
  Object.fromEntries(
    readdirSync(path)
      .sort()
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(path, name)))
          .digest('hex'),
      ]),
  );
const recorded = (...kinds) =>
  Object.fromEntries(
    ['build-wheel', 'checksum']
      .flatMap((target) => recordOf(root, 'wordtally', target).artifacts)
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ name, sha256 }) => [name, sha256])
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
const release = () => recordOf(root, 'wordtally', 'checksum').version;

test('`nx run wordtally:publish` without a tag writes the folder alone, and pip installs from it', async () => {
  const { exitCode, output } = await nx(root, ['run', 'wordtally:publish'], environment());
  assert.equal(exitCode, 0, output);
  assert.match(output, /skipped local: no release tag/);
  const place = join(root, 'releases/wordtally', release());
  assert.deepEqual(digests(place), recorded('wheel', 'sdist', 'checksums', 'delivery'));
  await mustRun('sha256sum', ['--strict', '-c', `wordtally-${release()}-SHA256SUMS`], { cwd: place, quiet: true });
  const install = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-cache-dir',
    '--target',
    join(folder, 'site'),
    '--index-url',
    `file://${root}/releases/simple/`,
  ];
  await mustRun('python3', [...install, `wordtally==${release()}`], { quiet: true });
  assert.ok(existsSync(join(folder, 'site/wordtally')));
  assert.deepEqual(readdirSync(index.folder), []);
});

test('with a tag the sdist and the wheel go to the index; again nothing is sent; the token is shown nowhere', async () => {
  await git('add', '.');
  await git('commit', '--quiet', '-m', 'release');
  await git('tag', `wordtally@${release()}`);
  for (const token of [{}, { WORDTALLY_INDEX_TOKEN: undefined }]) {
    const dry = await nx(root, ['run', 'wordtally:publish', '--dry-run'], { ...environment(), ...token });
    assert.equal(dry.exitCode, 0, dry.output);
    const [, plan] = dry.output.split(/^the whole plan, of 4 targets: nothing is changed$/m);
    assert.match(plan ?? dry.output, /wordtally:build-wheel +makes wordtally-.*\.whl, wordtally-.*\.tar\.gz$/m);
    assert.match(plan, /^  wordtally:publish [\s\S]* files to local: /m);
    assert.match(plan, 'WORDTALLY_INDEX_TOKEN' in token ? /WORDTALLY_INDEX_TOKEN[^,\n]*not set/ : /WORDTALLY_INDEX_TOKEN[^,\n]* set/);
    assert.ok(!dry.output.includes('hidden-token'));
  }
  assert.deepEqual(readdirSync(index.folder), []);
  const first = await nx(root, ['run', 'wordtally:publish'], environment());
  assert.equal(first.exitCode, 0, first.output);
  assert.match(first.output, /they were made without a release tag and are replaced/);
  assert.deepEqual(digests(index.folder), recorded('wheel', 'sdist'));
  assert.match(first.output, new RegExp(`local: wordtally ${release()} installed from there, in a fresh environment`));
  const receipt = readFileSync(join(root, 'dist/wordtally/publish/receipt.json'));
  proxy.reset();
  const again = await nx(root, ['run', 'wordtally:publish'], environment());
  assert.equal(again.exitCode, 0, again.output);
  assert.match(again.output, /local: 2 files, nothing was sent, all were there/);
  assert.equal(proxy.posts.length, 0);
  assert.deepEqual(readFileSync(join(root, 'dist/wordtally/publish/receipt.json')), receipt);
  for (const text of [first.output, again.output, String(receipt)]) assert.ok(!text.includes('hidden-token'));
});

/** The executor alone, as Nx calls it, over the records that stand in dist; what the index gives was installed once, above. */
async function publish(options = {}, onStart = () => undefined, place = root) {
  graph ??= await graphOf();
  const { to } = graph.nodes.wordtally.data.targets.publish.options;
  const quick = { to: to.map((one) => (one.type === 'index' ? { ...one, install: false } : one)), ...options };
  return startExecutor({ root: place, installed: root, graph, project: 'wordtally', target: 'publish', options: quick, env: environment(), onStart });
}

/** What another machine has: the commit and its tag, and the stored folders of the stages. No ledger, nothing of publish. */
async function freshClone() {
  const clone = mkdtempSync(join(folder, 'clone-'));
  await mustRun('git', ['clone', '--quiet', root, clone], { quiet: true });
  for (const target of ['build-wheel', 'checksum', 'sign-checksums'])
    cpSync(join(root, 'dist/wordtally', target), join(clone, 'dist/wordtally', target), { recursive: true });
  return clone;
}

async function graphOf() {
  const file = join(folder, 'graph.json');
  const { exitCode, output } = await nx(root, ['graph', `--file=${file}`]);
  assert.equal(exitCode, 0, output);
  return readJson(file).graph;
}

const clear = () => {
  for (const path of ['.waybill', 'releases', 'dist/wordtally/publish']) rmSync(join(root, path), { recursive: true, force: true });
  rmSync(index.folder, { recursive: true, force: true });
  mkdirSync(index.folder);
};

test('`nx release` publishes by the list of `publish`, and skips what it gave no new version', async () => {
  const config = {
    projects: ['wordtally'],
    projectsRelationship: 'independent',
    version: { versionActions: '@waybill/release/version-actions' },
  };
  const client = `new (require('nx/release').ReleaseClient)(${JSON.stringify(config)})`;
  const call = (versionData) => `${client}.releasePublish({ versionData: ${JSON.stringify(versionData)} }).then((ended) => console.log(ended));`;
  const publish = (newVersion) =>
    runCommand(process.execPath, ['-e', call({ wordtally: { currentVersion: '0.0.1', newVersion } }), 'nx', 'release'], {
      cwd: root,
      env: { NX_DAEMON: 'false', NX_TUI: 'false', FORCE_COLOR: '0', ...environment() },
      quiet: true,
    });
  const published = await publish(release());
  assert.match(published.output, /wordtally: \{ code: 0 \}/, published.output);
  assert.match(published.output, /folder: \d+ files, nothing was sent, all were there/);
  assert.match(published.output, /local: \d+ files, nothing was sent, all were there/);
  const skipped = await publish(null);
  assert.match(skipped.output, /skipped \(`nx release` gave it no new version\)/, skipped.output);
});

test('killed after any request it ends the same, run again or in a fresh clone without ledger, and no file is sent twice', async () => {
  clear();
  proxy.reset();
  const whole = await publish();
  assert.equal(whole.exitCode, 0, whole.output);
  const requests = proxy.count;
  assert.ok(requests >= 6, `only ${requests} requests`);
  const endOf = (place) => [
    digests(index.folder),
    digests(join(place, 'releases/wordtally', release())),
    readFileSync(join(place, 'dist/wordtally/publish/receipt.json'), 'utf8'),
  ];
  const expected = endOf(root);
  for (let at = 1; at <= requests; at += 1) {
    clear();
    proxy.reset();
    const killed = await publish({}, (kill) => proxy.onAnswer(at, kill));
    assert.notEqual(killed.exitCode, 0, `not killed at request ${at}: ${killed.output}`);
    const place = at % 2 === 0 ? await freshClone() : root;
    const end = await publish({}, undefined, place);
    assert.equal(end.exitCode, 0, `killed at request ${at}: ${end.output}`);
    assert.deepEqual(endOf(place), expected, `killed at request ${at}`);
    assert.equal(new Set(proxy.posts).size, proxy.posts.length, `killed at request ${at}: ${proxy.posts.join(', ')}`);
  }
});

test('a stage, and with `only` the index behind it: the same bytes, installed from the stage before; a conflict there names two ways out', async () => {
  clear();
  const live = await startPypiserver(root, join(folder, 'live'));
  try {
    const common = { type: 'index', tokenEnv: 'WORDTALLY_INDEX_TOKEN' };
    const to = [
      { ...common, id: 'stage', repositoryEnv: 'WORDTALLY_INDEX' },
      { ...common, id: 'live', repository: live.url, install: false },
    ];
    const staged = await publish({ to, only: ['stage'] });
    assert.equal(staged.exitCode, 0, staged.output);
    assert.match(staged.output, /stage: wordtally \S+ installed from there, in a fresh environment/);
    assert.match(staged.output, /skipped live: left out by `only`/);
    assert.deepEqual([digests(index.folder), readdirSync(live.folder)], [recorded('wheel', 'sdist'), []]);
    const promoted = await publish({ to, only: ['live'] }, undefined, await freshClone());
    assert.equal(promoted.exitCode, 0, promoted.output);
    assert.deepEqual(digests(live.folder), digests(index.folder));
    for (const name of readdirSync(live.folder)) rmSync(join(live.folder, name));
    const [sdist] = readdirSync(index.folder).filter((name) => name.endsWith('.tar.gz'));
    writeFileSync(join(index.folder, sdist), 'other bytes');
    const refused = await publish({ to }, undefined, await freshClone());
    assert.notEqual(refused.exitCode, 0, refused.output);
    assert.match(refused.output, /PUBLISH_CONFLICT[\s\S]*at stage[\s\S]*fix: release a new version; or leave that destination out with `--skip=<id>/);
    assert.deepEqual(readdirSync(live.folder), []);
    const place = await freshClone();
    const left = await publish({ to, skip: ['stage'], skipReason: 'the stage holds a trial' }, undefined, place);
    assert.equal(left.exitCode, 0, left.output);
    assert.deepEqual(digests(live.folder), recorded('wheel', 'sdist'));
    assert.match(readFileSync(join(place, 'dist/wordtally/publish/receipt.json'), 'utf8'), /the stage holds a trial/);
  } finally {
    await live.stop();
  }
});

test('an answer that is lost (502, dropped) after the index stored the file is no second upload', async () => {
  for (const fault of ['502', 'dropped']) {
    clear();
    proxy.reset({ fault });
    const { exitCode, output } = await publish({ only: ['local'] });
    assert.equal(exitCode, 0, output);
    assert.deepEqual(digests(index.folder), recorded('wheel', 'sdist'));
    assert.equal(proxy.posts.length, 2, proxy.posts.join(', '));
  }
});

test('changed bytes under the same version are refused before anything moves', async () => {
  clear();
  proxy.reset();
  assert.equal((await publish()).exitCode, 0);
  const before = [digests(index.folder), digests(join(root, 'releases/wordtally', release()))];
  appendFileSync(join(root, 'wordtally/src/wordtally/__init__.py'), '# changed\n');
  await git('commit', '--quiet', '--all', '-m', 'changed');
  await git('tag', '--force', `wordtally@${release()}`);
  proxy.reset();
  const { exitCode, output } = await nx(root, ['run', 'wordtally:publish'], environment());
  assert.notEqual(exitCode, 0, output);
  assert.match(output, /PUBLISH_CONFLICT[\s\S]*at local[\s\S]*fix: release a new version/);
  assert.equal(proxy.posts.length, 0);
  assert.deepEqual([digests(index.folder), digests(join(root, 'releases/wordtally', release()))], before);
});

test('take-back removes it from the folder, asks a person for the index, and it is not published again', async () => {
  const options = { release: release(), confirm: true };
  const taken = await startExecutor({ root, graph: await graphOf(), project: 'wordtally', target: 'take-back', options, env: environment() });
  assert.notEqual(taken.exitCode, 0, taken.output);
  assert.match(taken.output, /folder: done/);
  assert.match(taken.output, /local: pending[\s\S]*pending: wordtally:take-back/);
  assert.ok(!existsSync(join(root, 'releases/wordtally', release())));
  const again = await publish();
  assert.match(again.output, /PUBLISH_TAKEN_BACK/);
  writeFileSync(join(folder, 'done'), '');
  assert.equal((await runCommand('git', ['-C', root, 'status', '--porcelain', '--', '.waybill'], { quiet: true })).output.trim(), '');
});

/**
 * A folder for macOS and an `.app` with a whole Python inside, signed on Linux by `nx run macapp:sign-macos` (rcodesign as it was recorded) and notarized by
 * `macapp:notarize-macos` against a stand-in of Apple’s service; killed while it signs, and at each step of notarization, and gone on with. Then summed, and verified as
 * those who download it do. What packages them is a target of somebody else that writes a record.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { mustRun, runCommand } from '../tools/run-command.mjs';
import { startNotary } from '../tools/stand-ins/notary-service.mjs';
import { flipInArchive } from './flip-in-archive.mjs';
import { startExecutor } from './run-executor.mjs';
import { nx, openWorkspace, readJson, recordOf } from './workspace.mjs';

const RECORDINGS = fileURLToPath(new URL('../packages/signing/src/testing/rcodesign-recordings', import.meta.url));
const STAND_IN = fileURLToPath(new URL('../tools/stand-ins/rcodesign.mjs', import.meta.url));
const ARCHIVES = ['app', 'folder'].map((what) => ({
  file: join(RECORDINGS, `unsigned-${what}.tar.gz`),
  name: `mac${what}-0.3.0-macos-aarch64.tar.gz`,
}));
const BESIDE = `${ARCHIVES[0].name}.manifest.json`;
const MAIN_PROGRAM = 'app-0.3.0-macos-aarch64/App.app/Contents/MacOS/App';
/** The call of rcodesign that waits as long as the file `hold` is there, as do those behind it; none of them signs then. */
const HELD_AT = 5;
const [KEY_ID, ISSUER] = ['ABCDE12345', '69a6de70-03db-47e3-e053-5b8c7c11a4d1'];
let workspace;
let folder;
let notary;
let environment;
/** Ends what this file has started and what outlives it otherwise. */
let stopRunning = () => undefined;

before(async () => {
  workspace = await openWorkspace();
  removeProject();
  folder = mkdtempSync(join(tmpdir(), 'waybill-mac-'));
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  notary = await startNotary({ publicKey, keyId: KEY_ID, issuer: ISSUER, inProgress: 1_000 });
  writeFileSync(
    join(folder, 'rcodesign'),
    `#!/bin/sh
[ "$1" = --version ] || echo "$$" >> "${folder}/calls"
held=no
while [ "$1" != --version ] && [ -e "${folder}/hold" ] && [ "$(wc -l < "${folder}/calls")" -ge ${HELD_AT} ]; do held=yes; sleep 0.1; done
[ $held = no ] || exit 1
exec "${process.execPath}" "${STAND_IN}" "${RECORDINGS}" - "$@"
`,
    { mode: 0o755 },
  );
  mkdirSync(join(folder, 'tmp'));
  environment = {
    TMPDIR: join(folder, 'tmp'),
    WAYBILL_RCODESIGN: join(folder, 'rcodesign'),
    MACOS_CERT: readFileSync(join(RECORDINGS, 'certificates.pem'), 'utf8'),
    MACOS_KEY: readFileSync(join(RECORDINGS, 'key.pem'), 'utf8'),
    APPLE_API_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    APPLE_API_KEY_ID: KEY_ID,
    APPLE_API_ISSUER: ISSUER,
  };
  writeProject();
});
after(async () => {
  await notary?.stop();
  removeAll();
});

/** Other files of the run find the same workspace: a project that an ended run left would be one of theirs. */
function removeProject() {
  for (const path of ['macapp', 'dist/macapp']) rmSync(join(workspace.root, path), { recursive: true, force: true });
}

function removeAll() {
  stopRunning();
  if (folder) rmSync(folder, { recursive: true, force: true });
  if (workspace) removeProject();
  workspace?.remove();
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    removeAll();
    process.exit(1);
  });
}

/** Copies the archives and writes the record, as any target may. */
const PACKAGE = `const { hashFile } = require('@waybill/core');
const { makeRecord, renderRecord } = require('@waybill/artifacts');
const { copyFileSync, mkdirSync, writeFileSync } = require('node:fs');
(async () => {
  const out = 'dist/macapp/package-macos';
  mkdirSync(out, { recursive: true });
  const artifacts = [];
  for (const { file, name } of ${JSON.stringify(ARCHIVES)}) {
    copyFileSync(file, out + '/' + name);
    artifacts.push({ name, path: name, kind: 'bundle-archive', platform: 'macos-aarch64', ships: true, ...(await hashFile(file)), madeFrom: [] });
  }
  const head = { project: 'macapp', target: 'package-macos', stage: 'package', version: '0.3.0', sourceDateEpoch: 1580601600 };
  writeFileSync(out + '/artifacts.json', renderRecord(makeRecord({ ...head, artifacts, facts: {} })));
})();
`;

function writeProject() {
  const project = join(workspace.root, 'macapp');
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, 'pyproject.toml'), '[project]\nname = "macapp"\nversion = "0.3.0"\n');
  writeFileSync(join(project, 'package.cjs'), PACKAGE);
  writeFileSync(
    join(project, 'app.entitlements'),
    '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict><!-- why --><key>com.apple.security.cs.allow-jit</key><true/></dict></plist>\n',
  );
  const outputs = (target) => [`{workspaceRoot}/dist/{projectRoot}/${target}`];
  const entitlements = [{ glob: 'python/runtime/bin/*', file: 'macapp/app.entitlements' }];
  const targets = {
    'package-macos': { executor: 'nx:run-commands', outputs: outputs('package-macos'), options: { command: 'node macapp/package.cjs' } },
    'sign-macos': {
      ...{ executor: '@waybill/signing:sign', dependsOn: ['package-macos'], outputs: outputs('sign-macos') },
      inputs: ['{projectRoot}/app.entitlements', { dependentTasksOutputFiles: '**/artifacts.json' }],
      options: {
        ...{ backend: 'apple', certificateEnv: 'MACOS_CERT', keyEnv: 'MACOS_KEY', timestampUrls: ['http://127.0.0.1:1/recorded'] },
        ...{ entitlements, allowUnproved: 'no Mac here' },
      },
    },
    'notarize-macos': {
      ...{ executor: '@waybill/signing:notarize', dependsOn: ['sign-macos'], outputs: outputs('notarize-macos') },
      options: { endpoints: { notary: notary.notaryUrl, bucket: notary.bucketUrl, tickets: notary.ticketUrl } },
    },
    checksum: {
      ...{ executor: '@waybill/release:checksum', dependsOn: ['notarize-macos'], outputs: outputs('checksum') },
      options: { allowUnproved: 'no Mac here' },
    },
  };
  writeFileSync(join(project, 'project.json'), JSON.stringify({ name: 'macapp', targets }));
}

const stageFolders = () => readdirSync(join(workspace.root, 'dist/macapp')).filter((name) => !name.startsWith('.'));

/** Those of this file's runs alone. */
const secretFolders = () => readdirSync(environment.TMPDIR).filter((name) => name.includes('waybill-key'));

/** Ends nx and all that it has started, at once, when `isTime`. */
async function killNxWhen(isTime) {
  const args = [join(workspace.root, 'node_modules/nx/dist/bin/nx.js'), 'run', 'macapp:notarize-macos'];
  const env = { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', NX_DRY_RUN: '', ...environment };
  const child = spawn(process.execPath, args, { cwd: workspace.root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (output += String(piece)));
  const ended = once(child, 'exit');
  stopRunning = () => child.exitCode === null && child.signalCode === null && process.kill(-child.pid, 'SIGKILL');
  while (!isTime() && child.exitCode === null) await sleep(10);
  assert.equal(child.exitCode, null, output);
  stopRunning();
  await ended;
}

/** Steps of a notarization, by the request that is never answered, and whether the next run finds the stage folders of earlier targets alone. */
const STEPS = [
  ['the submission', /^POST \/notary/, { fresh: false }],
  ['the upload', /^PUT \/notary-submissions/, { fresh: true }],
  ['the wait', /^GET \/notary\/v2\/submissions\/[^/]+$/, { fresh: false }],
  ['the log', /^GET \/logs\//, { fresh: true }],
  ['the ticket', /^POST \/tickets/, { fresh: false }],
];

/** As a fresh clone that got the stage folders: no journal, nothing that a killed run left. None of these targets is cached. */
function forgetAllButStages() {
  rmSync(join(workspace.root, '.waybill'), { recursive: true, force: true });
  const left = readdirSync(join(workspace.root, 'dist/macapp')).filter((name) => name.startsWith('.'));
  for (const name of left) rmSync(join(workspace.root, 'dist/macapp', name), { recursive: true });
}

/** Two days later nobody waits any more for bytes of which it is not known whether they were sent. */
function letDaysPass() {
  const ago = Date.now() - 2 * 86_400_000;
  for (const submission of notary.submissions.values()) submission.createdDate = new Date(ago).toISOString();
  const journal = join(workspace.root, '.waybill/notary');
  for (const name of existsSync(journal) ? readdirSync(journal).filter((one) => one.endsWith('.json')) : []) {
    const text = readFileSync(join(journal, name), 'utf8');
    writeFileSync(join(journal, name), text.replace(/"submittedMs": \d+/g, `"submittedMs": ${ago}`));
  }
}

test('killed while it signs, nothing is there', async () => {
  const calls = () => (existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').split('\n').length - 1 : 0);
  writeFileSync(join(folder, 'hold'), '');
  await killNxWhen(() => calls() >= HELD_AT);
  assert.equal(secretFolders().length, 1);
  rmSync(join(folder, 'hold'));
  assert.deepEqual(stageFolders(), ['package-macos']);
});

/** Ends the executor, which Nx would run in the same way, at the request that `holds` tells. */
async function killAt(graph, isRequest) {
  const onStart = (kill) => (notary.holds = (text) => isRequest.test(text) && (kill(), true));
  const place = { root: workspace.root, graph, project: 'macapp', target: 'notarize-macos' };
  const ended = await startExecutor({ ...place, env: environment, onStart });
  assert.equal(ended.exitCode, null, ended.output);
}

test('killed at each step of notarization, it is gone on with, every other time in a fresh clone with the stage folders alone; nothing is sent twice', async () => {
  notary.inProgress = 0;
  const file = join(folder, 'graph.json');
  const drawn = await nx(workspace.root, ['graph', `--file=${file}`], environment);
  assert.equal(drawn.exitCode, 0, drawn.output);
  const signed = await nx(workspace.root, ['run', 'macapp:sign-macos'], environment);
  assert.equal(signed.exitCode, 0, signed.output);
  for (const [step, request, { fresh }] of STEPS) {
    await killAt(readJson(file).graph, request);
    assert.deepEqual(stageFolders(), ['package-macos', 'sign-macos'], step);
    letDaysPass();
    if (fresh) forgetAllButStages();
  }
  notary.holds = undefined;
  const last = await nx(workspace.root, ['run', 'macapp:notarize-macos', '--excludeTaskDependencies'], environment);
  assert.equal(last.exitCode, 0, last.output);
  // Of the application one number was given out and no byte sent, another time bytes that never arrived.
  assert.deepEqual([notary.submissions.size, notary.s3.stored.length, notary.judged.length], [4, 2, 2]);

  const { signatures } = recordOf(workspace.root, 'macapp', 'sign-macos').facts;
  assert.deepEqual(
    signatures.map(({ files, bundles = [] }) => [files, bundles.length]),
    [
      [7, 3],
      [6, 0],
    ],
  );
  const record = recordOf(workspace.root, 'macapp', 'notarize-macos');
  assert.deepEqual(
    record.facts.notarized.map(({ status, ticket }) => [status, ticket]),
    [
      ['Accepted', 'stapled'],
      ['Accepted', 'online'],
    ],
  );
  const [stapled, beside, ...others] = record.artifacts;
  assert.deepEqual([beside.name, beside.kind, others], [BESIDE, 'delivery', []]);
  await mustRun('tar', ['-xzf', join(workspace.root, 'dist/macapp/notarize-macos', stapled.path), '-C', folder], { quiet: true });
  assert.match(
    readFileSync(join(folder, 'app-0.3.0-macos-aarch64/App.app/Contents/CodeResources'), 'utf8'),
    /^s8ch stand-in ticket for [0-9a-f]{40}$/,
  );
});

test('a dry run lists the manifest beside the archive with the `.app`, and nothing beside the other', async () => {
  const dry = await nx(workspace.root, ['run', 'macapp:checksum', '--dry-run'], environment);
  assert.equal(dry.exitCode, 0, dry.output);
  const summed = [...dry.output.matchAll(/sum `([^`]+)` of ([a-z-]+)/g)].map(([, name, target]) => [name, target]);
  assert.deepEqual(summed.sort(), [
    [ARCHIVES[0].name, 'notarize-macos'],
    [BESIDE, 'notarize-macos'],
    [ARCHIVES[1].name, 'notarize-macos'],
  ]);
});

/** What users download; `archive` in place of the one with the `.app`. */
function deliver(archive) {
  const delivery = mkdtempSync(join(folder, 'delivery-'));
  const stapled = ['notarize-macos', ARCHIVES[0].name];
  const others = [BESIDE, ARCHIVES[1].name, 'macapp-0.3.0-SHA256SUMS', 'release.json'];
  const made = ['notarize-macos', 'sign-macos', 'checksum', 'checksum'].map((target, index) => [target, others[index]]);
  for (const [target, name] of [stapled, ...made]) copyFileSync(join(workspace.root, 'dist/macapp', target, name), join(delivery, name));
  if (archive) copyFileSync(archive, join(delivery, ARCHIVES[0].name));
  return delivery;
}

test('summed and downloaded, all of it holds; a flipped byte in the main program, of which no manifest in the `.app` can tell, is found', async () => {
  const summed = await nx(workspace.root, ['run', 'macapp:checksum', '--excludeTaskDependencies'], environment);
  assert.equal(summed.exitCode, 0, summed.output);
  const command = join(workspace.root, 'node_modules/@waybill/verify/dist/commands/main.js');
  const verify = (delivery) => runCommand(process.execPath, [command, delivery, '--project=macapp', '--version=0.3.0'], { quiet: true });
  const whole = await verify(deliver());
  assert.equal(whole.exitCode, 3, whole.output);
  assert.match(whole.output, new RegExp(`^ok +${ARCHIVES[0].name} .*\\d+ entries of \`${BESIDE}\``, 'm'));
  assert.match(whole.output, /^integrity only/m);
  const spoilt = await verify(
    deliver(await flipInArchive(join(workspace.root, 'dist/macapp/notarize-macos', ARCHIVES[0].name), MAIN_PROGRAM, folder)),
  );
  assert.equal(spoilt.exitCode, 1, spoilt.output);
  const told = [...spoilt.output.matchAll(/: `([^`]+)` in it is not what `([^`]+)` says/g)].map(([, path, manifest]) => [path, manifest]);
  assert.deepEqual(told, [[MAIN_PROGRAM, BESIDE]]);
});

test('no secret is shown, and none is left', () => {
  assert.deepEqual(secretFolders(), []);
  const secrets = [environment.MACOS_KEY, environment.APPLE_API_KEY].flatMap((key) =>
    key.split('\n').filter((line) => line.length > 30 && !line.startsWith('-')),
  );
  const texts = ['sign-macos', 'notarize-macos'].map((target) => readFileSync(join(workspace.root, 'dist/macapp', target, 'report.json'), 'utf8'));
  for (const secret of secrets) assert.ok(!texts.some((text) => text.includes(secret)));
});

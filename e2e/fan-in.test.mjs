/**
 * What the machines of a release have made comes together: folders of two systems, downloaded into one workspace, are summed, signed and published in one
 * run of Nx, as the generated workflows and a person do it. What is missing, stale or altered stops its own project and no other.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gitIn, mustRun } from '../tools/run-command.mjs';
import { makeWorkspaceBeside, nx, openWorkspace, readJson, recordOf } from './workspace.mjs';

const FAN_IN = ['run-many', '-t', 'checksum,sign-checksums,publish', '--excludeTaskDependencies', '--skipNxCache'];
const VERSION = '0.1.0';
/** What is wrong with each of the programs, and what their checksum says. */
const FAULTS = {
  absent: /RECORD_MISSING `absent:checksum` needs the record of `absent:package-macos`[\s\S]*missing too: `absent:smoke-macos`/,
  altered: /RECORD_DIGEST `dist\/apps\/altered\/package-macos\/altered-0\.1\.0-macos-aarch64\.tar\.gz`[\s\S]*fix: .*nx run altered:package-macos/,
  exchanged: /CHECKSUM_(UNPROVED|PROOF_WEAK)[\s\S]*exchanged-0\.1\.0-macos-aarch64\.tar\.gz/,
  stale: /CHECKSUM_VERSION[\s\S]*0\.0\.9/,
};

let workspace;
let folder;
let root;
let artifacts;
let checks;

const sha256 = (content) => createHash('sha256').update(content).digest('hex');
const place = (machine, ...path) => join(folder, 'stored', machine, ...path);

before(async () => {
  workspace = await openWorkspace();
  const require = createRequire(join(workspace.root, 'package.json'));
  artifacts = require('@waybill/artifacts');
  checks = require('@waybill/relocation').CHECKS;
  folder = mkdtempSync(join(tmpdir(), 'waybill-fan-in-'));
  root = join(folder, 'workspace');
  makeWorkspaceBeside(workspace.root, root);
  appendFileSync(join(root, '.gitignore'), 'dist\n');
  const made = await nx(root, ['g', '@waybill/python:library', 'libs/speed']);
  assert.equal(made.exitCode, 0, made.output);
  addTargets('libs/speed', { 'build-wheel-macos-universal2': { executor: '@waybill/python:build-wheel', dependsOn: ['build-wheel'] } });
  for (const name of ['whole', ...Object.keys(FAULTS)]) writeProgram(name);
  const git = gitIn(root);
  await git('init', '--quiet', '-b', 'main');
  await git('add', '.');
  await git('commit', '--quiet', '-m', 'feat: a library and programs');
  const built = await nx(root, ['run', 'speed:build-wheel']);
  assert.equal(built.exitCode, 0, built.output);
  cpSync(join(root, 'dist/libs/speed/build-wheel'), place('linux', 'libs/speed/build-wheel'), { recursive: true });
  storeWheelOfMac();
  for (const name of ['whole', ...Object.keys(FAULTS)]) for (const os of ['linux', 'macos']) storeBundle(name, os);
});
after(() => {
  rmSync(folder, { recursive: true, force: true });
  workspace?.remove();
});

const outputs = (target) => [`{workspaceRoot}/dist/{projectRoot}/${target}`];

/** Further targets of a project, in the chain before its sums. */
function addTargets(projectRoot, more) {
  const path = join(root, projectRoot, 'project.json');
  const project = readJson(path);
  for (const [name, lines] of Object.entries(more)) project.targets[name] = { ...lines, outputs: outputs(name) };
  project.targets.checksum.dependsOn.push(...Object.keys(more));
  writeFileSync(path, JSON.stringify(project, null, 2));
}

/** A program for two systems, with the targets that `release-targets` will write for it. */
function writeProgram(name) {
  mkdirSync(join(root, 'apps', name), { recursive: true });
  writeFileSync(join(root, 'apps', name, 'pyproject.toml'), `[project]\nname = "${name}"\nversion = "${VERSION}"\n`);
  const chains = ['linux', 'macos'].flatMap((os) => [
    [`package-${os}`, { executor: '@waybill/bundle:package-dist', dependsOn: [], options: { entry: { module: name } } }],
    [`smoke-${os}`, { executor: '@waybill/bundle:relocatability-smoke', dependsOn: [`package-${os}`] }],
  ]);
  const ends = [
    ['checksum', { executor: '@waybill/release:checksum', dependsOn: chains.map(([target]) => target) }],
    ['sign-checksums', { executor: '@waybill/signing:sign', dependsOn: ['checksum'], options: { allowUnsigned: 'no key yet' } }],
    [
      'publish',
      { executor: '@waybill/release:publish', dependsOn: ['sign-checksums'], options: { to: [{ type: 'folder', path: 'dist/releases' }] } },
    ],
  ];
  const targets = Object.fromEntries([...chains, ...ends].map(([target, lines]) => [target, { ...lines, outputs: outputs(target) }]));
  writeFileSync(join(root, 'apps', name, 'project.json'), JSON.stringify({ name, targets }, null, 2));
}

/** A record with its files, as another machine stored it. */
function store(machine, projectRoot, target, stage, facts, files) {
  const path = place(machine, projectRoot, target);
  mkdirSync(path, { recursive: true });
  const described = files.map(({ content, madeFrom = [], ...file }) => {
    writeFileSync(join(path, file.name), content);
    return { ...file, path: file.name, ships: true, size: Buffer.byteLength(content), sha256: sha256(content), madeFrom };
  });
  const project = projectRoot.split('/').at(-1);
  const record = {
    schema: 'waybill/artifacts/1',
    project,
    target,
    stage,
    version: VERSION,
    sourceDateEpoch: 1580601600,
    artifacts: described,
    facts,
  };
  writeFileSync(join(path, 'artifacts.json'), artifacts.renderRecord(record));
}

/** The native wheel of the second machine, of the sdist that the first one made. */
function storeWheelOfMac(content = 'native code for macOS') {
  const { artifacts: made } = JSON.parse(readFileSync(place('linux', 'libs/speed/build-wheel/artifacts.json'), 'utf8'));
  const sdist = made.find(({ kind }) => kind === 'sdist');
  const name = `speed-${VERSION}-cp313-cp313-macosx_11_0_universal2.whl`;
  const wheel = { name, kind: 'wheel', platform: 'macos-universal2', content, madeFrom: [`sha256:${sdist.sha256}`] };
  store('macos', 'libs/speed', 'build-wheel-macos-universal2', 'build-wheel', { fromSdist: true }, [wheel]);
}

function storeBundle(name, os) {
  const platform = os === 'linux' ? 'linux-x86_64' : 'macos-aarch64';
  const content = `${name} for ${os}`;
  const archive = { name: `${name}-${VERSION}-${platform}.tar.gz`, kind: 'bundle-archive', platform, content };
  store(os, `apps/${name}`, `package-${os}`, 'package', { python: '3.13.0' }, [archive]);
  const checksRun = checks.filter((check) => !('onDemand' in check) && check.id !== 'bare-root').map(({ id }) => id);
  const checksSkipped = [{ check: 'bare-root', reason: 'no root here' }];
  const proof = { tested: [`sha256:${sha256(content)}`], verdict: 'passed', isolation: 'root-namespace', checksRun, checksSkipped, allow: [] };
  store(os, `apps/${name}`, `smoke-${os}`, 'smoke', proof, []);
}

/** Linux last: of folders that both have its are the ones that count. */
function download() {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  for (const machine of ['macos', 'linux']) cpSync(place(machine), join(root, 'dist'), { recursive: true });
}

function plantFaults() {
  const mac = (name, target) => join(root, 'dist/apps', name, target);
  for (const target of ['package-macos', 'smoke-macos']) rmSync(mac('absent', target), { recursive: true });
  const archiveOf = (name) => join(mac(name, 'package-macos'), `${name}-${VERSION}-macos-aarch64.tar.gz`);
  writeFileSync(archiveOf('altered'), 'altered for macoS');
  const edit = (name, from, to) => {
    const path = join(mac(name, 'package-macos'), 'artifacts.json');
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(from, to));
  };
  // whoever can write the file can write its digest: then the proof tells
  writeFileSync(archiveOf('exchanged'), 'exchanged for maco5');
  edit('exchanged', sha256('exchanged for macos'), sha256('exchanged for maco5'));
  edit('stale', `"version": "${VERSION}"`, '"version": "0.0.9"');
}

const releases = () => (existsSync(join(root, 'dist/releases')) ? readdirSync(join(root, 'dist/releases')).sort() : []);
const published = (project) => join(root, 'dist/releases', project, VERSION);
const sumsHold = (project) => mustRun('sha256sum', ['--strict', '-c', `${project}-${VERSION}-SHA256SUMS`], { cwd: published(project), quiet: true });
const tasksRun = (output) => [...output.matchAll(/^> nx run (\S+)/gm)].map(([, task]) => task.split(':')[1]);

test('wheels and bundles of two machines are released together; a missing, stale, altered or exchanged one stops its project alone, and is named', async () => {
  download();
  plantFaults();
  const { exitCode, output } = await nx(root, [...FAN_IN, '--output-style=static']);
  assert.notEqual(exitCode, 0, output);
  for (const [name, said] of Object.entries(FAULTS)) {
    const of = output.split(/^> nx run /m).filter((part) => part.startsWith(`${name}:checksum`));
    assert.match(of.join('\n'), said);
  }
  assert.deepEqual(releases(), ['speed', 'whole'], output);
  assert.deepEqual(
    readdirSync(published('speed'))
      .filter((name) => /\.whl$|tar\.gz$/.test(name))
      .sort(),
    [`speed-${VERSION}-cp313-cp313-macosx_11_0_universal2.whl`, `speed-${VERSION}-py3-none-any.whl`, `speed-${VERSION}.tar.gz`],
  );
  for (const project of ['speed', 'whole']) await sumsHold(project);
  assert.deepEqual(
    tasksRun(output).filter((target) => !['checksum', 'sign-checksums', 'publish'].includes(target)),
    [],
  );
});

test('again with what a machine made anew: nothing of the first attempt is left in sums and release', async () => {
  const before = recordOf(root, 'libs/speed', 'checksum').artifacts;
  storeWheelOfMac('native code for macOS, made again');
  cpSync(place('macos', 'libs'), join(root, 'dist/libs'), { recursive: true });
  const { exitCode, output } = await nx(root, [...FAN_IN, '--projects=speed']);
  assert.equal(exitCode, 0, output);
  assert.notDeepEqual(recordOf(root, 'libs/speed', 'checksum').artifacts, before);
  assert.match(
    readFileSync(join(published('speed'), `speed-${VERSION}-SHA256SUMS`), 'utf8'),
    new RegExp(sha256('native code for macOS, made again')),
  );
  await sumsHold('speed');
});

test('a wheel of another machine that was made from other sources is refused', async () => {
  const before = readFileSync(join(published('speed'), `speed-${VERSION}-SHA256SUMS`));
  const path = join(root, 'dist/libs/speed/build-wheel-macos-universal2/artifacts.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/"sha256:[0-9a-f]{64}"/, `"sha256:${'0'.repeat(64)}"`));
  const { exitCode, output } = await nx(root, [...FAN_IN, '--projects=speed']);
  assert.notEqual(exitCode, 0, output);
  assert.match(output, /CHECKSUM_SDIST/);
  assert.deepEqual(readFileSync(join(published('speed'), `speed-${VERSION}-SHA256SUMS`)), before);
});

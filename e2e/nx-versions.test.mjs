/** The packed packages in workspaces of other Nx versions than the one this repository is developed with, and in one that pnpm installed. */
import assert from 'node:assert/strict';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ROOT } from '../tools/prepare-repository.mjs';
import { gitIn, mustRun, runCommand } from '../tools/run-command.mjs';
import { startRegistry } from './loopback-registry.mjs';
import { PROJECTS, writeManyProjects } from './many-projects.mjs';
import { writeTinyApp } from './tiny-app.mjs';
import { hasCargo, packedPackages, recordOf } from './workspace.mjs';

const VERSIONS = ['22.7.12', '24.0.6'];
const folder = mkdtempSync(join(tmpdir(), 'waybill-nx-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let packing;
const packed = () => (packing ??= packedPackages(join(folder, 'packed')));

async function makeWorkspace(version) {
  const root = join(folder, version);
  await mustRun('mkdir', ['-p', root]);
  const examples = JSON.parse(readFileSync(join(ROOT, 'examples/package.json'), 'utf8'));
  const devDependencies = { ...examples.devDependencies, nx: version };
  for (const [name, tarball] of Object.entries(await packed())) devDependencies[name] = `file:${tarball}`;
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'other-nx', version: '0.0.0', private: true, devDependencies }));
  const { namedInputs, targetDefaults, plugins } = JSON.parse(readFileSync(join(ROOT, 'examples/nx.json'), 'utf8'));
  writeFileSync(join(root, 'nx.json'), JSON.stringify({ plugins, namedInputs, targetDefaults, analytics: false, neverConnectToCloud: true }));
  await mustRun('git', ['init', '--quiet', root], { quiet: true });
  await mustRun('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: root, quiet: true, timeoutMs: 300_000 });
  writeTinyApp(root, 'tiny', { smoke: { checks: ['moved-copy', 'identity', 'needed-libraries'] } });
  return root;
}

/** Nx 22 and 24 keep their command at different places. */
function nxOf(root) {
  const { bin } = JSON.parse(readFileSync(join(root, 'node_modules/nx/package.json'), 'utf8'));
  return join(root, 'node_modules/nx', typeof bin === 'string' ? bin : bin.nx);
}

const PLAIN = { NX_DAEMON: 'false', NX_TUI: 'false', FORCE_COLOR: '0', NX_DRY_RUN: undefined, WAYBILL_DRY_RUN: undefined };
const PNPM = { ...PLAIN, PATH: `${join(folder, 'bin')}:${process.env.PATH}` };

async function nx(root, args, variables = {}) {
  const env = { ...PLAIN, ...variables };
  return runCommand(process.execPath, [nxOf(root), ...args], { cwd: root, env, quiet: true });
}

/** `nx release` loads the version actions of the packed package. */
async function bumpVersion(root) {
  const path = join(root, 'nx.json');
  const nxJson = JSON.parse(readFileSync(path, 'utf8'));
  const version = { versionActions: '@waybill/release/version-actions', currentVersionResolver: 'disk' };
  writeFileSync(path, JSON.stringify({ ...nxJson, release: { projects: ['versioned'], version } }));
  await mustRun('mkdir', ['-p', join(root, 'versioned')]);
  writeFileSync(join(root, 'versioned/project.json'), '{ "name": "versioned" }');
  writeFileSync(join(root, 'versioned/pyproject.toml'), '[project] # kept\nname = "versioned"\nversion = "1.2.0b3" # kept\n');
  return nx(root, ['release', 'version', 'prerelease', '--preid=rc', '--stage-changes=false']);
}

const git = (folder, ...args) => gitIn(folder)(...args);

/** A workspace as a user has it before Waybill, beside the first one and with its packages; nx.json holds what the user wants. */
async function makeBareWorkspace(installed, name, nxJson) {
  const root = join(folder, name);
  mkdirSync(root);
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(installed, file), join(root, file));
  symlinkSync(join(installed, 'node_modules'), join(root, 'node_modules'));
  writeFileSync(join(root, '.gitignore'), 'node_modules\n.nx\n');
  writeFileSync(join(root, 'nx.json'), JSON.stringify({ analytics: false, neverConnectToCloud: true, ...nxJson }));
  await git(root, 'init', '--quiet', '-b', 'main');
  return root;
}

function writeAll(root, files) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

async function generate(root, ...args) {
  const run = await nx(root, ['g', ...args]);
  assert.equal(run.exitCode, 0, run.output);
  return run.output;
}

/** The lock file with other bytes of a package. */
const withOther = (root, name) => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  lock.packages[`node_modules/${name}`].integrity = `sha512-${'A'.repeat(86)}==`;
  return { 'package-lock.json': JSON.stringify(lock) };
};

/**
 * What is changed, and the projects that are released for it: where Nx selects tasks (Nx 24), and where it selects whole projects (Nx 22, 23, `affected.legacy`), for
 * the rows that differ there. A README is the description of a wheel; an sdist holds the tests. Changes that must select nothing are one row, as are those of projects
 * that have nothing to do with each other: a command of Nx for each took longer than all else.
 */
const ROWS = [
  [
    'documents, files of CI, tests of a program, a package of npm that releases do not use',
    (root) => ({
      ...{ 'docs/a.md': 'a', 'README.md': 'a', 'libs/l04/docs/a.md': 'a', 'apps/p04/docs/a.md': 'a', 'apps/e04/README.md': 'a' },
      ...{ '.github/workflows/release.yml': 'a', '.gitlab-ci.yml': 'a', 'apps/p06/tests/test_p06.py': '' },
      ...withOther(root, '@waybill/verify'),
    }),
    [],
  ],
  [
    'documents',
    { 'docs/a.md': 'a', 'README.md': 'a', 'libs/l04/docs/a.md': 'a', 'apps/p04/docs/a.md': 'a', 'apps/e04/README.md': 'a' },
    undefined,
    ['e04', 'l04', 'p04'],
  ],
  [
    'the README of a library, programs',
    { 'libs/l07/README.md': 'a', 'apps/p09/src/p09/__main__.py': 'a = 1', 'apps/e03/src/main.rs': '//' },
    ['e03', 'l07', 'p07', 'p09'],
  ],
  [
    'a library, locked requirements',
    { 'libs/l04/src/l04/__init__.py': 'a = 1', 'apps/p05/requirements.lock': 'msgpack==1.1.1' },
    ['l04', 'p04', 'p05'],
  ],
  [
    'a library behind a library, and one that several carry',
    { 'libs/l02/src/l02/x.py': '', 'libs/l03/src/l03/x.py': '' },
    ['e01', 'l01', 'l02', 'l03', 'p01', 'p02', 'p03'],
    ['e01', 'l01', 'l02', 'l03', 'p01', 'p02', 'p03'],
  ],
  ['the version of the interpreter', { '.python-version': '3.12' }, PROJECTS, PROJECTS],
  ['the tools that Waybill brings (patchelf)', (root) => withOther(root, '@waybill/core'), PROJECTS, PROJECTS],
];

/** Projects whose `release` is selected for what is changed and not committed; nothing runs. */
async function selected(root, variables = {}) {
  const file = join(root, '.nx/tasks.json');
  const run = await nx(root, ['affected', '-t', 'release', '--base=HEAD', `--graph=${file}`], variables);
  assert.equal(run.exitCode, 0, run.output);
  const names = Object.keys(JSON.parse(readFileSync(file, 'utf8')).tasks.tasks);
  return names
    .filter((name) => name.endsWith(':release'))
    .map((name) => name.split(':')[0])
    .sort();
}

for (const version of VERSIONS) {
  describe(`Nx ${version}`, () => {
    let root;
    before(async () => (root = await makeWorkspace(version)));

    test('packages and proves, takes the second run from the cache, and a dry run changes nothing', async () => {
      const record = join(root, 'dist/tiny/smoke-linux/artifacts.json');
      const dry = await nx(root, ['run', 'tiny:smoke-linux', '--dry-run']);
      assert.equal(dry.exitCode, 0, dry.output);
      assert.match(dry.output, /dry run of tiny:smoke-linux .*nothing is changed/);
      assert.match(dry.output, /dry run of tiny:package-linux/);
      assert.equal(existsSync(record), false);
      const first = await nx(root, ['run', 'tiny:smoke-linux']);
      assert.equal(first.exitCode, 0, first.output);
      assert.equal(recordOf(root, 'tiny', 'smoke-linux').facts.verdict, 'passed');
      rmSync(join(root, 'dist'), { recursive: true });
      const second = await nx(root, ['run', 'tiny:smoke-linux']);
      assert.equal(second.exitCode, 0, second.output);
      assert.match(second.output, /read the output from the cache instead of running the command for 2 out of 2 tasks|2\/2 hit|read 2 out of 2/);
      assert.ok(existsSync(record));
      const bumped = await bumpVersion(root);
      assert.equal(bumped.exitCode, 0, bumped.output);
      const manifest = readFileSync(join(root, 'versioned/pyproject.toml'), 'utf8');
      assert.equal(manifest, '[project] # kept\nname = "versioned"\nversion = "1.2.0rc0" # kept\n');
    });

    test('init and release-targets set up a workspace that has settings of its own; a second run changes nothing', async () => {
      const targetDefaults = { checksum: { options: { algorithms: ['sha256', 'sha512'] } }, build: { cache: true } };
      const plain = await makeBareWorkspace(root, `${version}-plain`, { targetDefaults });
      writeAll(plain, { 'lib/project.json': '{ "name": "lib" }', 'lib/pyproject.toml': '[project]\nname = "lib"\nversion = "1.0.0"\n' });
      assert.match(await generate(plain, '@waybill/release:init'), /\+ nx\.json: plugin @waybill\/release/);
      assert.match(await generate(plain, '@waybill/release:release-targets', 'lib'), /lib is a library/);
      const nxJson = JSON.parse(readFileSync(join(plain, 'nx.json'), 'utf8'));
      assert.deepEqual(nxJson.targetDefaults.build, { cache: true });
      const shown = await nx(plain, ['show', 'project', 'lib', '--json']);
      const { targets } = JSON.parse(shown.output.slice(shown.output.indexOf('{')));
      assert.equal(targets['build-wheel'].cache, true);
      assert.deepEqual(targets.checksum.options, { algorithms: ['sha256', 'sha512'] });
      const before = ['nx.json', 'package.json', 'lib/project.json'].map((file) => readFileSync(join(plain, file), 'utf8'));
      assert.match(await generate(plain, '@waybill/release:release-targets', 'lib'), /= nothing to change/);
      assert.deepEqual(
        ['nx.json', 'package.json', 'lib/project.json'].map((file) => readFileSync(join(plain, file), 'utf8')),
        before,
      );
    });

    test('new projects of each kind release to a folder at once; the second run makes nothing and sends nothing', async () => {
      const plain = await makeBareWorkspace(root, `${version}-kinds`, {});
      await generate(plain, '@waybill/python:library', 'libs/words');
      await generate(plain, '@waybill/bundle:python-app', 'apps/hello');
      if (hasCargo) await generate(plain, '@waybill/bundle:embedded-app', 'apps/chat');
      const release = async () => {
        const run = await nx(plain, ['run-many', '-t', 'release', '--output-style=static']);
        assert.equal(run.exitCode, 0, run.output);
        return run.output;
      };
      await release();
      const archive = (name) => `${name}-0.1.0-linux-x86_64.tar.gz`;
      const files = {
        words: ['words-0.1.0-py3-none-any.whl', 'words-0.1.0.tar.gz'],
        hello: [archive('hello')],
        ...(hasCargo && { chat: [archive('chat')] }),
      };
      for (const [name, made] of Object.entries(files)) {
        const released = join(plain, 'dist/releases', name, '0.1.0');
        assert.deepEqual(readdirSync(released).sort(), [...made, `${name}-0.1.0-SHA256SUMS`, 'release.json'].sort());
        const { proofs } = JSON.parse(readFileSync(join(released, 'release.json'), 'utf8'));
        assert.deepEqual([name, proofs.map(({ verdict }) => verdict)], [name, name === 'words' ? [] : ['passed']]);
      }
      const second = await release();
      const cached = ['words:build-wheel', 'hello:build-wheel', 'hello:package-linux', 'hello:smoke-linux'];
      if (hasCargo) cached.push('chat:build', 'chat:package-linux', 'chat:smoke-linux');
      for (const task of cached) assert.match(second, new RegExp(`${task} +\\[[^\\]]*cache[^\\]]*\\]`));
      assert.equal(second.match(/folder: \d files, nothing was sent, all were there/g)?.length, Object.keys(files).length);
    });

    test('affected selects of fifty projects exactly those whose artifacts can change', async () => {
      // Nx 22 cannot tell which package of a lock file changed.
      const pluginsConfig = version.startsWith('22.') ? {} : { '@nx/js': { projectsAffectedByDependencyUpdates: 'auto' } };
      const many = await makeBareWorkspace(root, `${version}-many`, { pluginsConfig });
      await generate(many, '@waybill/release:init');
      await writeManyProjects(many);
      await git(many, 'add', '.');
      await git(many, 'commit', '--quiet', '-m', 'feat: fifty projects');
      const selectsTasks = version.startsWith('24.');
      for (const [what, files, ofTasks, ofProjects] of ROWS) {
        writeAll(many, typeof files === 'function' ? files(many) : files);
        if (selectsTasks && ofTasks) assert.deepEqual([what, await selected(many)], [what, ofTasks]);
        if (ofProjects) assert.deepEqual([what, await selected(many, { NX_LEGACY_AFFECTED: 'true' })], [what, ofProjects]);
        await git(many, 'checkout', '--quiet', '.');
        await git(many, 'clean', '--force', '-d', '--quiet');
      }
    });
  });
}

test('pnpm installs what init asks for, and each package finds what it needs in its own folder; a library is released', async () => {
  const root = join(folder, 'pnpm');
  const registry = await startRegistry(await packed());
  const { version } = JSON.parse(readFileSync(join(ROOT, 'packages/release/package.json'), 'utf8'));
  const { nx } = JSON.parse(readFileSync(join(ROOT, 'examples/package.json'), 'utf8')).devDependencies;
  const pnpm = async (...args) => {
    const { output } = await mustRun(process.execPath, [join(ROOT, 'node_modules/pnpm/bin/pnpm.cjs'), ...args], {
      cwd: root,
      env: PNPM,
      quiet: true,
    });
    return output;
  };
  writeAll(root, {
    'package.json': JSON.stringify({ name: 'pnpm', private: true, license: 'MIT', devDependencies: { nx, '@waybill/release': version } }),
    'nx.json': JSON.stringify({ analytics: false, neverConnectToCloud: true }),
    '.npmrc': `@waybill:registry=${registry.url}/\nprefer-offline=true\n`,
  });
  // Nx starts `pnpm` by name.
  writeAll(folder, { 'bin/pnpm': `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, 'node_modules/pnpm/bin/pnpm.cjs')}" "$@"\n` });
  chmodSync(join(folder, 'bin/pnpm'), 0o755);
  try {
    await pnpm('install');
    assert.match(await pnpm('nx', 'g', '@waybill/release:init'), /\+ package\.json: @waybill\/bundle/);
    await pnpm('nx', 'g', '@waybill/python:library', 'libs/words');
    const output = await pnpm('nx', 'run', 'words:release', '--output-style=static');
    assert.doesNotMatch(output, /warning licence/);
    const released = readdirSync(join(root, 'dist/releases/words/0.1.0')).sort();
    assert.deepEqual(released, ['release.json', 'words-0.1.0-SHA256SUMS', 'words-0.1.0-py3-none-any.whl', 'words-0.1.0.tar.gz']);
  } finally {
    registry.close();
  }
});

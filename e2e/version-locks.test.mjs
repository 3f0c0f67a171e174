/** After `nx release version` the lock files are what uv and cargo themselves would write. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { gitIn, mustRun, runCommand } from '../tools/run-command.mjs';
import { makeWorkspaceBeside, nx, openWorkspace } from './workspace.mjs';

const python = (name, version, rest = '') => `[project]
name = "${name}"
version = "${version}" # of both
requires-python = ">=3.10"
${rest}
[build-system]
requires = ["uv_build"]
build-backend = "uv_build"
`;
const crate = (name, version, rest = '') => `[package]\nname = "${name}"\nversion = "${version}"\nedition = "2021"\n${rest}`;
const VERSION = { versionActions: '@waybill/release/version-actions', currentVersionResolver: 'disk' };
const NX_JSON = {
  plugins: ['@waybill/release'],
  release: { projects: ['a', 'b'], projectsRelationship: 'independent', version: VERSION },
};
const FILES = {
  'pyproject.toml': '[project]\nname = "root"\nversion = "0.1.0"\nrequires-python = ">=3.10"\n[tool.uv.workspace]\nmembers = ["a", "b"]\n',
  'Cargo.toml': '[workspace]\nmembers = ["a", "b"]\nresolver = "2"\n',
  'a/project.json': '{ "name": "a" }',
  'a/pyproject.toml': python('a', '1.3.0'),
  'a/Cargo.toml': crate('a', '1.3.0'),
  'a/src/lib.rs': '',
  'b/project.json': '{ "name": "b", "implicitDependencies": ["a"] }',
  'b/pyproject.toml': python('b', '1.0.0', 'dependencies = ["a>=1.3,<2"]\n[tool.uv.sources]\na = { workspace = true }\n'),
  'b/Cargo.toml': crate('b', '1.0.0', '[dependencies]\na = { path = "../a", version = "1.3" } # kept\n'),
  'b/src/lib.rs': '',
};

let workspace;
let folder;
let root;
let uv;
before(async () => {
  workspace = await openWorkspace();
  folder = mkdtempSync(join(tmpdir(), 'waybill-locks-'));
  root = join(folder, 'workspace');
  makeWorkspaceBeside(workspace.root, root, { nxJson: NX_JSON });
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const { UV, createProcesses, createTools } = createRequire(join(workspace.root, 'package.json'))('@waybill/core');
  uv = (await createTools({ processes: createProcesses(), environment: process.env }).resolve(UV)).path;
});
after(() => {
  rmSync(folder, { recursive: true, force: true });
  workspace.remove();
});

const PATH = `${process.env.PATH}:${join(process.env.CARGO_HOME ?? join(process.env.HOME ?? '/', '.cargo'), 'bin')}`;
const CARGO = ['metadata', '--locked', '--offline', '--format-version', '1'];
const isLocked = async () => {
  const checked = await runCommand(uv, ['lock', '--offline', '--check'], { cwd: root, quiet: true });
  const crates = await runCommand('cargo', CARGO, { cwd: root, env: { PATH }, quiet: true });
  return { uv: checked.exitCode === 0, cargo: crates.exitCode === 0 };
};

test('uv.lock and Cargo.lock follow the versions of local packages', async () => {
  await mustRun(uv, ['lock', '--offline'], { cwd: root, quiet: true });
  await mustRun('cargo', ['generate-lockfile', '--offline'], { cwd: root, env: { PATH }, quiet: true });
  await mustRun('git', ['init', '--quiet', '-b', 'main', root], { quiet: true });
  const git = gitIn(root);
  await git('add', '.');
  await git('commit', '--quiet', '-m', 'feat: all');
  const bumped = await nx(root, ['release', 'version', '2.0.0-rc.1', '--projects=a', '--git-commit=false', '--git-tag=false']);
  assert.equal(bumped.exitCode, 0, bumped.output);
  assert.deepEqual(await isLocked(), { uv: true, cargo: true });
  assert.match(readFileSync(join(root, 'b/pyproject.toml'), 'utf8'), /^version = "1\.0\.1" # of both\n[^]*dependencies = \["a>=2\.0\.0rc1,<3"\]$/m);
  assert.match(readFileSync(join(root, 'b/Cargo.toml'), 'utf8'), /^a = \{ path = "\.\.\/a", version = "2\.0\.0-rc\.1" \} # kept$/m);
  // planted: the locks of before
  await git('checkout', 'HEAD', '--', 'uv.lock', 'Cargo.lock');
  assert.deepEqual(await isLocked(), { uv: false, cargo: false });
});

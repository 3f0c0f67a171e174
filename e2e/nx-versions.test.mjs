/** The packed packages in workspaces of other Nx versions than the one this repository is developed with. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ROOT } from '../tools/prepare-repository.mjs';
import { mustRun, runCommand } from '../tools/run-command.mjs';
import { writeTinyApp } from './tiny-app.mjs';
import { packedPackages, recordOf } from './workspace.mjs';

const VERSIONS = ['22.7.12', '24.0.6'];
const folder = mkdtempSync(join(tmpdir(), 'waybill-nx-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function makeWorkspace(version) {
  const root = join(folder, version);
  await mustRun('mkdir', ['-p', root]);
  const examples = JSON.parse(readFileSync(join(ROOT, 'examples/package.json'), 'utf8'));
  const packed = await packedPackages(join(folder, 'packed'));
  const devDependencies = { ...examples.devDependencies, nx: version };
  for (const [name, tarball] of Object.entries(packed)) devDependencies[name] = `file:${tarball}`;
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

async function nx(root, args) {
  const env = { NX_DAEMON: 'false', NX_TUI: 'false', FORCE_COLOR: '0', NX_DRY_RUN: undefined, WAYBILL_DRY_RUN: undefined };
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

for (const version of VERSIONS) {
  describe(`Nx ${version}`, () => {
    test('packages and proves, takes the second run from the cache, and a dry run changes nothing', async () => {
      const root = await makeWorkspace(version);
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
  });
}

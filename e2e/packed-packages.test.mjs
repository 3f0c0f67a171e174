/** Every package works when installed from its tarball in an empty workspace: entry points load, types resolve, legal files are there. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { judgePacked } from '../tools/judge-packed.mjs';
import { ROOT, TSC } from '../tools/prepare-repository.mjs';
import { mustRun, runCommand } from '../tools/run-command.mjs';
import { packedPackages } from './workspace.mjs';

const names = readdirSync(join(ROOT, 'packages'));
let folder;
let packed;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-packed-'));
  packed = await packedPackages(join(folder, 'packed'));
  mkdirSync(join(folder, 'empty'));
  const dependencies = Object.fromEntries(Object.entries(packed).map(([name, tarball]) => [name, `file:${tarball}`]));
  writeFileSync(join(folder, 'empty/package.json'), JSON.stringify({ name: 'empty', private: true, dependencies }));
  await mustRun('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], {
    cwd: join(folder, 'empty'),
    quiet: true,
  });
});

after(() => rmSync(folder, { recursive: true, force: true }));

const installed = (name) => join(folder, 'empty/node_modules/@waybill', name);
const manifestOf = (name) => JSON.parse(readFileSync(join(installed(name), 'package.json'), 'utf8'));

for (const name of names) {
  test(`@waybill/${name}: licence, README, what it names, nothing else, and no larger than it may be`, () => {
    assert.match(readFileSync(join(installed(name), 'LICENSE'), 'utf8'), /Apache License\s+Version 2\.0/);
    assert.ok(readFileSync(join(installed(name), 'README.md'), 'utf8').startsWith(`# @waybill/${name}`));
    const entries = readdirSync(installed(name), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const files = entries
      .map((entry) => relative(installed(name), join(entry.parentPath, entry.name)))
      .filter((file) => !file.startsWith('node_modules/'));
    const readJson = (file) => JSON.parse(readFileSync(join(installed(name), file), 'utf8'));
    const { size: tarballBytes } = statSync(packed[`@waybill/${name}`]);
    assert.deepEqual(judgePacked(name, { files, tarballBytes, readJson }), []);
  });

  test(`@waybill/${name}: every entry point loads and has types`, async () => {
    const { exports } = manifestOf(name);
    for (const [subpath, target] of Object.entries(exports)) {
      // What only this repository's own tests use has no built form.
      if (typeof target === 'object' && !target.default) continue;
      const specifier = join('@waybill', name, subpath);
      await mustRun(process.execPath, ['-e', `require(${JSON.stringify(specifier)})`], {
        cwd: join(folder, 'empty'),
        quiet: true,
      });
      if (typeof target === 'object') assert.ok(readFileSync(join(installed(name), target.types), 'utf8').length > 0, `${specifier} has types`);
    }
  });

  test(`@waybill/${name}: executors are where executors.json says`, () => {
    const { executors: file } = manifestOf(name);
    if (name === 'bundle') assert.equal(typeof file, 'string');
    if (!file) return;
    const { executors } = JSON.parse(readFileSync(join(installed(name), file), 'utf8'));
    for (const [executor, { implementation, schema }] of Object.entries(executors)) {
      assert.ok(
        readFileSync(join(installed(name), implementation.endsWith('.js') ? implementation : `${implementation}.js`), 'utf8').length > 0,
        executor,
      );
      assert.equal(JSON.parse(readFileSync(join(installed(name), schema), 'utf8')).version, 2, executor);
    }
  });
}

test('npx @waybill/verify checks a delivery in a folder without Nx', async () => {
  const workspace = join(folder, 'empty');
  const delivery = join(workspace, 'delivery');
  mkdirSync(delivery);
  writeFileSync(join(delivery, 'tool.bin'), 'tool');
  const describe = `
    const { createHash } = require('node:crypto');
    const { RELEASE_SCHEMA, renderRelease, renderSums } = require('@waybill/artifacts');
    const { writeFileSync } = require('node:fs');
    const digest = (text) => createHash('sha256').update(text).digest('hex');
    const artifacts = [{ name: 'tool.bin', kind: 'installer', size: 4, sha256: digest('tool') }];
    const lists = { sums: ['tool-1.0-SHA256SUMS'], artifacts, signatures: [], proofs: [], unsigned: [], records: [] };
    const release = renderRelease({ schema: RELEASE_SCHEMA, project: 'tool', name: 'tool', version: '1.0', sourceDateEpoch: 1580601600, tools: {}, ...lists });
    writeFileSync('delivery/release.json', release);
    writeFileSync('delivery/tool-1.0-SHA256SUMS', renderSums([...artifacts.map(({ name, sha256 }) => ({ name, digest: sha256 })), { name: 'release.json', digest: digest(release) }]));`;
  await mustRun(process.execPath, ['-e', describe], { cwd: workspace, quiet: true });
  const verify = (...args) => runCommand('npx', ['--no-install', '@waybill/verify', 'delivery', ...args], { cwd: workspace, quiet: true });
  const unsigned = await verify('--project=tool', '--version=1.0');
  assert.equal(unsigned.exitCode, 3, unsigned.output);
  assert.match(unsigned.output, /integrity only/);
  assert.equal((await verify(`--fingerprint=SHA256:${'a'.repeat(43)}`)).exitCode, 1, 'nobody signed it');
  assert.equal((await verify('--version=2.0')).exitCode, 1, 'another version');
  writeFileSync(join(delivery, 'tool.bin'), 'evil');
  const changed = await verify();
  assert.equal(changed.exitCode, 1, changed.output);
  assert.match(changed.output, /changed tool\.bin/);
});

test('what runs without Nx brings no Nx: prove and verify', async () => {
  const workspace = join(folder, 'empty');
  const { packages } = JSON.parse(readFileSync(join(workspace, 'package-lock.json'), 'utf8'));
  for (const name of ['bundle', 'verify']) {
    const brought = closure(packages, `@waybill/${name}`);
    assert.ok(brought.has('@waybill/core'), name);
    assert.deepEqual(
      [...brought].filter((one) => one === 'nx' || one.startsWith('@nx/')),
      [],
      name,
    );
  }
  assert.ok(closure(packages, '@waybill/release').has('@nx/devkit'), 'whoever has generators has them by release');
  const [nx, away] = ['nx', 'nx-away'].map((name) => join(workspace, 'node_modules', name));
  const [scope, scopeAway] = ['@nx', '@nx-away'].map((name) => join(workspace, 'node_modules', name));
  renameSync(nx, away);
  renameSync(scope, scopeAway);
  try {
    const missing = await runCommand('npx', ['--no-install', '@waybill/bundle', 'prove', 'nowhere'], { cwd: workspace, quiet: true });
    assert.notEqual(missing.exitCode, 0, missing.output);
    assert.match(missing.output, /nowhere/);
    assert.doesNotMatch(missing.output, /Cannot find module/);
  } finally {
    renameSync(away, nx);
    renameSync(scopeAway, scope);
  }
});

/** Names of all packages that npm installs for one, of a lock file without nested folders of ours. */
function closure(packages, name, seen = new Set()) {
  if (seen.has(name)) return seen;
  seen.add(name);
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = packages[`node_modules/${name}`] ?? {};
  const peers = Object.keys(peerDependencies).filter((peer) => !peerDependenciesMeta[peer]?.optional);
  for (const other of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers]) closure(packages, other, seen);
  return seen;
}

test('a TypeScript program uses the typed entry points', async () => {
  const workspace = join(folder, 'empty');
  writeFileSync(
    join(workspace, 'use.ts'),
    names
      .map((name, index) => `import * as m${index} from '@waybill/${name}';\nexport const keys${index}: string[] = Object.keys(m${index});`)
      .join('\n'),
  );
  const args = [TSC, '--noEmit', '--strict', '--module', 'nodenext', '--moduleResolution', 'nodenext', '--skipLibCheck', 'use.ts'];
  const { exitCode, output } = await runCommand(process.execPath, args, { cwd: workspace, quiet: true });
  assert.equal(exitCode, 0, output);
});

/** The archive, unpacked by GNU tar on a bare root file system, as another user, read-only, without network. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { mustRun } from '../tools/run-command.mjs';
import { bareRootObstacle, makeBareRoot, runOnBareRoot } from './bare-root.mjs';
import { archiveOf, hasCargo, nx, openWorkspace } from './workspace.mjs';

const obstacle = await bareRootObstacle();
let workspace;
let bare;
let unpacked;

before(async () => {
  if (obstacle) return;
  workspace = await openWorkspace();
  bare = await makeBareRoot();
  unpacked = mkdtempSync(join(tmpdir(), 'waybill-unpacked-'));
});
after(() => {
  workspace?.remove();
  bare?.remove();
  if (unpacked) rmSync(unpacked, { recursive: true, force: true });
});

for (const project of ['pychat', 'studio']) {
  const skip = obstacle ?? (project === 'pychat' && !hasCargo ? 'cargo is not installed' : false);
  test(`${project} --smoke-python on a bare root file system`, { skip }, async () => {
    const { exitCode, output } = await nx(workspace.root, ['run', `${project}:package-linux`]);
    assert.equal(exitCode, 0, output);
    const place = join(unpacked, project);
    await mustRun('mkdir', ['-p', place]);
    await mustRun('tar', ['-xzf', archiveOf(workspace.root, project), '-C', place]);
    await mustRun('chmod', ['-R', 'a+rX', unpacked]);
    const bundle = join(place, readdirSync(place)[0]);
    const run = await runOnBareRoot(bare.root, bundle, project, ['--smoke-python']);
    assert.equal(run.exitCode, 0, run.output);
    const smoke = JSON.parse(run.output);
    assert.equal(smoke.prefix, '/opt/app/python/runtime');
    assert.ok(smoke.executable.startsWith('/opt/app/python/runtime/bin/python3'), smoke.executable);
    for (const [name, file] of Object.entries(smoke.imports)) assert.ok(file === 'built-in' || file.startsWith('/opt/app/'), `${name}: ${file}`);
  });
}

test('the bare root is bare: a dynamically linked program of the host does not run on it', { skip: obstacle }, async () => {
  const run = await runOnBareRoot(bare.root, '/usr/bin', 'python3', ['-c', 'print(1)']);
  assert.notEqual(run.exitCode, 0);
});

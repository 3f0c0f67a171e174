/** New projects of the kinds that no guide walks through: as the generators write them they pass their test, release to a folder, and do nothing the second time. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gitIn } from '../tools/run-command.mjs';
import { hasCargo, makeWorkspaceBeside, nx, openWorkspace, readJson } from './workspace.mjs';

let workspace;
let folder;
let root;

before(async () => {
  workspace = await openWorkspace();
  folder = mkdtempSync(join(tmpdir(), 'waybill-new-'));
  root = join(folder, 'workspace');
  makeWorkspaceBeside(workspace.root, root);
  await gitIn(root)('init', '--quiet', '-b', 'main');
});
after(() => {
  rmSync(folder, { recursive: true, force: true });
  workspace?.remove();
});

async function mustRun(...args) {
  const { exitCode, output } = await nx(root, args);
  assert.equal(exitCode, 0, output);
  return output;
}

const released = (project) => readdirSync(join(root, 'dist/releases', project, '0.1.0')).sort();

test('a library', async () => {
  await mustRun('g', '@waybill/python:library', 'libs/words');
  assert.match(await mustRun('run', 'words:test'), /OK/);
  await mustRun('run', 'words:release');
  assert.deepEqual(released('words'), ['release.json', 'words-0.1.0-SHA256SUMS', 'words-0.1.0-py3-none-any.whl', 'words-0.1.0.tar.gz']);
});

test('a native program that embeds Python', { skip: hasCargo ? false : 'cargo is not installed' }, async () => {
  assert.match(
    await mustRun('g', '@waybill/bundle:embedded-app', 'apps/chat'),
    /\+ apps\/chat: Cargo\.lock, by `cargo generate-lockfile`: commit it/,
  );
  assert.match(await mustRun('run', 'chat:test'), /OK/);
  await mustRun('run', 'chat:release', '--output-style=static');
  const archive = 'chat-0.1.0-linux-x86_64.tar.gz';
  assert.deepEqual(released('chat'), ['chat-0.1.0-SHA256SUMS', archive, 'release.json']);
  const { proofs, unsigned } = readJson(root, 'dist/releases/chat/0.1.0/release.json');
  assert.deepEqual(
    proofs.map(({ target, verdict, tested }) => [target, verdict, tested]),
    [['smoke-linux', 'passed', [archive]]],
  );
  assert.ok(unsigned.some(({ reason }) => reason === 'no key chosen yet'));
  const sums = readFileSync(join(root, 'dist/releases/chat/0.1.0/chat-0.1.0-SHA256SUMS'));
  const again = await mustRun('run', 'chat:release', '--output-style=static');
  for (const target of ['build', 'package-linux', 'smoke-linux']) assert.match(again, new RegExp(`nx run chat:${target} +\\[[^\\]]*cache[^\\]]*\\]`));
  assert.match(again, /folder: 3 files, nothing was sent, all were there/);
  assert.deepEqual(readFileSync(join(root, 'dist/releases/chat/0.1.0/chat-0.1.0-SHA256SUMS')), sums);
});

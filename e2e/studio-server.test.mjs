/** studio from its archive: serves a page, stops on SIGINT and SIGTERM, a second signal kills it, no process is left. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { mustRun } from '../tools/run-command.mjs';
import { freePort } from '../tools/stand-ins/start-at-port.mjs';
import { archiveOf, nx, openWorkspace } from './workspace.mjs';

let workspace;
let folder;
let launcher;

before(async () => {
  workspace = await openWorkspace();
  const { exitCode, output } = await nx(workspace.root, ['run', 'studio:package-linux']);
  assert.equal(exitCode, 0, output);
  folder = mkdtempSync(join(tmpdir(), 'waybill studio ü-'));
  await mustRun('tar', ['-xzf', archiveOf(workspace.root, 'studio'), '-C', folder]);
  launcher = join(folder, readdirSync(folder)[0], 'studio');
});
after(() => {
  workspace.remove();
  rmSync(folder, { recursive: true, force: true });
});

async function start() {
  const port = await freePort();
  const child = spawn(launcher, ['--port', String(port)], { env: {}, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  const output = [];
  child.stderr.on('data', (chunk) => output.push(chunk));
  child.stdout.on('data', (chunk) => output.push(chunk));
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`studio ended: ${Buffer.concat(output)}`);
    try {
      const response = await fetch(`http://127.0.0.1:${port}/`);
      return { child, exited, port, page: await response.text() };
    } catch (error) {
      if (attempt === 99) throw new Error(`studio does not answer: ${Buffer.concat(output)}`, { cause: error });
      await delay(100);
    }
  }
}

const childrenOf = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
const alive = (pid) => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return false;
    throw error;
  }
};

test('serves a page and an interface', async () => {
  const { child, exited, port, page } = await start();
  assert.match(page, /<h1>studio<\/h1>/);
  const response = await fetch(`http://127.0.0.1:${port}/sum`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"left":1,"right":2}',
  });
  assert.deepEqual(await response.json(), { sum: 3 });
  assert.equal(readFileSync(`/proc/${child.pid}/comm`, 'utf8').trim(), 'studio');
  child.kill('SIGTERM');
  await exited;
});

/** How long it took to start, and from the signal to the end of the launcher and of Python with it, in milliseconds. */
async function stopBy(signal) {
  const began = performance.now();
  const { child, exited } = await start();
  const python = childrenOf(child.pid);
  assert.equal(python.length, 1);
  const sent = performance.now();
  child.kill(signal);
  await exited;
  const took = { start: sent - began, stop: performance.now() - sent };
  assert.ok(!alive(python[0]), 'the Python process is gone');
  return took;
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  // It takes about a second to start on a quiet machine. What slows the stop slows the start too, save waiting for something: a connection that is kept open, a thread.
  test(`${signal} stops it without waiting for anything`, async () => {
    const tries = [];
    while (tries.length < 3 && !tries.some(({ start: started, stop }) => stop < started)) tries.push(await stopBy(signal));
    assert.ok(
      tries.some(({ start: started, stop }) => stop < started),
      tries.map(({ start: started, stop }) => `started in ${Math.round(started)} ms, stopped in ${Math.round(stop)} ms`).join('\n'),
    );
  });
}

test('a second signal kills it although a request hangs', async () => {
  const { child, exited, port } = await start();
  const [python] = childrenOf(child.pid);
  process.kill(python, 'SIGSTOP');
  child.kill('SIGTERM');
  await delay(200);
  assert.ok(alive(child.pid), 'one signal waits');
  child.kill('SIGTERM');
  await Promise.race([exited, delay(30_000, undefined, { ref: false }).then(() => assert.fail('the second signal did not end it'))]);
  assert.ok(!alive(python));
  assert.ok(port > 0);
});

test('SIGKILL of the launcher takes Python with it', async () => {
  const { child, exited } = await start();
  const [python] = childrenOf(child.pid);
  child.kill('SIGKILL');
  await exited;
  for (let attempt = 0; attempt < 20 && alive(python); attempt += 1) await delay(50);
  assert.ok(!alive(python));
});

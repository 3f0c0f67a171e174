import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listen } from './loopback.mjs';
import { startAtPort } from './start-at-port.mjs';

/** Answers with its name; where somebody else listens, it tells them its process and ends. */
const SERVER = `
const { createServer, get } = require('node:http');
const port = Number(process.argv[1]);
const server = createServer((_, response) => response.end('ours')).listen(port, '127.0.0.1');
server.once('error', () => get('http://127.0.0.1:' + port + '/' + process.pid, () => process.exit(1)));`;
const describe = (port) => ({ file: process.execPath, args: ['-e', SERVER, String(port)], url: `http://127.0.0.1:${port}/` });

const isGone = (pid) => {
  try {
    return !process.kill(pid, 0);
  } catch (error) {
    if (error.code === 'ESRCH') return true;
    throw error;
  }
};

test('a server whose port somebody else has taken is started at another, and what answers there is not held for it', async () => {
  const told = [];
  // to others it answers when the last program that it stood in the way of is gone
  const other = await listen(async ({ url }, response) => {
    if (url !== '/') told.push(Number(url.slice(1)));
    else while (told.length === 0 || !isGone(told.at(-1))) await new Promise((resolve) => setTimeout(resolve, 20));
    response.end('another');
  });
  const taken = Number(new URL(other.url).port);
  try {
    let started = 0;
    const { url, stop } = await startAtPort((port) => describe((started += 1) === 1 ? taken : port));
    try {
      assert.equal(await (await fetch(url)).text(), 'ours');
    } finally {
      await stop();
    }
    assert.deepEqual([started, told.length], [2, 1]);
  } finally {
    await other.stop();
  }
});

test('three such ports are enough: then it says what the program said', async () => {
  const fails = (file, args) => startAtPort((port) => ({ ...describe(port), file, args }));
  await assert.rejects(fails(process.execPath, ['-e', "throw new Error('in use')"]), /does not answer.*in use/s);
  await assert.rejects(fails('/no/such/program', []), /ENOENT/);
});

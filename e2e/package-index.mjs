/** A real pypiserver on loopback, and a proxy before it that counts requests, loses answers, and says when one has been given. */
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer, request as startRequest } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { startAtPort } from '../tools/stand-ins/start-at-port.mjs';

/** The pinned pypiserver, that lets anybody write into `folder`. */
export async function startPypiserver(root, folder) {
  const { createProcesses, createTools } = createRequire(join(root, 'package.json'))('@waybill/core');
  const { folder: library } = await createTools({ processes: createProcesses(), environment: process.env }).library('pypiserver');
  mkdirSync(folder, { recursive: true });
  const { url, stop } = await startAtPort((port) => ({
    file: 'python3',
    args: ['-m', 'pypiserver', 'run', '-i', '127.0.0.1', '-p', String(port), '-P', '.', '-a', '.', folder],
    env: { ...process.env, PYTHONPATH: library },
    url: `http://127.0.0.1:${port}/`,
  }));
  return { url, folder, stop };
}

/** `posts` names the files of the uploads that the index stored; `onAnswer(k, call)` calls when it has answered request k, and holds the answer back. */
export async function startProxy(target) {
  const state = { count: 0, posts: [], at: 0, call: () => undefined, fault: undefined };
  const server = createServer(async (incoming, outgoing) => {
    const pieces = [];
    for await (const piece of incoming) pieces.push(piece);
    const body = Buffer.concat(pieces);
    state.count += 1;
    const number = state.count;
    const answer = await forward(new URL(incoming.url, target), incoming, body);
    // refused ones too: a repeat is one, whatever the index says to it
    if (incoming.method === 'POST') state.posts.push(/filename="([^"]+)"/.exec(body.toString('latin1'))?.[1]);
    if (number === state.at) return state.call();
    if (incoming.method === 'POST' && state.fault === 'dropped') return incoming.socket.destroy();
    if (incoming.method === 'POST' && state.fault === '502') return outgoing.writeHead(502).end();
    outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    get count() {
      return state.count;
    },
    get posts() {
      return state.posts;
    },
    reset: ({ fault } = {}) => Object.assign(state, { count: 0, posts: [], at: 0, fault }),
    onAnswer: (at, call) => Object.assign(state, { at, call }),
    stop: () => (server.closeAllConnections(), server.close()),
  };
}

async function forward(url, { method, headers }, body) {
  const request = startRequest(url, { method, headers: { ...headers, host: url.host } });
  request.end(body);
  const [response] = await once(request, 'response');
  const pieces = [];
  for await (const piece of response) pieces.push(piece);
  const kept = Object.fromEntries(Object.entries(response.headers).filter(([name]) => !/^(transfer-encoding|connection|content-length)$/.test(name)));
  return { status: response.statusCode, headers: kept, body: Buffer.concat(pieces) };
}

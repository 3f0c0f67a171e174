/** Stands before a server and lets single requests fail, by their number. */
import { request as send } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { bodyOf, listen } from './loopback.mjs';

/**
 * @typedef {{ at: number, fault: 'status', status: number, headers?: Record<string, string> }} Answered   the server never sees the request
 * @typedef {{ at: number, fault: 'drop-before' | 'drop-after' }} Dropped   the connection ends before, or after the server has done its work
 * @typedef {{ at: number, fault: 'status-after', status: number }} Lied    the server has done its work, and the answer says something else
 * @typedef {{ at: number, fault: 'slow', ms: number }} Slow    the answer comes in two halves, with a pause
 * @param {string} target   address of the server
 * @param {(Answered | Dropped | Lied | Slow)[]} [faults]   `at` counts requests from 1
 * @param {(number: number, request: { method: string, url: string, status: number }) => void} [onDone]   after the server answered a request, before the client knows
 * @param {string[]} [requests]   given to several proxies, requests to any of them are counted together
 * @returns `settled` waits for the requests that are on their way
 */
export async function startFaultProxy(target, faults = [], onDone = () => undefined, requests = []) {
  const going = new Set();
  const { url, stop } = await listen((request, response) => {
    const passing = pass(request, response).finally(() => going.delete(passing));
    going.add(passing);
    return passing;
  });
  async function pass(request, response) {
    const number = requests.push(`${request.method} ${request.url}`);
    const fault = faults.find(({ at }) => at === number);
    if (fault?.fault === 'drop-before') return void request.socket.destroy();
    const body = await bodyOf(request);
    if (fault?.fault === 'status') return void response.writeHead(fault.status, fault.headers).end();
    const answer = await forward(target, request, body);
    onDone(number, { method: request.method, url: request.url, status: answer.status });
    if (fault?.fault === 'drop-after') return void request.socket.destroy();
    if (fault?.fault === 'status-after') return void response.writeHead(fault.status).end();
    response.writeHead(answer.status, answer.headers);
    const half = Math.ceil(answer.body.length / 2);
    if (fault?.fault === 'slow') {
      response.write(answer.body.subarray(0, half));
      await sleep(fault.ms);
      return void response.end(answer.body.subarray(half));
    }
    response.end(answer.body);
  }
  const settled = async () => {
    while (going.size > 0) await Promise.allSettled(going);
  };
  return { url, requests, faults, stop, settled };
}

function forward(target, { method, url, headers }, body) {
  const { hostname, port } = new URL(target);
  return new Promise((resolve, reject) => {
    const outgoing = send({ hostname, port, method, path: url, headers, agent: false }, async (answer) => {
      resolve({ status: answer.statusCode, headers: answer.headers, body: await bodyOf(answer) });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

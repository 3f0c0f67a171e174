/** Publishing to several servers over a bad line: the process is killed, or a request meets a fault, at a step that is counted over all servers. */
import { startFaultProxy } from '../tools/stand-ins/fault-proxy.mjs';

/** What may happen to a request, as the fault proxy has it. */
export const FAULTS = [
  ...[401, 403, 409, 422, 500, 503].map((status) => ({ fault: 'status', status })),
  { fault: 'status', status: 429, headers: { 'retry-after': '1' } },
  { fault: 'status-after', status: 502 },
  { fault: 'drop-before' },
  { fault: 'drop-after' },
  { fault: 'slow', ms: 300 },
];

/** Numbers from 0 up to 1, the same for the same seed. */
export function random(seed) {
  let state = seed;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

/**
 * One proxy before each server. Requests to all are counted together, from 1.
 * @param {Record<string, string>} targets   addresses by name
 */
export async function startLine(targets) {
  const requests = [];
  const faults = [];
  const state = { killAt: 0, kill: () => undefined, blobs: [] };
  const onDone = (number, { method, url, status }) => {
    const digest = /[?&]digest=sha256(?:%3A|:)([0-9a-f]{64})/i.exec(url)?.[1];
    if (method === 'PUT' && digest !== undefined && status === 201) state.blobs.push(digest);
    if (number === state.killAt) state.kill();
  };
  const proxies = {};
  for (const [name, target] of Object.entries(targets)) proxies[name] = await startFaultProxy(target, faults, onDone, requests);
  const all = Object.values(proxies);
  return {
    urls: Object.fromEntries(Object.entries(proxies).map(([name, { url }]) => [name, url])),
    /** Requests since the last `begin`. */
    requests,
    /** Digests of blobs that a registry took, each time. */
    blobs: state.blobs,
    /** Counting starts anew. */
    begin({ killAt = 0, fault } = {}) {
      requests.length = 0;
      faults.splice(0, faults.length, ...(fault ? [fault] : []));
      state.killAt = killAt;
    },
    /** What ends the process that runs now. */
    onStart: (kill) => (state.kill = kill),
    settled: () => Promise.all(all.map((proxy) => proxy.settled())),
    stop: () => Promise.all(all.map((proxy) => proxy.stop())),
  };
}

/** Points to kill at. In a full run each one once, then several in turn, 200 runs in all; else a sample. */
export function killSeries(requests, full) {
  const next = random(7);
  const point = () => 1 + Math.floor(next() * requests);
  if (!full) return [[point()], [point()], [point()], [point(), point()]];
  const each = Array.from({ length: requests }, (_, index) => [index + 1]);
  const more = Array.from({ length: Math.max(0, 200 - requests) }, () => Array.from({ length: 1 + Math.floor(next() * 3) }, point));
  return [...each, ...more];
}

/** Faults with the step that they meet. In a full run each step meets three of them; else a sample. */
export function faultSeries(requests, full) {
  const next = random(11);
  if (!full) return Array.from({ length: 3 }, () => ({ ...FAULTS[Math.floor(next() * FAULTS.length)], at: 1 + Math.floor(next() * requests) }));
  return [0, 4, 8].flatMap((shift) =>
    Array.from({ length: requests }, (_, index) => ({ ...FAULTS[(index + shift) % FAULTS.length], at: index + 1 })),
  );
}

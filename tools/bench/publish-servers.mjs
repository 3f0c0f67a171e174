/** Servers of bench-publish, and a watch over what is sent to any server of this process. */
import { createHash } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { bodyOf, listen } from '../stand-ins/loopback.mjs';

/** Seconds from the head of the first request that carries a body to the end of the last answer to such a one. */
export function watchUploads() {
  let [first, last] = [Infinity, 0];
  const carries = ({ headers }) => Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined;
  const onStart = ({ request }) => {
    if (carries(request)) first = Math.min(first, performance.now());
  };
  const onFinish = ({ request }) => {
    if (carries(request)) last = performance.now();
  };
  subscribe('http.server.request.start', onStart);
  subscribe('http.server.response.finish', onFinish);
  return {
    end() {
      unsubscribe('http.server.request.start', onStart);
      unsubscribe('http.server.response.finish', onFinish);
      if (last === 0) throw new Error('nothing was sent');
      return (last - first) / 1000;
    },
  };
}

/** An index in memory that takes wheels and sdists and shows them by the simple API. `held`: bytes by file name. */
export async function startWheelIndex() {
  const held = new Map();
  const { url, stop } = await listen(async (request, response) => {
    if (request.method === 'POST') {
      const { name, content } = fileIn(await bodyOf(request));
      held.set(name, content);
      return void response.end();
    }
    const file = /\/files\/(.+)$/.exec(request.url)?.[1];
    if (file !== undefined) return void (held.has(file) ? response.end(held.get(file)) : response.writeHead(404).end());
    const project = /\/simple\/(.+)\/$/.exec(request.url)?.[1];
    const files = [...held]
      .filter(([name]) => name.split('-')[0].replaceAll('_', '-') === project)
      .map(([filename, bytes]) => ({
        filename,
        url: `../../files/${filename}`,
        hashes: { sha256: createHash('sha256').update(bytes).digest('hex') },
      }));
    if (project !== undefined && files.length === 0) return void response.writeHead(404).end();
    const page = project === undefined ? { projects: [] } : { name: project, files };
    response.writeHead(200, { 'content-type': 'application/vnd.pypi.simple.v1+json' });
    response.end(JSON.stringify({ meta: { 'api-version': '1.0' }, ...page }));
  });
  return { url: `${url}/`, held, stop };
}

function fileIn(body) {
  const boundary = body.subarray(0, body.indexOf('\r\n'));
  const part = body.indexOf('name="content"');
  const start = body.indexOf('\r\n\r\n', part) + 4;
  const name = /filename="([^"]+)"/.exec(body.toString('latin1', part, start))[1];
  return { name, content: Buffer.from(body.subarray(start, body.indexOf(boundary, start) - 2)) };
}

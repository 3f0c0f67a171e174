import { request as connect } from 'node:http';
import type { Socket } from 'node:net';
import { coreErrors } from '../errors/core-errors';
import type { Proxy } from './find-proxy';

/** A connection to `url` through a proxy, before encryption. `signal` ends the wait. */
export function openTunnel(url: URL, proxy: Proxy, shown: string, signal: AbortSignal): Promise<Socket> {
  const authority = `${url.hostname}:${url.port === '' ? 443 : url.port}`;
  return new Promise((resolve, reject) => {
    const asking = connect({
      host: proxy.host,
      port: proxy.port,
      method: 'CONNECT',
      path: authority,
      signal,
      agent: false,
      headers: { host: authority, ...(proxy.authorization !== undefined && { 'proxy-authorization': proxy.authorization }) },
    });
    asking.on('error', reject);
    asking.on('connect', (answer, socket) => {
      if (answer.statusCode === 200) return resolve(socket);
      socket.destroy();
      const fix = 'correct the proxy by `HTTPS_PROXY` (with its credentials, where it asks for them), or exempt the server by `NO_PROXY`';
      reject(coreErrors.error('NETWORK_FAILED', { to: shown, reason: `the proxy answered ${answer.statusCode}`, fix }));
    });
    asking.end();
  });
}

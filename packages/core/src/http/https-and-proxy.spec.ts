import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer as createProxy } from 'node:http';
import { createServer } from 'node:https';
import { connect, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { temporaryFolder } from '../testing';
import { createHttpClient, type HttpClientOptions } from './create-http-client';
import type { HttpClient } from './http-port';

describe('https', () => {
  const folder = temporaryFolder();
  const asked: string[] = [];
  const state = { server: '', proxy: '', ca: '', refusal: '' };
  let servers: Server[] = [];
  const tunnels: Duplex[] = [];

  const listen = async (server: Server): Promise<number> => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };

  beforeEach(async () => {
    servers = [];
    asked.length = 0;
    state.refusal = '';
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder.path, name)) as [string, string];
    const names = ['-subj', '/CN=a.test', '-addext', 'subjectAltName=DNS:a.test,IP:127.0.0.1'];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', cert, ...names], { stdio: 'pipe' });
    state.ca = readFileSync(cert, 'utf8');
    const secure = createServer({ key: readFileSync(key), cert: state.ca }, (request, response) => {
      if (request.url === '/down') response.writeHead(302, { location: 'http://127.0.0.1:1/' });
      response.end(`${request.method} ${request.headers.host}`);
    });
    const port = await listen(secure);
    state.server = `https://127.0.0.1:${port}`;
    const proxy = createProxy().on('connect', (request, socket) => {
      asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? 'nobody'}`);
      if (state.refusal !== '') return void socket.end(`HTTP/1.1 ${state.refusal}\r\n\r\n`);
      tunnels.push(socket);
      const upstream = connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      tunnels.push(upstream);
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
    });
    state.proxy = `http://user:geheim@127.0.0.1:${await listen(proxy)}`;
  });
  afterEach(() => {
    for (const server of servers as ReturnType<typeof createProxy>[]) {
      server.close();
      server.closeAllConnections();
    }
    for (const socket of tunnels) socket.destroy();
  });

  const client = (options: Partial<HttpClientOptions> = {}): HttpClient =>
    createHttpClient({ readOnly: false, userAgent: 'waybill/test', env: {}, ca: state.ca, retry: { attempts: 1 }, ...options });

  it('takes a server whose certificate it trusts', async () => {
    expect(await (await client().request({ method: 'GET', url: state.server })).text()).toBe(`GET ${new URL(state.server).host}`);
  });

  it('and no other', async () => {
    const untrusting = createHttpClient({ readOnly: false, userAgent: 'waybill/test', env: {} });
    await expect(untrusting.request({ method: 'GET', url: state.server })).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      message: expect.stringContaining('its certificate or encryption is not accepted'),
      fix: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    });
  });

  it('does not follow into clear text', async () => {
    await expect(client().request({ method: 'GET', url: `${state.server}/down` })).rejects.toMatchObject({
      code: 'NETWORK_REDIRECT',
      message: expect.stringContaining('from https to http'),
    });
  });

  it('goes through a tunnel of the proxy, encrypted to the server', async () => {
    const tunnelled = client({ env: { HTTPS_PROXY: state.proxy } });
    expect(await (await tunnelled.request({ method: 'PUT', url: 'https://a.test/x', body: Buffer.from('body') })).text()).toBe('PUT a.test');
    expect(asked).toEqual([`a.test:443 Basic ${Buffer.from('user:geheim').toString('base64')}`]);
    await expect(tunnelled.request({ method: 'GET', url: 'https://b.test/x' })).rejects.toMatchObject({ code: 'NETWORK_FAILED' });
  });

  it('does not take a proxy whose password is not encoded for a fault of the network', async () => {
    await expect(
      client({ env: { HTTPS_PROXY: 'http://user:100%@127.0.0.1:1' } }).request({ method: 'GET', url: 'https://a.test/' }),
    ).rejects.toMatchObject({ code: 'NETWORK_PROXY', message: expect.stringContaining('`%25`') });
  });

  it('tells what the proxy refuses', async () => {
    state.refusal = '407 Proxy Authentication Required';
    await expect(client({ env: { HTTPS_PROXY: state.proxy } }).request({ method: 'GET', url: 'https://a.test/' })).rejects.toMatchObject({
      code: 'NETWORK_FAILED',
      message: '`GET https://a.test/` got no whole answer: the proxy answered 407',
    });
  });
});

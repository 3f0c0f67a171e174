/**
 * The way to Apple’s notary service for programs that ask at its own address: a proxy (HTTP CONNECT) that leads every host to one server, with a certificate for
 * appstoreconnect.apple.com of an authority of its own, which hands requests to the stand-in. Needs openssl.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as ask } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const HOST = 'appstoreconnect.apple.com';

/** @returns {Promise<{ proxyUrl: string, authority: string, stop(): Promise<void> }>} `authority`: path of its certificate, in PEM */
export async function startAppleGateway(targetUrl) {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-gateway-'));
  makeCertificates(folder);
  const files = { key: readFileSync(join(folder, 'leaf.key')), cert: readFileSync(join(folder, 'leaf.pem')) };
  const back = createTlsServer(files, (request, response) => {
    // Addresses that the service gives out are its own, not Apple’s.
    const headers = { ...request.headers, host: new URL(targetUrl).host };
    const on = ask(targetUrl + request.url, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    on.on('error', () => response.destroy());
    request.pipe(on);
  });
  const proxy = createServer();
  const sockets = new Set();
  proxy.on('connect', (_, socket) => {
    const to = connect(back.address().port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      to.pipe(socket).pipe(to);
    });
    for (const one of [socket, to]) {
      sockets.add(one);
      one.on('error', () => undefined).on('close', () => sockets.delete(one));
    }
  });
  for (const server of [back, proxy]) await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    proxyUrl: `http://127.0.0.1:${proxy.address().port}`,
    authority: join(folder, 'ca.pem'),
    async stop() {
      sockets.forEach((socket) => socket.destroy());
      for (const server of [proxy, back]) await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    },
  };
}

function makeCertificates(folder) {
  const openssl = (...args) => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  };
  const newKey = (name) => ['-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`];
  const authority = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=keyCertSign'];
  openssl('req', '-x509', ...newKey('ca'), '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Stand-in', ...authority);
  openssl('req', ...newKey('leaf'), '-out', 'leaf.csr', '-subj', `/CN=${HOST}`);
  writeFileSync(join(folder, 'leaf.ext'), `subjectAltName=DNS:${HOST}\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n`);
  const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'leaf.ext'];
  openssl('x509', '-req', '-in', 'leaf.csr', ...by, '-days', '2', '-out', 'leaf.pem');
}

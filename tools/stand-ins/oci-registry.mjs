/** The real registry (Debian's docker-registry) on this machine, open, with a password, or with tokens of a server of ours. */
import { execFileSync, spawn } from 'node:child_process';
import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { listen } from './loopback.mjs';

/** `user`, `geheim` by bcrypt. */
const HTPASSWD = 'user:$2b$05$aMgqDxIYqE8E4oXuVT.vGe0eCqzbyPB9yMipghXJ9tCdSQX55lmke\n';
const STARTED_MS = 20_000;

/**
 * @param {{ auth?: 'none' | 'basic' | 'token', actions?: (user: string | undefined) => string[] | undefined, seconds?: number }} [options]
 *   `actions`: what a token allows; `undefined` refuses the user
 * @returns {Promise<{ host: string, url: string, tokens: string[], stop(): Promise<void> }>}
 */
export async function startRegistry({ auth = 'none', actions = () => ['pull', 'push'], seconds = 300 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-registry-'));
  const tokens = auth === 'token' ? await startTokens(folder, actions, seconds) : undefined;
  writeFileSync(join(folder, 'htpasswd'), HTPASSWD);
  const auths = {
    none: undefined,
    basic: { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } },
    token: { token: { realm: `${tokens?.url}/token`, service: 'test-registry', issuer: 'test-issuer', rootcertbundle: join(folder, 'cert.pem') } },
  };
  const config = {
    ...{ version: 0.1, log: { level: 'info', accesslog: { disabled: true } } },
    ...{ storage: { filesystem: { rootdirectory: join(folder, 'data') } }, http: { addr: '127.0.0.1:0', secret: 'x' } },
    ...(auths[auth] && { auth: auths[auth] }),
  };
  writeFileSync(join(folder, 'config.yml'), JSON.stringify(config));
  const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    await tokens?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const host = await hostOf(child).catch(async (error) => {
    await stop();
    throw error;
  });
  return { host, url: `http://${host}`, tokens: tokens?.asked ?? [], stop };
}

function hostOf(child) {
  const lines = [];
  return new Promise((resolve, reject) => {
    const failed = () => reject(new Error(`docker-registry did not start:\n${lines.slice(-5).join('\n')}`));
    const timer = setTimeout(failed, STARTED_MS);
    child.once('error', reject);
    child.once('close', failed);
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      const host = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (host === undefined) return;
      clearTimeout(timer);
      resolve(host);
    });
  });
}

/** Gives tokens as the distribution specification has them: a JWT, signed by the key whose certificate the registry trusts. */
async function startTokens(folder, actions, seconds) {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=tokens'];
  execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', cert], { stdio: 'pipe' });
  const privateKey = createPrivateKey(readFileSync(key));
  const x5c = [readFileSync(cert, 'utf8').replace(/-----[A-Z ]+-----|\s/g, '')];
  const asked = [];
  const { url, stop } = await listen((request, response) => {
    const query = new URL(request.url, 'http://x').searchParams;
    const [user, password] = Buffer.from(request.headers.authorization?.replace(/^Basic /, '') ?? '', 'base64')
      .toString()
      .split(':');
    const allowed = user && password !== 'geheim' ? undefined : actions(user || undefined);
    asked.push(`${user || 'nobody'} ${query.get('service')} ${query.get('scope')}`);
    if (!allowed || query.get('service') !== 'test-registry') return void response.writeHead(401).end('{"errors":[{"code":"UNAUTHORIZED"}]}');
    const [, name, wanted] = /^repository:(.+):([a-z,]+)$/.exec(query.get('scope'));
    const access = [{ type: 'repository', name, actions: wanted.split(',').filter((action) => allowed.includes(action)) }];
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: 'test-issuer',
      sub: user ?? '',
      aud: 'test-registry',
      exp: now + seconds,
      nbf: now - 10,
      iat: now,
      jti: randomUUID(),
      access,
    };
    const text = [{ typ: 'JWT', alg: 'ES256', x5c }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url');
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ token: `${text}.${signature}`, expires_in: seconds }));
  });
  return { url, asked, stop };
}

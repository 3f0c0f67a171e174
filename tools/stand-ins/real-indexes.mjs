/** The real devpi-server and pypiserver on this machine, from wheels whose digests stand in `real-indexes.txt`. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startAtPort } from './start-at-port.mjs';

const REQUIREMENTS = fileURLToPath(new URL('./real-indexes.txt', import.meta.url));
const run = promisify(execFile);

/**
 * Installs both servers into a fresh environment.
 * @param {{ file: string, prefixArgs: readonly string[] }} uv
 */
export async function installIndexes(uv) {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-indexes-'));
  const install = (...args) => run(uv.file, [...uv.prefixArgs, ...args], { env: { ...process.env, UV_PYTHON_DOWNLOADS: 'never' }, cwd: folder });
  await install('venv', '--no-project', '--quiet', 'env');
  await install('pip', 'install', '--quiet', '--python', 'env', '--require-hashes', '--only-binary', ':all:', '-r', REQUIREMENTS);
  return { folder, bin: (name) => join(folder, 'env', 'bin', name), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** devpi with the user `team`, whose password is `geheim`, and an index for each of `names`; `volatile` ones let files be replaced. */
export async function startDevpi({ folder, bin }, indexes) {
  const data = mkdtempSync(join(folder, 'devpi-'));
  await run(bin('devpi-init'), ['--serverdir', data, '--no-root-pypi']);
  const server = await startAtPort((port) => ({
    file: bin('devpi-server'),
    args: ['--serverdir', data, '--host', '127.0.0.1', '--port', String(port), '--offline-mode'],
    url: `http://127.0.0.1:${port}/+api`,
  }));
  const url = new URL(server.url).origin;
  const call = async (method, path, json, token) => {
    const headers = { 'content-type': 'application/json', accept: 'application/json', ...(token && { 'x-devpi-auth': token }) };
    const response = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(json) });
    if (!response.ok) throw new Error(`devpi answers ${response.status} to ${method} ${path}: ${await response.text()}`);
    return response.json();
  };
  const login = async (user, password) => {
    const { result } = await call('POST', '/+login', { user, password });
    return Buffer.from(`${user}:${result.password}`).toString('base64');
  };
  await call('PUT', '/team', { password: 'geheim' }, await login('root', ''));
  const token = await login('team', 'geheim');
  for (const [name, volatile] of Object.entries(indexes)) await call('PUT', `/team/${name}`, { type: 'stage', bases: [], volatile }, token);
  return { url: (name) => `${url}/team/${name}/`, stop: server.stop };
}

/** pypiserver that asks the user `team` for the password `geheim`, for the given actions (`update`, `list`, `download`). */
export async function startPypiserver({ folder, bin }, actions) {
  const data = mkdtempSync(join(folder, 'pypiserver-'));
  const passwords = join(folder, 'htpasswd');
  writeFileSync(passwords, `team:{SHA}${createHash('sha1').update('geheim').digest('base64')}\n`);
  return startAtPort((port) => ({
    file: bin('pypi-server'),
    args: ['run', '-i', '127.0.0.1', '-p', String(port), '-P', passwords, '-a', actions.join(','), data],
    url: `http://127.0.0.1:${port}/`,
  }));
}

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createProcesses, createTools, Secret, writeArchive } from '@waybill/core';
import { temporaryFolder } from '@waybill/core/testing';
import type { UpstreamArtifact } from '@waybill/plugin-kit';
import type { IndexInstaller, InstallRequest, TriedOut } from '@waybill/publishing';
import { createIndexInstaller } from './create-index-installer';

const folder = temporaryFolder();
const LOGIN = { user: 'team', password: new Secret('p@ss:wö/rd#') };
let server: Server;
let url: string;
/** By project: file names and bytes. `/index/` asks for the login, `/usual/` does not. */
const held = new Map<string, Map<string, Buffer>>();
const asked: string[] = [];

beforeAll(async () => {
  server = createServer(({ url: path = '', headers }, response) => {
    const [, place = '', kind, project = '', file = ''] = path.split('/');
    asked.push(`${place} ${kind} ${project}`);
    const right = `Basic ${Buffer.from(`${LOGIN.user}:${LOGIN.password.reveal()}`).toString('base64')}`;
    if (place === 'index' && headers.authorization !== right) return void response.writeHead(401, { 'www-authenticate': 'Basic' }).end();
    const files = held.get(`${place} ${project}`);
    if (!files) return void response.writeHead(404).end();
    if (kind === 'files') return void response.end(files.get(file));
    const links = [...files.keys()].map((name) => `<a href="/${place}/files/${project}/${name}">${name}</a>`);
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<!DOCTYPE html><html><body>${links.join('')}</body></html>`);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  held.clear();
  asked.length = 0;
});

/** A wheel with one module, which tells where it came from. */
async function makeWheel(project: string, version: string, requires: readonly string[] = [], from = 'here'): Promise<UpstreamArtifact> {
  const [module, info] = [project.replaceAll('-', '_'), `${project.replaceAll('-', '_')}-${version}.dist-info`];
  const files: Record<string, string> = {
    [`${module}/__init__.py`]: `FROM = "${from}"\n`,
    [`${info}/METADATA`]: [
      `Metadata-Version: 2.1`,
      `Name: ${project}`,
      `Version: ${version}`,
      ...requires.map((one) => `Requires-Dist: ${one}`),
      '',
    ].join('\n'),
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  };
  files[`${info}/RECORD`] = [...Object.keys(files), `${info}/RECORD`].map((name) => `${name},,\n`).join('');
  const entries = Object.entries(files).map(([path, text]) => ({
    ...{ kind: 'file' as const, path, mode: 0o644, size: Buffer.byteLength(text) },
    open: async function* () {
      yield Buffer.from(text);
    },
  }));
  const name = `${module}-${version}-py3-none-any.whl`;
  mkdirSync(join(folder.path, from), { recursive: true });
  const file = join(folder.path, from, name);
  await writeArchive({ format: 'zip', entries, output: file, mtimeSeconds: 1_580_601_600 });
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  return { name, file, sha256, kind: 'wheel', ships: true, size: 1, madeFrom: [], path: name } as unknown as UpstreamArtifact;
}

const offer = (place: 'index' | 'usual', project: string, { name, file }: UpstreamArtifact): void =>
  void held.set(`${place} ${project}`, new Map([...(held.get(`${place} ${project}`) ?? []), [name, readFileSync(file)]]));

function installerOf(wheels: readonly UpstreamArtifact[], path = process.env['PATH'] ?? ''): IndexInstaller {
  const processes = createProcesses();
  const tools = createTools({ processes, environment: process.env });
  const toolEnvironment = { PATH: path, HOME: folder.path, UV_DEFAULT_INDEX: `${url}/usual/simple/` };
  return createIndexInstaller({ wheels, tools, processes, toolEnvironment, timeoutMs: 120_000 });
}

function install(published: UpstreamArtifact, others: readonly UpstreamArtifact[] = [], more: Partial<InstallRequest> = {}): Promise<TriedOut> {
  const installer = installerOf([published, ...others]);
  const request = { id: 'there', version: '1.0', simpleUrl: `${url}/index/simple/`, login: LOGIN, wheels: [published as never], ...more };
  return installer.install(request);
}

it('installs the very wheel from the index, with a login, and what it needs from the workspace and the usual index: never ours from there', async () => {
  const near = await makeWheel('near-lib', '2.0', ['third-party']);
  const own = await makeWheel('word-tally', '1.0', ['near-lib>=1', 'third-party; python_version>"3"']);
  offer('index', 'word-tally', own);
  offer('usual', 'third-party', await makeWheel('third-party', '5.0', ['near-lib'], 'usual'));
  for (const [project, version] of Object.entries({ 'word-tally': '1.0', 'near-lib': '2.0' })) {
    for (const one of [version, '9.0']) offer('usual', project, await makeWheel(project, one, [], 'usual'));
  }
  expect(await install(own, [near])).toEqual({
    outcome: 'works',
    line: 'there: word-tally 1.0 installed from there, in a fresh environment',
  });
  expect([...new Set(asked)].filter((line) => line.includes(' files '))).toEqual(['index files word-tally', 'usual files third-party']);
  expect(asked.filter((line) => line.startsWith('index ') && !line.endsWith('word-tally'))).toEqual([]);
});

it('`PUBLISH_INSTALL`: other bytes under the name, what is missing, and what does not fit', async () => {
  const own = await makeWheel('word-tally', '1.0');
  offer('index', 'word-tally', { ...(await makeWheel('word-tally', '1.0', [], 'else')), name: own.name });
  await expect(install(own)).rejects.toMatchObject({
    code: 'PUBLISH_INSTALL',
    details: expect.arrayContaining([expect.stringMatching(/hash/i)]) as string[],
  });
  const needing = await makeWheel('needing', '1.0', ['nowhere-to-be-had']);
  offer('index', 'needing', needing);
  const refused = (await install(needing).catch((cause: unknown) => cause)) as { code: string; message: string };
  expect(refused).toMatchObject({ code: 'PUBLISH_INSTALL', message: expect.stringContaining('what it needs (nowhere-to-be-had)') as string });
  expect(JSON.stringify(refused)).not.toContain(encodeURIComponent(LOGIN.password.reveal()));
  const strict = await makeWheel('strict', '1.0', ['near-lib>=3']);
  offer('index', 'strict', strict);
  await expect(install(strict, [await makeWheel('near-lib', '2.0')])).rejects.toMatchObject({ code: 'PUBLISH_INSTALL' });
});

it('`PUBLISH_NO_PYTHON`: that there is nothing to install with is known before anything is sent', async () => {
  await installerOf([]).prepare('there');
  await expect(installerOf([], folder.path).prepare('there')).rejects.toMatchObject({
    code: 'PUBLISH_NO_PYTHON',
    details: [expect.stringMatching(/no interpreter found/i)],
  });
});

it('waits for what is not offered yet, and leaves alone what is for other machines', async () => {
  const own = await makeWheel('word-tally', '1.0');
  expect((await install(own)).outcome).toBe('waiting');
  offer('index', 'word-tally', await makeWheel('word-tally', '0.9'));
  expect(await install(own)).toEqual({ outcome: 'waiting', line: 'there does not offer 1.0 to installers yet' });
  const foreign = { ...own, name: 'word_tally-1.0-cp38-cp38-win_amd64.whl' };
  expect(await install(foreign)).toMatchObject({ outcome: 'untried', line: expect.stringContaining('no wheel of 1 is for Python 3.') as string });
});

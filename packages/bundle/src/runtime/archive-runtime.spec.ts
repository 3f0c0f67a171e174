import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { writeArchive, type ArchiveEntry, type ArchiveFormat } from '@waybill/core';
import { temporaryFolder } from '@waybill/core/testing';
import { fakeProcesses } from '@waybill/plugin-kit/testing';
import { resolveRuntime } from './resolve-runtime';
import type { RuntimePorts, RuntimeRequest } from './runtime-facts';
import { madeUpHome, type HomeRecipe } from './testing/made-up-home';
import { writeTree, type TreeSpec } from './testing/write-tree';

const folder = temporaryFolder();
const cache = (): string => join(folder.path, 'cache');

const request = (more: Partial<RuntimeRequest>): RuntimeRequest => ({
  provider: 'archive',
  projectRoot: folder.path,
  workspaceRoot: folder.path,
  platform: 'linux-x86_64',
  embedded: true,
  ...more,
});

const ports = (more: Partial<RuntimePorts> = {}): RuntimePorts => ({
  processes: fakeProcesses(),
  tools: { resolve: () => Promise.reject(new Error('no tools')) },
  environment: {},
  cacheFolder: cache(),
  timeoutMs: 5_000,
  ...more,
});

const sha256Of = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
const refused = (code: string): unknown => expect.objectContaining({ code, fix: expect.stringMatching(/\S/) });
const left = (): string[] => (existsSync(cache()) ? readdirSync(cache()).filter((name) => !name.endsWith('.lock')) : []);

/** An archive of a made-up home below `top`. npm writes every mode as 0644 and drops links: `damaged` does the same. */
async function archive(
  name: string,
  top: string,
  { format = 'tar.gz', damaged = false, ...recipe }: HomeRecipe & { format?: ArchiveFormat; damaged?: boolean } = {},
): Promise<string> {
  const output = join(folder.path, name);
  const entries = Object.entries(madeUpHome(recipe)).flatMap(([path, content]): ArchiveEntry[] => {
    const executable = path.endsWith('!');
    const place = `${top}/${executable ? path.slice(0, -1) : path}`;
    if (typeof content === 'string' && content.startsWith('-> '))
      return damaged ? [] : [{ kind: 'symlink', path: place, linkTarget: content.slice(3) }];
    const bytes = Buffer.from(content);
    return [
      {
        kind: 'file',
        path: place,
        mode: executable && !damaged ? 0o755 : 0o644,
        size: bytes.length,
        open: async function* () {
          yield bytes;
        },
      },
    ];
  });
  entries.sort((left_, right) => (left_.path < right.path ? -1 : 1));
  await writeArchive({ format, entries, output, mtimeSeconds: 1_580_601_600 });
  return output;
}

describe('an archive as a file', () => {
  it.each<[string, string, string, ArchiveFormat, boolean]>([
    ['python-build-standalone install_only', 'cpython.tar.gz', 'python', 'tar.gz', false],
    ['python-build-standalone full, zstd', 'cpython.tar.zst', 'python/install', 'tar.zst', false],
    ['an npm repack without modes and links', 'python-linux-x64.tgz', 'package/python', 'tar.gz', true],
    ['a Maven jar', 'cpython-linux-x86_64.jar', 'org/bytedeco/cpython/linux-x86_64', 'zip', true],
  ])('%s', async (_, name, top, format, damaged) => {
    const file = await archive(name, top, { format, damaged });
    const facts = await resolveRuntime(request({ path: name }), ports());
    expect(facts).toMatchObject({
      provider: 'archive',
      version: '3.11.7',
      source: `archive ${name}`,
      sha256: sha256Of(file),
      layout: 'home',
      architecture: 'x86_64',
    });
    expect(facts.executable).toMatch(/\/bin\/python3\.11$/);
    expect(facts.libpython?.soname).toBe('libpython3.11.so.1.0');
  });

  it('may have its libpython beside the folders, as Maven’s has', async () => {
    const home = Object.entries(madeUpHome()).map(([path, content]) => [`jar/linux-x86_64/${path.replace(/^lib\/(?=libpython)/, '')}`, content]);
    writeTree(folder.path, Object.fromEntries(home) as TreeSpec);
    const facts = await resolveRuntime(request({ path: 'jar' }), ports());
    expect(facts.libpython?.file).toBe(join(folder.path, 'jar/linux-x86_64/libpython3.11.so.1.0'));
  });

  it('is unpacked once', async () => {
    await archive('cpython.tar.gz', 'python');
    const first = await resolveRuntime(request({ path: 'cpython.tar.gz' }), ports());
    writeFileSync(join(first.stdlib, 'mark.py'), '');
    const second = await resolveRuntime(request({ path: 'cpython.tar.gz' }), ports());
    expect(readdirSync(second.stdlib)).toContain('mark.py');
    expect(left()).toEqual([first.sha256]);
  });

  it('may be a folder: unpacked Debian packages', async () => {
    const home = Object.fromEntries(
      Object.entries(madeUpHome()).map(([path, content]) => [`debs/usr/${path.replace('lib/libpython', 'lib/x86_64-linux-gnu/libpython')}`, content]),
    );
    writeTree(folder.path, { ...home, 'debs/usr/share/doc/libpython3.11-minimal/copyright': 'PSF' } as TreeSpec);
    const facts = await resolveRuntime(request({ path: 'debs' }), ports());
    expect(facts).toMatchObject({ source: 'archive debs', layout: 'system' });
    expect(facts.sha256).toBeUndefined();
    expect(facts.libpython?.file).toContain('x86_64-linux-gnu');
    expect(facts.licenceFiles.map((path) => path.slice(folder.path.length))).toContain('/debs/usr/share/doc/libpython3.11-minimal/copyright');
  });

  it.each<[string, string, HomeRecipe, Partial<RuntimeRequest>]>([
    ['a wrong digest', 'BUNDLE_RUNTIME_DIGEST', {}, { sha256: 'a'.repeat(64) }],
    ['a digest that is none', 'OPTION_RUNTIME_SHA256', {}, { sha256: 'abc' }],
    ['another version', 'BUNDLE_RUNTIME_VERSION', {}, { version: '3.12' }],
    ['a version that is too old', 'BUNDLE_RUNTIME_UNSUITABLE', { version: '3.8.1' }, {}],
    ['another machine', 'BUNDLE_RUNTIME_ARCHITECTURE', { machine: 183 }, {}],
    ['no libpython for a program that embeds', 'BUNDLE_LIBPYTHON_MISSING', { shared: false }, {}],
    ['path and url', 'OPTION_RUNTIME_SOURCE', {}, { url: 'https://example.org/python.tar.gz', sha256: 'a'.repeat(64) }],
    ['neither path nor url', 'OPTION_RUNTIME_SOURCE', {}, { path: undefined }],
    ['a file that is not there', 'BUNDLE_RUNTIME_MISSING', {}, { path: 'none.tar.gz' }],
  ])('refuses %s', async (_, code, recipe, more) => {
    await archive('cpython.tar.gz', 'python', recipe);
    await expect(resolveRuntime(request({ path: 'cpython.tar.gz', ...more }), ports())).rejects.toEqual(refused(code));
  });

  it.each<[string, TreeSpec]>([
    ['no standard library', { 'not/python/readme.txt': '' }],
    ['no interpreter', { 'not/lib/python3.11/os.py': '' }],
    ['a script for an interpreter', { 'not/lib/python3.11/os.py': '', 'not/bin/python3.11!': '#!/bin/sh\n' }],
  ])('refuses a folder with %s', async (_, tree) => {
    writeTree(folder.path, tree);
    await expect(resolveRuntime(request({ path: 'not' }), ports())).rejects.toEqual(refused('BUNDLE_RUNTIME_INCOMPLETE'));
  });

  it('leaves nothing of an archive that is damaged', async () => {
    const file = await archive('cpython.tar.gz', 'python');
    writeFileSync(file, readFileSync(file).subarray(0, 300));
    await expect(resolveRuntime(request({ path: 'cpython.tar.gz' }), ports())).rejects.toMatchObject({ code: expect.stringMatching(/^ARCHIVE_/) });
    expect(left()).toEqual([]);
  });
});

describe('an archive from a URL', () => {
  let server: Server;
  let base: string;
  let answer: RequestListener;
  let hits: number;

  beforeEach(async () => {
    hits = 0;
    server = createServer((asked, reply) => {
      hits += 1;
      answer(asked, reply);
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(
    () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );

  const serve = (file: string): void => {
    answer = (_, reply) => void reply.writeHead(200).end(readFileSync(file));
  };

  it('is fetched, verified, unpacked, and not fetched again', async () => {
    const file = await archive('cpython-3.11.7+x.tar.gz', 'python');
    serve(file);
    const url = `${base}/releases/cpython-3.11.7%2Bx.tar.gz?token=secret`;
    const asked = request({ url, sha256: sha256Of(file).toUpperCase() });
    const lines: string[] = [];
    const progress = { step: <T>(_: string, work: () => Promise<T>) => work(), line: (text: string) => void lines.push(text), warn: () => undefined };
    const facts = await resolveRuntime(asked, ports({ progress }));
    expect(facts).toMatchObject({ source: 'archive cpython-3.11.7+x.tar.gz', sha256: sha256Of(file) });
    expect(lines.join()).not.toContain('secret');
    await resolveRuntime(asked, ports());
    expect(hits).toBe(1);
    expect(left()).toEqual([sha256Of(file)]);
  });

  it('takes address and digest from the variables that the options name', async () => {
    const file = await archive('cpython.tar.gz', 'python');
    serve(file);
    const named = request({ urlEnv: 'CPYTHON_URL', sha256Env: 'CPYTHON_SHA256' });
    const facts = await resolveRuntime(named, ports({ variables: { CPYTHON_URL: `${base}/cpython.tar.gz`, CPYTHON_SHA256: sha256Of(file) } }));
    expect(facts.version).toBe('3.11.7');
    await expect(resolveRuntime(named, ports({ variables: {} }))).rejects.toEqual(refused('OPTION_RUNTIME_VARIABLE'));
    await expect(resolveRuntime(named, ports({ variables: { CPYTHON_URL: `${base}/cpython.tar.gz` } }))).rejects.toEqual(
      refused('OPTION_RUNTIME_VARIABLE'),
    );
  });

  it.each([
    ['no digest', 'OPTION_RUNTIME_SHA256', { url: 'https://example.org/a.tar.gz' }],
    ['another protocol', 'OPTION_RUNTIME_SOURCE', { url: 'file:///etc/passwd', sha256: 'a'.repeat(64) }],
  ])('refuses %s', async (_, code, more) => {
    await expect(resolveRuntime(request(more), ports())).rejects.toEqual(refused(code));
  });

  it.each<[string, string, RequestListener]>([
    ['other bytes', 'BUNDLE_RUNTIME_DIGEST', (_, reply) => void reply.end('other')],
    ['an error of the server', 'BUNDLE_RUNTIME_DOWNLOAD', (_, reply) => void reply.writeHead(404).end('no')],
    [
      'a transfer that breaks off',
      'BUNDLE_RUNTIME_DOWNLOAD',
      (_, reply) => {
        reply.writeHead(200, { 'content-length': '1000' });
        reply.write('x', () => reply.destroy());
      },
    ],
    ['a transfer that stalls', 'BUNDLE_RUNTIME_DOWNLOAD', (_, reply) => void reply.writeHead(200, { 'content-length': '1000' }).write('x')],
  ])('leaves nothing behind after %s', async (_, code, listener) => {
    answer = listener;
    const asked = request({ url: `${base}/cpython.tar.gz`, sha256: 'a'.repeat(64) });
    await expect(resolveRuntime(asked, ports({ timeoutMs: 300 }))).rejects.toEqual(refused(code));
    expect(left()).toEqual([]);
  });

  it('lets a full or closed disk speak for itself', async () => {
    const file = await archive('cpython.tar.gz', 'python');
    serve(file);
    writeFileSync(cache(), 'a file stands where the folder should be');
    await expect(resolveRuntime(request({ url: `${base}/cpython.tar.gz`, sha256: sha256Of(file) }), ports())).rejects.not.toMatchObject({
      code: 'BUNDLE_RUNTIME_DOWNLOAD',
    });
  });

  it('says why a server cannot be reached', async () => {
    const asked = request({ url: 'http://127.0.0.1:9/cpython.tar.gz', sha256: 'a'.repeat(64) });
    await expect(resolveRuntime(asked, ports())).rejects.toMatchObject({ code: 'BUNDLE_RUNTIME_DOWNLOAD', details: [expect.stringMatching(/:/)] });
  });
});

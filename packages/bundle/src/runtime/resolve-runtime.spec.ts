import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@waybill/core/testing';
import { fakeProcesses, type FakeAnswer, type FakeProcesses } from '@waybill/plugin-kit/testing';
import type { ProcessRequest } from '@waybill/core';
import { resolveRuntime } from './resolve-runtime';
import type { RuntimePorts, RuntimeRequest } from './runtime-facts';
import { madeUpHome, type HomeRecipe } from './testing/made-up-home';
import { writeTree } from './testing/write-tree';

type Script = (asked: ProcessRequest) => FakeAnswer | undefined;

const folder = temporaryFolder();

const request = (more: Partial<RuntimeRequest> = {}): RuntimeRequest => ({
  provider: 'interpreter',
  projectRoot: join(folder.path, 'apps/chat'),
  workspaceRoot: folder.path,
  platform: 'linux-x86_64',
  embedded: false,
  ...more,
});

const ports = (script: Script, more: Partial<RuntimePorts> = {}): RuntimePorts & { processes: FakeProcesses } => ({
  tools: { resolve: () => Promise.reject(new Error('no tools')) },
  environment: { PATH: join(folder.path, 'path'), HOME: join(folder.path, 'home') },
  cacheFolder: join(folder.path, 'cache'),
  ...more,
  processes: fakeProcesses(script),
});

/** A home on disk and what its interpreter would answer. */
function installed(name: string, recipe: HomeRecipe = {}, answer: Record<string, unknown> = {}): { python: string; answer: FakeAnswer } {
  const home = join(folder.path, name);
  writeTree(home, madeUpHome(recipe));
  const { version = '3.11.7' } = recipe;
  const series = version.split('.').slice(0, 2).join('.');
  const python = join(home, 'bin', `python${series}`);
  const told = {
    implementation: 'cpython',
    version,
    series,
    abiFlags: '',
    executable: python,
    baseExecutable: python,
    basePrefix: home,
    baseExecPrefix: home,
    stdlib: join(home, 'lib', `python${series}`),
    dynload: join(home, 'lib', `python${series}`, 'lib-dynload'),
    platlibdir: 'lib',
    instSoname: `libpython${series}.so.1.0`,
    libdir: join(home, 'lib'),
    multiarch: null,
    builtPrefix: home,
    buildFolder: null,
    ...answer,
  };
  return { python, answer: { stdout: `waybill:${JSON.stringify(told)}\n` } };
}

const refused = (code: string): unknown => expect.objectContaining({ code, fix: expect.stringMatching(/\S/) });

beforeEach(() => mkdirSync(join(folder.path, 'apps/chat'), { recursive: true }));

describe('the provider interpreter', () => {
  it('takes the executable that the option names, or the one of a folder', async () => {
    const { python, answer } = installed('py');
    for (const path of [python, 'py']) {
      const facts = await resolveRuntime(
        request({ path }),
        ports(() => answer),
      );
      expect(facts).toMatchObject({
        version: '3.11.7',
        series: '3.11',
        source: 'interpreter 3.11.7',
        executable: python,
        staticInterpreter: false,
        architecture: 'x86_64',
        layout: 'home',
      });
      expect(facts.libpython).toEqual({ file: join(folder.path, 'py/lib/libpython3.11.so.1.0'), soname: 'libpython3.11.so.1.0' });
      expect(facts.licenceFiles).toEqual([join(folder.path, 'py/lib/python3.11/LICENSE.txt')]);
      expect(facts.leakOrigins).toContain(join(folder.path, 'py'));
    }
  });

  it('resolves a venv to the installation it was made from', async () => {
    const { python, answer } = installed(
      'py',
      {},
      { executable: join(folder.path, 'venv/bin/python'), baseExecutable: join(folder.path, 'venv/bin/python') },
    );
    mkdirSync(join(folder.path, 'venv/bin'), { recursive: true });
    symlinkSync(python, join(folder.path, 'venv/bin/python'));
    const facts = await resolveRuntime(
      request({ path: 'venv/bin/python' }),
      ports(() => answer),
    );
    expect(facts).toMatchObject({ executable: python, prefix: join(folder.path, 'py') });
  });

  it('finds what `.python-version` of the project asks for before that of the workspace, newest first', async () => {
    writeFileSync(join(folder.path, '.python-version'), '3.12\n');
    writeFileSync(join(folder.path, 'apps/chat/.python-version'), '3.11\n');
    const old = installed('home/.pyenv/versions/3.11.2', { version: '3.11.2' });
    const newest = installed('home/.pyenv/versions/3.11.10', { version: '3.11.10' });
    const facts = await resolveRuntime(
      request(),
      ports(({ file }) => (file.includes('3.11.10') ? newest.answer : old.answer)),
    );
    expect(facts.version).toBe('3.11.10');
  });

  it('passes over what does not fit on PATH and says so when nothing does', async () => {
    const { answer } = installed('py');
    writeTree(join(folder.path, 'path'), { 'python3!': '#!/bin/sh\n' });
    await expect(
      resolveRuntime(
        request({ version: '3.12' }),
        ports(() => answer),
      ),
    ).rejects.toMatchObject({
      code: 'BUNDLE_RUNTIME_MISSING',
      details: expect.arrayContaining([expect.stringContaining('`python3` on PATH: is 3.11.7')]),
    });
    const facts = await resolveRuntime(
      request({ version: '>=3.10' }),
      ports(() => answer),
    );
    expect(facts.version).toBe('3.11.7');
  });

  it('asks a uv that stands on PATH without letting it download', async () => {
    const { python, answer } = installed('py');
    writeTree(join(folder.path, 'path'), { 'uv!': '' });
    const world = ports(({ file }) => (file.endsWith('/uv') ? { stdout: `${python}\n` } : answer));
    await resolveRuntime(request({ version: '3.11' }), world);
    expect(world.processes.requests[0]).toMatchObject({
      args: ['python', 'find', '--no-python-downloads', '3.11'],
      cwd: join(folder.path, 'apps/chat'),
    });
  });

  it.each<[string, string, HomeRecipe, Record<string, unknown>, Partial<RuntimeRequest>]>([
    ['another implementation', 'BUNDLE_RUNTIME_UNSUITABLE', {}, { implementation: 'pypy' }, {}],
    ['a Python that is too old', 'BUNDLE_RUNTIME_UNSUITABLE', { version: '3.8.18' }, {}, {}],
    ['another version than asked for', 'BUNDLE_RUNTIME_VERSION', {}, {}, { version: '3.12' }],
    ['another machine', 'BUNDLE_RUNTIME_ARCHITECTURE', { machine: 183 }, {}, {}],
    ['another C library', 'BUNDLE_RUNTIME_ARCHITECTURE', {}, {}, { platform: 'linux-x86_64-musl' }],
    ['no libpython for a program that embeds', 'BUNDLE_LIBPYTHON_MISSING', { shared: false }, { instSoname: 'libpython3.11.a' }, { embedded: true }],
    ['a libpython of another build', 'BUNDLE_LIBPYTHON_MISMATCH', { libraryVersion: '3.11.2' }, {}, {}],
    ['a digest for an interpreter', 'OPTION_RUNTIME_SOURCE', {}, {}, { sha256: 'a'.repeat(64) }],
    ['a version that is none', 'OPTION_RUNTIME_VERSION', {}, {}, { version: 'latest' }],
  ])('refuses %s', async (_, code, recipe, told, more) => {
    const { answer } = installed('py', recipe, told);
    await expect(
      resolveRuntime(
        request({ path: 'py/bin/python3', ...more }),
        ports(() => answer),
      ),
    ).rejects.toEqual(refused(code));
  });

  it.each<[string, Script]>([
    ['cannot be started', () => undefined],
    ['fails', () => ({ exitCode: 1, stderr: 'pyenv: version `3.99` is not installed' })],
    ['prints something else', () => ({ stdout: 'hello\n' })],
    ['does not end', () => ({ exitCode: null, signal: 'SIGKILL', timedOut: true })],
  ])('refuses an executable that %s', async (_, script) => {
    installed('py');
    await expect(resolveRuntime(request({ path: 'py/bin/python3' }), ports(script))).rejects.toEqual(refused('BUNDLE_RUNTIME_QUERY'));
  });

  it('refuses a home without a native executable', async () => {
    const { answer } = installed('py');
    writeTree(join(folder.path, 'scripts'), { 'bin/python3.11!': '#!/bin/sh\n' });
    const told = JSON.parse((answer.stdout ?? '').slice('waybill:'.length)) as Record<string, unknown>;
    const script = {
      ...told,
      baseExecPrefix: join(folder.path, 'scripts'),
      baseExecutable: join(folder.path, 'scripts/bin/python3.11'),
      executable: join(folder.path, 'scripts/bin/python3.11'),
    };
    await expect(
      resolveRuntime(
        request({ path: 'py' }),
        ports(() => ({ stdout: `waybill:${JSON.stringify(script)}` })),
      ),
    ).rejects.toEqual(refused('BUNDLE_RUNTIME_INCOMPLETE'));
  });

  it('accepts a static interpreter for a Python program and takes its own build id', async () => {
    const { answer } = installed('py', { shared: false }, { instSoname: 'libpython3.11.a' });
    const facts = await resolveRuntime(
      request({ path: 'py' }),
      ports(() => answer),
    );
    expect(facts).toMatchObject({ staticInterpreter: true });
    expect(facts.libpython).toBeUndefined();
  });

  it('says which path of the option leads nowhere', async () => {
    await expect(
      resolveRuntime(
        request({ path: 'no/such' }),
        ports(() => undefined),
      ),
    ).rejects.toEqual(refused('BUNDLE_RUNTIME_MISSING'));
  });
});

describe('the provider uv', () => {
  const tools = { resolve: () => Promise.resolve({ id: 'uv', path: '/tools/uv', prefixArgs: [], version: '0.9.0', source: 'path' as const }) };

  it('installs what is not there, then finds it', async () => {
    const { python, answer } = installed('py');
    let there = false;
    const world = ports(
      ({ file, args }) => {
        if (file !== '/tools/uv') return answer;
        if (args[1] === 'install') there = true;
        return there ? { stdout: args[1] === 'find' ? `${python}\n` : '' } : { exitCode: 2, stderr: 'No interpreter found' };
      },
      { tools },
    );
    const facts = await resolveRuntime(request({ provider: 'uv', version: '3.11' }), world);
    expect(facts).toMatchObject({ provider: 'uv', source: 'uv 3.11.7' });
    expect(world.processes.requests.map(({ args }) => args.slice(0, 2).join(' '))).toEqual(['python find', 'python install', 'python find', '-I -S']);
    expect(world.processes.requests[1]!.env).toMatchObject({ UV_PYTHON_INSTALL_BIN: '0' });
  });

  it('says what uv said when it can give none', async () => {
    const world = ports(() => ({ exitCode: 2, stderr: 'error: no download found for request' }), { tools });
    await expect(resolveRuntime(request({ provider: 'uv', version: '3.99' }), world)).rejects.toMatchObject({
      code: 'BUNDLE_UV',
      details: [expect.stringContaining('no download found')],
    });
  });

  it('does not believe an installation that leaves nothing behind', async () => {
    const world = ports(({ args }) => (args[1] === 'install' ? {} : { exitCode: 2, stderr: 'nothing' }), { tools });
    await expect(resolveRuntime(request({ provider: 'uv' }), world)).rejects.toEqual(refused('BUNDLE_UV'));
  });
});

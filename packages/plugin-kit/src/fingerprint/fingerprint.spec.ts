import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { ResolvedTool } from '@waybill/core';
import type { NxContext, NxInput } from '../nx-context';
import { FINGERPRINT_COMMAND, checkFingerprint } from './check-fingerprint';
import { findCommand } from './find-command';
import { FINGERPRINT_HEADER, fingerprintLines, interpreterLines } from './fingerprint';
import { listPythons } from './list-pythons';
import { probeTools } from './probe-tools';
import { TOOL_PROBES } from './tool-probes';

let bin: string;

beforeEach(async () => {
  bin = await mkdtemp(join(tmpdir(), 'waybill-bin-'));
});
afterEach(() => rm(bin, { recursive: true, force: true }));

async function program(name: string, script: string): Promise<string> {
  const path = join(bin, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

describe('probeTools', () => {
  it('finds versions on PATH, and says missing and unusable', async () => {
    await program('patchelf', 'echo patchelf 0.19.0');
    await program('strip', 'echo "GNU strip (GNU Binutils for Debian) 2.40"');
    await program('uv', 'exit 3');
    await program('python3', 'echo "3.11.7 (main, Nov 1 2026) [GCC 12.2.0] cpython-311 "');
    expect(Object.fromEntries(await probeTools({ PATH: bin }))).toEqual({
      python3: '3.11.7 (main, Nov 1 2026) [GCC 12.2.0] cpython-311',
      uv: 'unusable',
      patchelf: '0.19.0',
      strip: '2.40',
      zig: 'missing',
      rustc: 'missing',
      maturin: 'missing',
      cibuildwheel: 'missing',
      cc: 'missing',
    });
  });

  it('follows the variable of a tool, and asks only those that are wanted', async () => {
    const mine = await program('my-patchelf', 'echo patchelf 0.20.1');
    expect(Object.fromEntries(await probeTools({ PATH: bin, WAYBILL_PATCHELF: mine }, ['patchelf']))).toEqual({ patchelf: '0.20.1' });
  });

  it('tells builds of one Python version apart', async () => {
    const lines = await Promise.all(
      ['GCC 12', 'Clang 18'].map(async (compiler, index) => {
        const path = await program(`python${index}`, `echo "3.11.7 [${compiler}]"`);
        return (await probeTools({ PATH: bin, PYO3_PYTHON: path }, ['python3'])).get('python3');
      }),
    );
    expect(lines).toEqual(['3.11.7 [GCC 12]', '3.11.7 [Clang 18]']);
  });
});

describe('findCommand', () => {
  const make = async (path: string, text = ''): Promise<void> => {
    await mkdir(dirname(join(bin, path)), { recursive: true });
    await writeFile(join(bin, path), text, { mode: 0o755 });
  };
  const find = (variables: Record<string, string>, folder = bin): string | undefined =>
    findCommand('python3', { PATH: [join(bin, 'shims'), join(bin, 'system')].join(delimiter), ...variables }, folder)?.slice(bin.length + 1);

  it('looks behind the shims of pyenv, as pyenv does', async () => {
    for (const path of ['shims/python3', 'system/python3', ...['3.9.2', '3.9.18', '3.9.19t', '3.12.1'].map((name) => `versions/${name}/bin/python3`)])
      await make(path);
    expect(find({})).toBe('system/python3');
    await make('version', '3.12.1\n');
    expect(find({})).toBe('versions/3.12.1/bin/python3');
    await make('work/.python-version', '3.9\n');
    await make('work/deep/x');
    expect(find({}, join(bin, 'work/deep'))).toBe('versions/3.9.18/bin/python3');
    expect(find({ PYENV_VERSION: '3.9.2' }, join(bin, 'work/deep'))).toBe('versions/3.9.2/bin/python3');
    expect(find({ PYENV_VERSION: '3.9t' })).toBe('versions/3.9.19t/bin/python3');
    expect(find({ PYENV_VERSION: '3.7:3.12.1' })).toBe('versions/3.12.1/bin/python3');
    expect(find({ PYENV_VERSION: 'system' })).toBe('system/python3');
  });

  it('passes over what cannot be run, and takes a path as it is', async () => {
    await make('system/python3');
    await chmod(join(bin, 'system/python3'), 0o644);
    expect(find({})).toBeUndefined();
    expect(findCommand('/opt/x/python3', {}, bin)).toBe('/opt/x/python3');
  });
});

describe('listPythons', () => {
  const list = (): readonly string[] =>
    listPythons({ PYENV_ROOT: join(bin, 'pyenv'), UV_PYTHON_INSTALL_DIR: join(bin, 'uv'), PATH: join(bin, 'path'), HOME: '/nowhere' });

  it('names the interpreters of pyenv, uv and PATH', async () => {
    for (const path of [
      'pyenv/versions/3.12.1/bin/python3',
      'pyenv/versions/empty/x',
      'uv/cpython-3.13.1-linux-x86_64-gnu/bin/python3',
      'uv/.lock',
      'path/python3.11',
      'path/python3',
      'path/python3.13t',
      'path/python3.11-config',
    ]) {
      await mkdir(dirname(join(bin, path)), { recursive: true });
      await writeFile(join(bin, path), '');
    }
    const names = ['pyenv:3.12.1', 'python3.11', 'python3.13t', 'python3', 'uv:cpython-3.13.1-linux-x86_64-gnu'];
    expect(list()).toEqual(names.map((name) => expect.stringMatching(new RegExp(`^${name}@[0-9a-f]{12}$`))));
    expect(listPythons({ HOME: '/nowhere' })).toEqual([]);
  });

  it('finds those of uv where variables are empty: they name no folder', async () => {
    const path = join(bin, 'home/.local/share/uv/python/cpython-3.13.1-linux-x86_64-gnu/bin/python3');
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, '');
    const names = listPythons({ HOME: join(bin, 'home'), XDG_DATA_HOME: '', UV_PYTHON_INSTALL_DIR: '', PYENV_ROOT: '' });
    expect(names).toEqual([expect.stringMatching(/^uv:cpython-3\.13\.1-linux-x86_64-gnu@/)]);
  });

  it('shows the `build` that an interpreter has', async () => {
    await mkdir(join(bin, 'pyenv/versions/3.12.1/bin'), { recursive: true });
    await writeFile(join(bin, 'pyenv/versions/3.12.1/bin/python3'), '');
    await mkdir(join(bin, 'pyenv/versions/3.12.1/lib/python3.12/site-packages/build-1.6.1.dist-info'), { recursive: true });
    expect(list()).toEqual([expect.stringMatching(/^pyenv:3\.12\.1@[0-9a-f]{12}\+build-1\.6\.1$/)]);
  });

  it('shows that an interpreter was built again in its place, or only its library', async () => {
    const make = async (path: string, text: string): Promise<void> => {
      await mkdir(dirname(join(bin, path)), { recursive: true });
      await writeFile(join(bin, path), text);
    };
    const home = 'pyenv/versions/3.12.1';
    await make(`${home}/bin/python3`, 'program');
    await make(`${home}/lib/libpython3.12.so.1.0`, `build id 1${'x'.repeat(10_000)}`);
    const [first] = list();
    expect(list()).toEqual([first]);
    await make(`${home}/lib/libpython3.12.so.1.0`, `build id 2${'x'.repeat(10_000)}`);
    const [second] = list();
    await make(`${home}/bin/python3`, 'Program');
    expect(new Set([first, second, list()[0]]).size).toBe(3);
    expect(interpreterLines([join(bin, home)])).not.toEqual(interpreterLines([join(bin, home, 'lib')]));
    expect(interpreterLines([join(bin, home), '/no/python'])).toEqual([FINGERPRINT_HEADER, `python ${list()[0]!.split('@')[1]!}`, 'python missing']);
  });
});

describe('fingerprintLines', () => {
  const host = {
    platform: 'linux',
    arch: 'x64',
    versions: { zlib: '1.3.1' },
    report: { getReport: () => ({ header: { glibcVersionRuntime: '2.36' } }) },
    env: { PATH: '/nowhere', HOME: '/nowhere' },
  };

  it('has a line for everything, with the same answer each time', async () => {
    const lines = await fingerprintLines(host);
    expect(lines).toEqual([
      FINGERPRINT_HEADER,
      'platform linux-x64',
      'libc glibc-2.36',
      'zlib 1.3.1',
      ...TOOL_PROBES.map(({ id }) => `${id} missing`),
      'python-version none',
      'pythons',
    ]);
    expect(await fingerprintLines(host)).toEqual(lines);
  });

  it.each([
    [{ report: { getReport: () => ({ header: {} }) } }, 'libc musl'],
    [{ platform: 'darwin' }, 'libc none'],
    [{ arch: 'arm64' }, 'platform linux-arm64'],
    [{ versions: {} }, 'zlib none'],
  ])('shows %p', async (change, line) => {
    expect(await fingerprintLines({ ...host, ...change })).toContain(line);
  });

  it('shows no path and no name of this machine', async () => {
    const text = (await fingerprintLines(process)).join('\n');
    expect(text).not.toMatch(/(^|\s)\/(usr|home|root|tmp)/);
  });
});

describe('checkFingerprint', () => {
  const id = { project: 'app', target: 'package-linux' };
  const tool = (source: ResolvedTool['source'], version = '0.19.0', toolId = 'patchelf'): ResolvedTool => ({
    id: toolId,
    path: '/x',
    prefixArgs: [],
    version,
    source,
  });
  const contextOf = (inputs: readonly NxInput[], cache = true): NxContext => ({
    root: '/workspace',
    nxJsonConfiguration: { namedInputs: { waybillTools: [{ runtime: FINGERPRINT_COMMAND }] } },
    projectGraph: { nodes: { app: { name: 'app', data: { root: 'app', targets: { 'package-linux': { cache, inputs } } } } }, dependencies: {} },
  });
  const check = (
    tools: readonly ResolvedTool[],
    seen: Record<string, string>,
    { inputs = ['waybillTools'] as readonly NxInput[], cache = true, there = true } = {},
  ): void => checkFingerprint(contextOf(inputs, cache), id, tools, new Map(Object.entries(seen)), () => there);

  it.each<[string, ResolvedTool, Record<string, string>]>([
    ['the same version on both sides', tool('path'), { patchelf: '0.19.0' }],
    ['a managed tool where none is installed', tool('managed'), { patchelf: 'missing' }],
    ['a managed tool where a broken one is installed', tool('managed'), { patchelf: '0.18.0' }],
    ['a tool that is no part of the fingerprint', tool('path', '1.0', 'codesign'), {}],
  ])('is content with %s', (_, resolved, seen) => {
    expect(() => check([resolved], seen)).not.toThrow();
  });

  it.each<[string, ResolvedTool, Record<string, string>]>([
    ['another version', tool('path', '0.20.0'), { patchelf: '0.19.0' }],
    ['a tool that an option names', tool('option'), { patchelf: 'missing' }],
    ['a tool that the fingerprint cannot use', tool('environment'), { patchelf: 'unusable' }],
    ['a longer version that begins alike', tool('path', '0.1'), { patchelf: '0.19.0' }],
  ])('refuses %s', (_, resolved, seen) => {
    expect(() => check([resolved], seen)).toThrow(expect.objectContaining({ code: 'GRAPH_TOOL_FINGERPRINT' }));
  });

  it('refuses a target without the fingerprint, and a command that is not there', () => {
    expect(() => check([], {}, { inputs: [] })).toThrow(
      expect.objectContaining({ code: 'GRAPH_TOOL_FINGERPRINT', fix: expect.stringContaining(FINGERPRINT_COMMAND) }),
    );
    expect(() => check([], {}, { there: false })).toThrow(
      expect.objectContaining({ code: 'GRAPH_TOOL_FINGERPRINT', fix: expect.stringContaining('npm install') }),
    );
  });

  it('asks nothing of what is not cached', () => {
    expect(() => check([tool('option')], {}, { inputs: [], cache: false, there: false })).not.toThrow();
  });
});

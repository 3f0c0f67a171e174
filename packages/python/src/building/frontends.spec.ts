import type { ResolvedTool } from '@waybill/core';
import { cibuildwheel, readBuilds } from './cibuildwheel';
import type { BuildRequest } from './frontend';
import { maturin } from './maturin';
import { pypaBuild, pypaBuildTool } from './pypa-build';
import { uv } from './uv';

const tool = (id: string): ResolvedTool => ({ id, path: `/tools/${id}`, prefixArgs: [], version: '1.0', source: 'path' });

const request = (rest: Partial<BuildRequest> = {}): BuildRequest => ({
  what: 'wheel',
  source: '/w/sdist',
  output: '/w/out',
  python: '/py/bin/python3',
  prepared: false,
  configSettings: {},
  platform: 'linux-x86_64',
  manifest: {},
  variables: {},
  cargoLock: false,
  ...rest,
});

const EVERYTHING = request({
  what: 'sdist',
  prepared: true,
  configSettings: { 'cmake.args': ['-DA=1', '-DB=2'], editable: 'no' },
  wheelhouse: '/wheels',
  constraints: '/local/constraints.txt',
});

describe('uv', () => {
  it('isolates, and takes what it needs from its own index', () => {
    const { args, cwd } = uv.command(request(), tool('uv'));
    expect(args).toEqual(['build', '--wheel', '--out-dir', '/w/out', '--python', '/py/bin/python3', '--no-sources', '/w/sdist']);
    expect(cwd).toBe('/w/sdist');
  });

  it('installs nothing, or only from folders, when told so', () => {
    const { args } = uv.command(EVERYTHING, tool('uv'));
    expect(args.join(' ')).toContain('build --sdist --out-dir /w/out');
    expect(args.join(' ')).toContain('--no-build-isolation --offline --no-index --find-links /wheels --build-constraints /local/constraints.txt');
    expect(args.join(' ')).toContain('--config-setting cmake.args=-DA=1 --config-setting cmake.args=-DB=2 --config-setting editable=no');
  });
});

describe('build', () => {
  it('runs from the managed folder by an interpreter that hands no path on', () => {
    const managed = pypaBuildTool('/py/bin/python3', { version: '1.6.1', folder: '/managed/build' });
    const { tool: used, args, env } = pypaBuild.command(request({ python: '/env/bin/python' }), managed);
    expect([used.path, ...used.prefixArgs.slice(0, 2), used.prefixArgs.at(-1)]).toEqual(['/env/bin/python', '-I', '-c', '/managed/build']);
    expect(args).toEqual(['--wheel', '--outdir', '/w/out', '/w/sdist']);
    expect(env['PYTHONPATH']).toBeUndefined();
  });

  it('tells pip by its variables what it may install from', () => {
    const { args, env } = pypaBuild.command(EVERYTHING, pypaBuildTool('/py/bin/python3', { version: '1.2' }));
    expect(args).toEqual([
      '--sdist',
      '--outdir',
      '/w/out',
      '--no-isolation',
      '--skip-dependency-check',
      '--config-setting=cmake.args=-DA=1',
      '--config-setting=cmake.args=-DB=2',
      '--config-setting=editable=no',
      '/w/sdist',
    ]);
    expect(env).toMatchObject({ PIP_NO_INDEX: '1', PIP_FIND_LINKS: '/wheels', PIP_CONSTRAINT: '/local/constraints.txt' });
    const spaced = pypaBuild.command({ ...EVERYTHING, wheelhouse: '/my wheels' }, pypaBuildTool('/py/bin/python3', { version: '1.2' }));
    expect(spaced.env).toMatchObject({ PIP_FIND_LINKS: 'file:///my%20wheels' });
  });
});

describe('maturin', () => {
  it('keeps Cargo.lock as it is, and takes arguments for the build', () => {
    const settings = { 'build-args': '--features fast' };
    expect(maturin.command(request({ cargoLock: true, configSettings: settings }), tool('maturin')).args.join(' ')).toBe(
      'build --release --out /w/out --interpreter /py/bin/python3 --locked --features fast',
    );
    expect(maturin.command(request({ what: 'sdist' }), tool('maturin')).args).toEqual(['sdist', '--out', '/w/out']);
  });
});

describe('cibuildwheel', () => {
  it.each([
    ['linux-x86_64', '--platform linux --archs x86_64'],
    ['linux-aarch64-musl', '--platform linux --archs aarch64'],
    ['macos-aarch64', '--platform macos --archs arm64'],
    ['macos-universal2', '--platform macos --archs universal2'],
    ['windows-x86_64', '--platform windows --archs AMD64'],
  ])('is asked for %s', (platform, words) => {
    const { args, cwd } = cibuildwheel.command(request({ platform }), tool('cibuildwheel'));
    expect(args.join(' ')).toBe(`${words} --output-dir /w/out /w/sdist`);
    expect(cwd).toBe('/w/sdist');
  });

  const variablesOf = (platform: string, settings: object = {}, variables: Record<string, string> = {}) =>
    cibuildwheel.command(request({ platform, manifest: { tool: { cibuildwheel: settings } }, variables }), tool('cibuildwheel')).env;

  it('hands settings on', () => {
    const { env } = cibuildwheel.command(request({ platform: 'macos-aarch64', configSettings: { a: 'b c' } }), tool('cibuildwheel'));
    expect(env).toEqual({ CIBW_CONFIG_SETTINGS: 'a="b c"' });
  });

  it.each<[string, object, Record<string, string>, string]>([
    ['linux-x86_64', {}, {}, '*-musllinux_*'],
    ['linux-x86_64-musl', {}, {}, '*-manylinux_*'],
    ['linux-x86_64', { skip: ['pp*', 'cp38-*'] }, {}, 'pp* cp38-* *-musllinux_*'],
    ['linux-aarch64', { skip: 'pp*' }, { CIBW_SKIP: 'cp39-*' }, 'cp39-* *-musllinux_*'],
  ])('builds for one C library alone, beside what the project skips: %s', (platform, settings, variables, skip) => {
    expect(variablesOf(platform, settings, variables)['CIBW_SKIP']).toBe(skip);
    expect(variablesOf('macos-aarch64', settings, variables)).toEqual({});
  });

  it('hands the environment of the build on to containers, and nothing that means this machine', () => {
    const here = { PATH: '/bin', HOME: '/root', PIP_FIND_LINKS: '/wheels', DOCKER_HOST: 'unix:///x', CIBW_SKIP: 'pp*' };
    const build = { TZ: 'UTC', SOURCE_DATE_EPOCH: '1580601600', CFLAGS: '-g', PIP_INDEX_URL: 'http://localhost/simple' };
    const names = variablesOf('linux-x86_64', { 'environment-pass': ['MINE'] }, { ...here, ...build })['CIBW_ENVIRONMENT_PASS_LINUX'];
    expect(names).toBe('CFLAGS MINE PIP_INDEX_URL SOURCE_DATE_EPOCH TZ');
  });

  it('tells by its output which builds ended well', () => {
    const output = [
      'Here we go!',
      '\u001b[1m\u001b[94mBuilding cp311-manylinux_x86_64 wheel\u001b[0m',
      'CPython 3.11 manylinux x86_64',
      '\u001b[92m✓ \u001b[0mcp311-manylinux_x86_64 finished in 3 minutes',
      'Building cp312-manylinux_x86_64 wheel',
      'error: compiler said no',
    ].join('\n');
    expect(readBuilds(output)).toEqual([{ id: 'cp311-manylinux_x86_64', took: '3 minutes' }, { id: 'cp312-manylinux_x86_64' }]);
  });
});

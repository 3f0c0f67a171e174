import { existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, unlinkSync, utimesSync, writeFileSync, chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UV, type ResolvedTool } from '@waybill/core';
import { temporaryFolder } from '@waybill/core/testing';
import { fakeProcesses } from '@waybill/plugin-kit/testing';
import { placesIn } from '../workplace/workplace-path';
import { keepsEnvironment, type KeepingRequest } from './keeps-environment';
import { openKeptEnvironment, type KeptEnvironment, type KeptRequest } from './kept-environment';

const folder = temporaryFolder();
const PINS = 'hatchling==1.33.0 \\\n    --hash=sha256:aa\npluggy==1.6.0 \\\n    --hash=sha256:bb\n';
const uvTool: ResolvedTool = { id: UV.id, path: '/uv', prefixArgs: [], version: '0.13.8', source: 'path' };
const python = { implementation: 'cpython', version: '3.11.7', series: '3.11', abiFlags: '', platformTag: 'linux_x86_64', place: 'PATH' };

/** A made-up uv that resolves, makes and fills environments; each call stands in `calls`. */
async function open({ pins = PINS, fails = '', ...rest }: { pins?: string; fails?: string } & Partial<KeptRequest> = {}) {
  const calls: string[] = [];
  const places = placesIn(join(folder.path, 'work'));
  mkdirSync(places.scratch, { recursive: true });
  if (existsSync(places.environment)) unlinkSync(places.environment);
  const processes = fakeProcesses(({ args }) => {
    const [what = '', sub = ''] = args.slice(args.indexOf('/uv') + 1);
    const call = what === 'pip' ? sub : what;
    calls.push(call);
    if (call === fails) return { exitCode: 2 };
    if (call === 'venv') mkdirSync(join(args.at(-1)!, 'bin'), { recursive: true });
    if (call === 'install') writeFileSync(join(dirname(args[args.indexOf('--python') + 1]!), 'hatchling.py'), 'code');
    return call === 'compile' ? { stdout: pins } : {};
  });
  const run = { processes, environment: {}, umask: '022', network: 'open', places, timeLeftMs: () => 60_000, system: 'linux' } as const;
  const executable = process.execPath;
  const request = { requires: ['hatchling'], python: { ...python, executable }, uv: uvTool, folder: join(folder.path, 'kept'), local: [], ...rest };
  return { kept: await openKeptEnvironment(run, request), calls, environment: places.environment };
}

const inEnvironment = ({ environment }: { environment: string }): string => join(environment, 'bin/hatchling.py');
const keptFolders = (): string[] => readdirSync(join(folder.path, 'kept')).filter((name) => !name.endsWith('.lock'));

it('is made once for the same versions, interpreter and uv, and tells the versions', async () => {
  const first = await open();
  await first.kept!.release('hatchling.build');
  expect([first.calls, [...first.kept!.versions]]).toEqual([
    ['compile', 'venv', 'install'],
    [
      ['hatchling', '1.33.0'],
      ['pluggy', '1.6.0'],
    ],
  ]);
  expect(readFileSync(inEnvironment(first), 'utf8')).toBe('code');
  const second = await open();
  expect(second.calls).toEqual(['compile']);
  for (const other of [{ pins: PINS.replace('1.6.0', '1.6.1') }, { uv: { ...uvTool, version: '0.14' } }]) {
    expect((await open(other)).calls).toEqual(['compile', 'venv', 'install']);
  }
  expect(keptFolders()).toHaveLength(3);
});

it.each<[string, (file: string) => void]>([
  [
    'a file that was changed and has its old size and time',
    (file) => {
      writeFileSync(file, 'evil');
      utimesSync(file, 1, 1);
    },
  ],
  ['a file more', (file) => writeFileSync(`${file}c`, '')],
  ['a file less', unlinkSync],
])('is made again for %s', async (_, change) => {
  const first = await open();
  change(inEnvironment(first));
  const second = await open();
  expect([second.calls, readFileSync(inEnvironment(second), 'utf8')]).toEqual([['compile', 'venv', 'install'], 'code']);
  expect(keptFolders()).toHaveLength(1);
});

it('is not made again when its files have other times or inodes alone', async () => {
  const first = await open();
  utimesSync(inEnvironment(first), 1, 1);
  unlinkSync(inEnvironment(first));
  writeFileSync(inEnvironment(first), 'code');
  await first.kept!.release('hatchling.build');
  expect((await open()).calls).toEqual(['compile']);
});

it('WHEEL_WROTE_OUTSIDE: a build that writes into it', async () => {
  const opened = await open();
  writeFileSync(inEnvironment(opened), 'other');
  await expect(opened.kept!.release('hatchling.build')).rejects.toMatchObject({ code: 'WHEEL_WROTE_OUTSIDE' });
  expect(keptFolders()).toEqual([]);
});

it.each<[string, Parameters<typeof open>[0] & object]>([
  ['cannot be resolved', { fails: 'compile' }],
  ['cannot be installed', { fails: 'install' }],
  ['are also made in this workspace', { local: ['pluggy'] }],
  ['are of a backend that asks for more', { pins: 'setuptools==69.0 \\\n    --hash=sha256:aa\n' }],
])('leaves requirements to the frontend that %s', async (_, request) => {
  const { kept, environment } = await open(request);
  expect([kept, existsSync(environment)]).toEqual([undefined, false]);
});

it('is not kept where others may write', async () => {
  const shared = join(folder.path, 'shared');
  mkdirSync(shared);
  chmodSync(shared, 0o777);
  expect((await open({ folder: shared })).kept).toBeUndefined();
});

it('goes when no build has used it for a month', async () => {
  const { environment } = await open();
  const old = dirname(realpathSync(environment));
  utimesSync(join(old, 'environment.json'), 1_000_000_000, 1_000_000_000);
  const other: { kept: KeptEnvironment | undefined } = await open({ pins: PINS.replace('1.6.0', '1.6.1') });
  expect([other.kept === undefined, existsSync(old), keptFolders().length]).toEqual([false, false, 1]);
});

describe('which builds may share one', () => {
  const keeps = (
    backend: string,
    requires: readonly string[],
    tool: object = {},
    files: readonly string[] = [],
    rest: Partial<KeepingRequest> = {},
  ) =>
    keepsEnvironment({
      project: { backend, requires, manifest: { tool } },
      sources: { project: '', paths: files },
      tools: [uvTool],
      network: 'open',
      system: 'linux',
      passEnv: [],
      ...rest,
    });

  it.each<[string, string[], object?]>([
    ['hatchling.build', ['hatchling>=1.27', 'hatch-vcs'], { hatch: { build: { hooks: { vcs: {} } }, envs: { default: { dependencies: ['x'] } } } }],
    ['flit_core.buildapi', ['flit_core>=3.2,<4']],
    ['poetry.core.masonry.api', ['poetry-core>=2; python_version >= "3.9"']],
    ['pdm.backend', ['pdm-backend'], { uv: { 'dev-dependencies': [] } }],
    ['setuptools.build_meta', ['setuptools>=77'], { setuptools: { 'ext-modules': [{}] } }],
  ])('%s', (...[backend, requires, tool]) => {
    expect(keeps(backend, requires, tool)).toBe(true);
  });

  it.each<[string, string, string[], object?, string[]?, Partial<KeepingRequest>?]>([
    ['headers that compilers read', 'setuptools.build_meta', ['setuptools', 'numpy']],
    ['a requirement by address', 'hatchling.build', ['hatchling @ https://x.example/h.whl']],
    ['a backend that is not known', 'mesonpy', ['setuptools']],
    ['setup.py', 'setuptools.build_meta', ['setuptools'], {}, ['setup.py']],
    ['setup.cfg', 'setuptools.build_meta', ['setuptools'], {}, ['setup.cfg']],
    ['commands of its own', 'setuptools.build_meta', ['setuptools'], { setuptools: { cmdclass: {} } }],
    ['a hook of hatch', 'hatchling.build', ['hatchling'], { hatch: { build: { targets: { wheel: { hooks: { custom: {} } } } } } }],
    ['dependencies of a target', 'hatchling.build', ['hatchling'], { hatch: { build: { targets: { wheel: { dependencies: ['x'] } } } } }],
    ['hatch.toml', 'hatchling.build', ['hatchling'], {}, ['hatch.toml']],
    ['a build script', 'poetry.core.masonry.api', ['poetry-core'], { poetry: { build: 'build.py' } }],
    ['setuptools run by pdm', 'pdm.backend', ['pdm-backend'], { pdm: { build: { 'run-setuptools': true } } }],
    ['pdm_build.py', 'pdm.backend', ['pdm-backend'], {}, ['pdm_build.py']],
    ['settings of uv', 'hatchling.build', ['hatchling'], { uv: { 'build-constraint-dependencies': ['hatchling<1.30'] } }],
    ['uv.toml', 'hatchling.build', ['hatchling'], {}, ['uv.toml']],
    ['no network', 'hatchling.build', ['hatchling'], {}, [], { network: 'namespace' }],
    ['Windows', 'hatchling.build', ['hatchling'], {}, [], { system: 'win32' }],
    ['another frontend', 'hatchling.build', ['hatchling'], {}, [], { tools: [{ ...uvTool, id: 'build' }] }],
    ['settings by variables', 'hatchling.build', ['hatchling'], {}, [], { passEnv: ['UV_BUILD_CONSTRAINT'] }],
    [
      'a backend in the tree',
      'hatchling.build',
      ['hatchling'],
      {},
      [],
      {
        project: { backend: 'hatchling.build', requires: [], manifest: { 'build-system': { 'backend-path': ['.'] } } },
      },
    ],
  ])('not with %s', (...[, backend, requires, tool, files, rest]) => {
    expect(keeps(backend, requires, tool, files, rest)).toBe(false);
  });
});

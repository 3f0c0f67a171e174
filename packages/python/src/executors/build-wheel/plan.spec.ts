import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fakeProcesses, runExecutor, type ExecutorRequest, type ExecutorRun } from '@waybill/plugin-kit/testing';
import { workplacePath } from '../../workplace/workplace-path';
import { buildWheel } from './build-wheel';

const MANIFEST = `[build-system]\nrequires = ["hatchling>=1.27"]\nbuild-backend = "hatchling.build"\n\n[project]\nname = "my-demo"\nversion = "0.3.0"\n`;
/** Other specs build in the workplace of `packages/demo` at the same time. */
const ROOT = 'packages/planned';

let run: ExecutorRun | undefined;
afterEach(async () => run?.remove());

/** An interpreter that is not there, and a git that knows two files. */
const processes = (listed = 'pyproject.toml\0src/my_demo/__init__.py\0') =>
  fakeProcesses(({ file, args }) => {
    if (file === 'git') return { exitCode: args.includes('ls-files') ? 0 : 1, stdout: listed };
    const answer = {
      executable: '/py/bin/python3',
      implementation: 'cpython',
      version: '3.11.7',
      series: '3.11',
      abiFlags: '',
      platformTag: 'linux_x86_64',
    };
    return args.includes('-S') ? { stdout: `waybill:${JSON.stringify(answer)}\n` } : { exitCode: args.join(' ').includes('true') ? 0 : 1 };
  });

async function plan(options: object, rest: Partial<ExecutorRequest> = {}): Promise<ExecutorRun> {
  run = await runExecutor(buildWheel, {
    project: 'demo',
    projectRoot: ROOT,
    target: 'build-wheel',
    dryRun: true,
    processes: processes(),
    toolVersions: { uv: '0.13.8', build: '1.6.1', maturin: '1.16.0', cibuildwheel: '4.3.5' },
    options: { python: process.execPath, ...options },
    ...rest,
    files: { [`${ROOT}/pyproject.toml`]: MANIFEST, [`${ROOT}/src/my_demo/__init__.py`]: '', ...rest.files },
  });
  return run;
}

it('prints what it will do and what comes of it, and does nothing', async () => {
  const { lines, success, planned, files } = await plan({});
  expect(success).toBe(true);
  expect(lines.filter((line) => !line.startsWith('gather'))).toEqual([
    'dry run of demo:build-wheel (build-wheel demo 0.3.0): nothing is changed',
    '  my-demo 0.3.0 by hatchling (`hatchling.build`)',
    '  python    3.11.7, the option `python`',
    '  sources   2 files, as git has them; built in a copy',
    '  frontend  uv 0.13.8 (found: path)',
    '  requires  hatchling>=1.27',
    '  network   as the machine has it',
    '  run       uv build --sdist --out-dir output/sdist --python /py/bin/python3 --no-sources build/src',
    '  run       uv build --wheel --out-dir output/wheel --python /py/bin/python3 --no-sources build/sdist  (the unpacked sdist)',
    '  results   packed again, so that they are the same everywhere',
    '  checks    names, contents, metadata (strict); installed in a fresh environment, without network',
    '  wheel     dist/packages/planned/build-wheel/my_demo-0.3.0-py3-none-any.whl',
    '  sdist     dist/packages/planned/build-wheel/my_demo-0.3.0.tar.gz',
  ]);
  expect(planned?.artifacts.map(({ name }) => name)).toEqual(['my_demo-0.3.0-py3-none-any.whl', 'my_demo-0.3.0.tar.gz']);
  expect(files).toEqual([]);
  expect(existsSync(workplacePath('demo', ROOT, process.platform))).toBe(false);
});

it('makes the wheel alone, from the sdist of `build-wheel`, in a target for another wheel', async () => {
  const sdist = { target: 'build-wheel', stage: 'build-wheel', artifacts: [{ name: 'my_demo-0.3.0.tar.gz', kind: 'sdist' as const, content: 'x' }] };
  const { output, planned } = await plan({ frontend: 'cibuildwheel' }, { target: 'build-wheel-linux-aarch64', upstream: [sdist] });
  expect(planned?.artifacts.map(({ kind }) => kind)).toEqual(['wheel']);
  expect(output).toContain('from      my_demo-0.3.0.tar.gz of demo:build-wheel');
  expect(output).toContain('cibuildwheel --platform linux --archs aarch64 --output-dir');
  expect(output).not.toContain('--sdist');
});

it('delivers no sdist of a target for another platform, even where it has to make one', async () => {
  const { output, planned } = await plan({ frontend: 'cibuildwheel' }, { target: 'build-wheel-linux-aarch64' });
  expect(output).toContain('uv build --sdist');
  expect(planned?.artifacts.map(({ kind }) => kind)).toEqual(['wheel']);
});

describe('what comes of `sdist`, `wheel`, `fromSdist` and the target’s name', () => {
  const SDIST = { target: 'build-wheel', stage: 'build-wheel', artifacts: [{ name: 'my_demo-0.3.0.tar.gz', kind: 'sdist' as const, content: 'x' }] };
  const HOST = `build-wheel-${process.platform === 'darwin' ? 'macos' : 'linux'}-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}`;

  /** Results, then how they are made: `sdist`, `wheel` from the sources, `wheel (sdist)`; `from` says that the sdist is another target's. */
  it.each<[string, object, 'own' | 'further' | 'further, with sdist', string[], string[]]>([
    ['everything', {}, 'own', ['wheel', 'sdist'], ['sdist', 'wheel (sdist)']],
    ['no wheel', { wheel: false }, 'own', ['sdist'], ['sdist']],
    ['no wheel, though not from the sdist', { wheel: false, fromSdist: false }, 'own', ['sdist'], ['sdist']],
    ['no sdist', { sdist: false }, 'own', ['wheel'], ['sdist', 'wheel (sdist)']],
    ['no sdist at all', { sdist: false, fromSdist: false }, 'own', ['wheel'], ['wheel']],
    ['both, each from the sources', { fromSdist: false }, 'own', ['wheel', 'sdist'], ['sdist', 'wheel']],
    ['a further wheel', {}, 'further, with sdist', ['wheel'], ['from', 'wheel (sdist)']],
    ['a further wheel from the sources', { fromSdist: false }, 'further, with sdist', ['wheel'], ['wheel']],
    ['a further wheel where `build-wheel` has no sdist', {}, 'further', ['wheel'], ['sdist', 'wheel (sdist)']],
    ['that, from the sources', { fromSdist: false }, 'further', ['wheel'], ['wheel']],
  ])('%s', async (_, options, target, results, made) => {
    const further = target === 'own' ? {} : { target: HOST, ...(target === 'further' ? {} : { upstream: [SDIST] }) };
    const { planned, lines } = await plan({ frontend: 'uv', ...options }, further);
    expect(planned?.artifacts.map(({ kind }) => kind)).toEqual(results);
    const steps = lines.flatMap((line) => {
      const [, run, from] = /^ {2}(?:run {7}uv build --(sdist|wheel)|(from) ).*$/.exec(line) ?? [];
      return run === undefined ? (from ?? []) : `${run}${line.endsWith('(the unpacked sdist)') ? ' (sdist)' : ''}`;
    });
    expect(steps).toEqual(made);
  });

  it.each([
    ['without an sdist', {}],
    ['with the sdist of `build-wheel`', { upstream: [SDIST] }],
  ])('WHEEL_NOTHING_WANTED: a target for a further wheel that makes none, %s', async (_, rest) => {
    const { report } = await plan({ frontend: 'uv', wheel: false }, { target: HOST, dryRun: false, ...rest });
    expect(report?.errors.map(({ code }) => code)).toEqual(['WHEEL_NOTHING_WANTED']);
  });

  it('WHEEL_PLATFORM_NAME: a target whose name says another platform than its option', async () => {
    const { report } = await plan({ platform: 'windows-x86_64' }, { target: HOST, dryRun: false });
    expect(report?.errors.map(({ code }) => code)).toEqual(['WHEEL_PLATFORM_NAME']);
  });
});

it('plans what only goes into a bundle as what does not ship', async () => {
  const { planned } = await plan({ ships: false });
  expect(planned?.artifacts.map(({ ships }) => ships)).toEqual([false, false]);
});

it('has cibuildwheel make wheels only: the sdist is made by another frontend', async () => {
  const { output } = await plan({ frontend: 'cibuildwheel' });
  expect(output).toContain('uv build --sdist');
  expect(output).toContain('frontend  cibuildwheel 4.3.5');
});

describe('an unpacked sdist', () => {
  const info = { [`${ROOT}/PKG-INFO`]: 'Metadata-Version: 2.4\nName: my_demo\nVersion: 0.4.0\n' };
  const manifest = (backend: string) => ({
    [`${ROOT}/pyproject.toml`]: MANIFEST.replace('version = "0.3.0"', 'dynamic = ["version"]').replaceAll(/"hatchling.*"/g, `"${backend}"`),
  });
  const listed = 'pyproject.toml\0src/my_demo/__init__.py\0PKG-INFO\0';

  it.each([
    ['hatchling', 'hatchling.build', 3],
    ['maturin', 'maturin', 2],
    ['meson-python', 'mesonpy', 2],
  ])('has the version that it says of itself, and no PKG-INFO where the backend does not bear it: %s', async (_, backend, count) => {
    const { output, planned } = await plan({ frontend: 'uv' }, { files: { ...info, ...manifest(backend) }, processes: processes(listed) });
    expect(planned?.artifacts.map(({ name }) => name)).toContain('my_demo-0.4.0.tar.gz');
    expect(output).toContain(`sources   ${count} files`);
  });

  it('GRAPH_INPUT_UNDECLARED: its PKG-INFO is no input of the target', async () => {
    const request = { files: { ...info, ...manifest('hatchling.build') }, processes: processes(listed), dryRun: false };
    const inputs = ['{projectRoot}/src/**/*', '{projectRoot}/pyproject.toml', { env: 'NX_DRY_RUN' }, { env: 'WAYBILL_DRY_RUN' }];
    const { report } = await plan({ frontend: 'uv' }, { ...request, targetLines: { inputs } });
    expect(report?.errors.map(({ code, message }) => [code, message])).toEqual([
      ['GRAPH_INPUT_UNDECLARED', expect.stringContaining(`${ROOT}/PKG-INFO`)],
    ]);
  });
});

it('builds without network from a folder of wheels, and from pinned requirements', async () => {
  const files = { [`${ROOT}/wheels/x.whl`]: '', [`${ROOT}/build.lock`]: `hatchling==1.33.0 --hash=sha256:${'a'.repeat(64)}\n` };
  const closed = await plan({ wheelhouse: `${ROOT}/wheels` }, { files });
  expect(closed.output).toContain('--offline --no-index --find-links');
  expect(closed.output).toMatch(/network {3}none/);
  await closed.remove();
  const pinned = await plan({ buildRequirements: `${ROOT}/build.lock` }, { files });
  expect(pinned.output).toContain(`requires  1 pinned by hash in ${ROOT}/build.lock`);
  expect(pinned.output).toContain('--python env/bin/python --no-sources --no-build-isolation');
});

it.each<[string, string, object, Partial<ExecutorRequest>]>([
  ['WHEEL_PLATFORM_HOST', 'a platform of another machine', { platform: process.arch === 'arm64' ? 'linux-x86_64' : 'linux-aarch64' }, {}],
  ['WHEEL_WHEELHOUSE', 'a folder that is not there', { wheelhouse: `${ROOT}/nowhere` }, {}],
  [
    'WHEEL_REQUIREMENT_HASH',
    'a lock without hashes',
    { buildRequirements: `${ROOT}/build.lock` },
    { files: { [`${ROOT}/build.lock`]: 'hatchling==1.33.0\n' } },
  ],
  [
    'WHEEL_REQUIREMENT_HASH',
    'a lock of the install test without hashes, before anything is built',
    { install: { requirements: `${ROOT}/run.lock` } },
    { files: { [`${ROOT}/run.lock`]: 'six==1.17.0\n' } },
  ],
  [
    'GRAPH_INPUT_UNDECLARED',
    'a file that a lock includes and no input covers',
    { buildRequirements: `${ROOT}/build.lock` },
    { files: { [`${ROOT}/build.lock`]: '-r ../../base.lock\n', 'base.lock': `hatchling==1.33.0 --hash=sha256:${'a'.repeat(64)}\n` } },
  ],
  [
    'VERSION_DYNAMIC',
    'a version that nobody knows',
    {},
    { files: { [`${ROOT}/pyproject.toml`]: MANIFEST.replace('version = "0.3.0"', 'dynamic = ["version"]') } },
  ],
  ['WHEEL_BACKEND_MISSING', 'a manifest that names no backend', {}, { files: { [`${ROOT}/pyproject.toml`]: '[project]\nname = "x"\n' } }],
  ['OPTION_INVALID', 'nothing to make', { sdist: false, wheel: false }, {}],
  ['OPTION_INVALID', 'a version as a number', { python: 3.1 }, {}],
  [
    'GRAPH_INPUT_UNDECLARED',
    'a readme above the project',
    {},
    { files: { 'README.md': '', [`${ROOT}/pyproject.toml`]: `${MANIFEST}readme = "../../README.md"\n` } },
  ],
])('%s: %s', async (code, _, options, rest) => {
  const failed = await plan(options, { ...rest, dryRun: false });
  expect(failed.report?.errors.map((error) => error.code)).toEqual([code]);
  expect(existsSync(join(failed.folder, 'artifacts.json'))).toBe(false);
});

it('GRAPH_TOOL_FINGERPRINT: a tool that `auto` found, of which the hash of the target knows nothing', async () => {
  const { output, success } = await plan({}, { host: { probeTools: async () => new Map([['uv', '0.12.0']]) } });
  expect(success).toBe(false);
  expect(output).toContain('GRAPH_TOOL_FINGERPRINT');
  expect(output).toContain('`uv`: the fingerprint says 0.12.0, the target uses 0.13.8');
});

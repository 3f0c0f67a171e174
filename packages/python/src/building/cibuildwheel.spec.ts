import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@waybill/core/testing';
import { fakeProcesses, type ExecutorRun } from '@waybill/plugin-kit/testing';
import { buildProject } from '../testing/build-project';
import { inTreeProject } from '../testing/in-tree-backend';
import { writeWheel } from '../testing/write-wheel';
import { checkEngine, containerEngine } from './container-engine';

jest.setTimeout(120_000);

const folder = temporaryFolder();
let run: ExecutorRun | undefined;
afterEach(async () => run?.remove());

/** What cibuildwheel prints (its `logger.py`), in a container and elsewhere. */
const SAID = ['Building cp311-manylinux_x86_64 wheel', '✓ cp311-manylinux_x86_64 finished in 2 seconds', 'Building cp312-manylinux_x86_64 wheel'];
const ENDED = '✓ cp312-manylinux_x86_64 finished in 3 seconds';
const NAMES = ['311', '312'].map((tag) => `demo-0.3.0-cp${tag}-cp${tag}-manylinux_2_28_x86_64.whl`);

/** Stand-ins for cibuildwheel and for docker: they take the real argv, and answer as recorded. */
async function build(script: {
  docker: string;
  ends: string;
  tags?: readonly string[];
  machine?: string;
  install?: boolean;
  options?: object;
  variables?: Record<string, string>;
}): Promise<ExecutorRun> {
  const machine = script.machine ?? 'x86_64';
  for (const tag of script.tags ?? ['cp311-cp311', 'cp312-cp312']) {
    const metadata = 'Summary: x\nDescription-Content-Type: text/plain\n\ntext\n';
    await writeWheel(folder.path, {
      name: 'demo',
      version: '0.3.0',
      tag: `${tag}-manylinux_2_28_${machine}`,
      files: { 'demo/__init__.py': '"""A demo."""\n', 'demo/data.txt': 'data\n' },
      metadata,
    });
  }
  const said = SAID.map((line) => `echo '${line}'`).join('\n');
  const body = `#!/bin/sh\necho "$@" > ${folder.path}/argv\nenv > ${folder.path}/env\npwd > ${folder.path}/pwd\n${said}\nwhile [ "$1" != --output-dir ]; do shift; done\ncp ${folder.path}/demo-*.whl "$2"\n${script.ends}\n`;
  // the real one knows no `--version`
  mkdirSync(join(folder.path, 'lib/python3.12/site-packages/cibuildwheel-4.2.0.dist-info'), { recursive: true });
  mkdirSync(join(folder.path, 'bin'), { recursive: true });
  writeFileSync(join(folder.path, 'bin/cibuildwheel'), body, { mode: 0o755 });
  writeFileSync(join(folder.path, 'docker'), `#!/bin/sh\n${script.docker}\n`, { mode: 0o755 });
  const environment = { PATH: `${folder.path}:${process.env['PATH'] ?? ''}`, WAYBILL_CIBUILDWHEEL: join(folder.path, 'bin/cibuildwheel') };
  const options = { frontend: 'cibuildwheel', platform: `linux-${machine}`, install: { enabled: script.install ?? false }, ...script.options };
  const files = { ...inTreeProject(), 'wheels/README': '', 'build.lock': `hatchling==1.33.0 --hash=sha256:${'a'.repeat(64)}\n` };
  const place = { project: 'demo-many', projectRoot: 'packages/many' };
  run = await buildProject({
    files,
    options,
    environment: { ...environment, ...script.variables },
    toolVersions: { cibuildwheel: '4.2.0' },
    ...place,
  });
  return run;
}

it('builds the wheels of several Pythons from our sdist, and says what became of each', async () => {
  const { report, record, success } = await build({ docker: 'exit 0', ends: `echo '${ENDED}'` });
  expect([report?.errors, success]).toEqual([[], true]);
  expect(record?.artifacts.map(({ name, platform }) => [name, platform])).toEqual([
    ...NAMES.map((name) => [name, 'linux-x86_64']),
    ['demo-0.3.0.tar.gz', undefined],
  ]);
  expect(report?.report['builds']).toEqual([
    { id: 'cp311-manylinux_x86_64', took: '2 seconds' },
    { id: 'cp312-manylinux_x86_64', took: '3 seconds' },
  ]);
  const said = (name: string): string => readFileSync(join(folder.path, name), 'utf8');
  expect(said('argv')).toMatch(/^--platform linux --archs x86_64 --output-dir \S+ \S+\/build\/sdist\n$/);
  expect(said('argv').trimEnd()).toMatch(new RegExp(`${said('pwd').trimEnd()}$`));
  const variables = Object.fromEntries(
    said('env')
      .split('\n')
      .map((line) => line.split(/=(.*)/).slice(0, 2)),
  ) as Record<string, string>;
  expect(variables).toMatchObject({ CIBW_SKIP: '*-musllinux_*', SOURCE_DATE_EPOCH: '1580601600', TZ: 'UTC', PYTHONHASHSEED: '0' });
  expect(variables['CIBW_ENVIRONMENT_PASS_LINUX']?.split(' ')).toEqual(
    expect.arrayContaining(['SOURCE_DATE_EPOCH', 'TZ', 'LC_ALL', 'PYTHONHASHSEED', 'CFLAGS']),
  );
  expect(variables['CFLAGS']).toContain('-ffile-prefix-map=/project=.');
  expect(record?.facts).toMatchObject({ frontend: { id: 'cibuildwheel', version: '4.2.0' }, network: 'open', pythonTags: ['cp311', 'cp312'] });
  expect(record?.facts).not.toHaveProperty('python');
});

it.each<[string, object, Record<string, string>]>([
  ['the option `buildRequirements`', { buildRequirements: 'packages/many/build.lock' }, {}],
  ['the option `wheelhouse`', { wheelhouse: 'packages/many/wheels' }, {}],
  ['the variable `WAYBILL_OFFLINE`', {}, { WAYBILL_OFFLINE: '1' }],
])('WHEEL_FRONTEND_PINNED: cannot be held to %s', async (what, options, variables) => {
  const { report } = await build({ docker: 'exit 0', ends: '', options, variables });
  expect(report?.errors.map(({ code, message }) => [code, message])).toEqual([['WHEEL_FRONTEND_PINNED', expect.stringContaining(what)]]);
});

const FOREIGN = process.arch === 'arm64' ? 'x86_64' : 'aarch64';

it.each([
  ['interpreter', 'cp37-cp37m', 'x86_64'],
  ['machine', 'py3-none', FOREIGN],
])('says that no wheel was tried when all are for another %s', async (_, tag, machine) => {
  const { report, success } = await build({ docker: 'exit 0', ends: '', tags: [tag], machine, install: true });
  const found = report?.findings.filter(({ check }) => check === 'install') ?? [];
  expect([found.map(({ level, actual }) => [level, actual]), success]).toEqual([[['info', `\`${tag}-manylinux_2_28_${machine}\``]], true]);
  expect(found[0]!.message).toMatch(/^install test skipped: no wheel fits Python 3/);
  expect(report?.report).not.toHaveProperty('installed');
});

it('WHEEL_BUILD_FAILED: names the build that did not end well', async () => {
  const { report } = await build({ docker: 'exit 0', ends: 'exit 1' });
  expect(report?.errors.map(({ code }) => code)).toEqual(['WHEEL_BUILD_FAILED']);
  expect(report?.errors[0]?.details.slice(0, 2)).toEqual([
    'build `cp311-manylinux_x86_64` finished in 2 seconds',
    'build `cp312-manylinux_x86_64` did not end well',
  ]);
});

it('WHEEL_ENGINE: no engine that answers', async () => {
  const { report, output } = await build({ docker: 'echo "Cannot connect to the Docker daemon" >&2\nexit 1', ends: '' });
  expect(report?.errors.map(({ code }) => code)).toEqual(['WHEEL_ENGINE']);
  expect(output).toContain('Cannot connect to the Docker daemon');
  await expect(checkEngine('docker', fakeProcesses(), {})).rejects.toMatchObject({ code: 'WHEEL_ENGINE' });
});

it('takes the engine that the project or the variable names', () => {
  const of = (settings: object, variables = {}) => containerEngine({ tool: { cibuildwheel: settings } }, variables);
  expect([of({}), of({ 'container-engine': 'podman' }), of({ linux: { 'container-engine': { name: 'podman', 'create-args': [] } } })]).toEqual([
    'docker',
    'podman',
    'podman',
  ]);
  expect(of({}, { CIBW_CONTAINER_ENGINE: 'podman; create_args: --network=host' })).toBe('podman');
});

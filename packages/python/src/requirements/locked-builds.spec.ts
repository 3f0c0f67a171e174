import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ExecutorRun, FileContent } from '@waybill/plugin-kit/testing';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import { enterNamespace } from '../environment/network';
import { buildProject } from '../testing/build-project';
import { backendModule, inTreeProject, type BackendPlant } from '../testing/in-tree-backend';
import { writeSdistFile } from '../testing/write-distributions';
import { writeWheel } from '../testing/write-wheel';

/** With the real pip and uv, and a backend that is installed from a real wheel. Nothing of it needs the network. */
jest.setTimeout(180_000);

const folder = temporaryFolder();
const runs: ExecutorRun[] = [];
afterEach(async () => {
  for (const { remove } of runs.splice(0)) await remove();
});

const BACKEND = 'demo_backend-1.0-py3-none-any.whl';
const OTHER = 'demo_helper-1.0-py3-none-any.whl';

/** Wheels of the backend and of what it needs, by their file names. */
async function wheels(plant: BackendPlant = {}): Promise<Record<string, { bytes: Buffer; sha256: string }>> {
  const backend = { 'demo_backend.py': `import demo_helper\n${backendModule(plant)}` };
  const made = [
    await writeWheel(folder.path, { name: 'demo_backend', files: backend, metadata: 'Requires-Dist: demo-helper\n' }),
    await writeWheel(folder.path, { name: 'demo_helper', files: { 'demo_helper.py': 'x = 1\n' } }),
  ];
  return Object.fromEntries(made.map(({ name, file, sha256 }) => [name, { bytes: readFileSync(file), sha256 }]));
}

interface Setting {
  frontend: 'uv' | 'build';
  plant?: BackendPlant;
  /** Lines of the lock; absent: no lock. */
  lock?: (sha256: (name: string) => string) => readonly string[];
  /** Names of wheels in the wheelhouse. */
  house?: readonly string[];
  environment?: Record<string, string>;
  /** Folder of the wheelhouse in the project. */
  folderName?: string;
  /** Further lines of pyproject.toml. */
  settings?: string;
  /** Further files of the wheelhouse. */
  more?: Record<string, Buffer>;
}

async function build({
  frontend,
  plant,
  lock,
  house = [BACKEND, OTHER],
  environment,
  folderName = 'wheels',
  settings = '',
  more = {},
}: Setting): Promise<ExecutorRun> {
  const made = await wheels(plant);
  const { 'backend/backend.py': _, ...project } = inTreeProject(plant);
  const files: Record<string, FileContent> = {
    ...project,
    'pyproject.toml': `[build-system]\nrequires = ["demo-backend==1.0"]\nbuild-backend = "demo_backend"\n\n[project]\nname = "demo"\nversion = "0.3.0"\n${settings}`,
    [`${folderName}/README`]: '',
    ...Object.fromEntries(house.map((name) => [`${folderName}/${name}`, made[name]!.bytes])),
    ...Object.fromEntries(Object.entries(more).map(([name, bytes]) => [`${folderName}/${name}`, bytes])),
    ...(lock && { 'build.lock': `${lock((name) => made[name]!.sha256).join('\n')}\n` }),
  };
  const options = {
    frontend,
    wheelhouse: `packages/demo/${folderName}`,
    install: { enabled: false },
    ...(lock && { buildRequirements: 'packages/demo/build.lock' }),
  };
  const run = await buildProject({ files, options, ...(environment && { environment }) });
  runs.push(run);
  return run;
}

/** Tests are named before anything can be awaited. */
const hasNamespaces = (): boolean =>
  (['namespace', 'user-namespace'] as const).some((tier) => {
    const [file, ...args] = enterNamespace(tier);
    return spawnSync(file!, [...args, 'true']).status === 0;
  });

const codes = ({ report }: ExecutorRun): (string | undefined)[] => (report?.errors ?? []).map(({ code }) => code);
const attempts = ({ report }: ExecutorRun): (string | undefined)[] =>
  (report?.findings ?? []).filter(({ check }) => check === 'network').map(({ level, message }) => `${level} ${message}`);
const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const pin = (name: string, sha256: string): string => `${name}==1.0 --hash=sha256:${sha256}`;
/** Where the user keeps all wheels. */
const otherPlaces = (): Record<string, string> => ({ PIP_FIND_LINKS: folder.path, UV_FIND_LINKS: folder.path });
const LOCK: NonNullable<Setting['lock']> = (sha256) => [pin('demo-backend', sha256(BACKEND)), pin('demo-helper', sha256(OTHER))];

describe.each(['uv', 'build'] as const)('build requirements by %s', (frontend) => {
  it('come from the wheelhouse, by their hashes, without network', async () => {
    const run = await build({ frontend, lock: LOCK });
    expect([codes(run), run.success, attempts(run)]).toEqual([[], true, []]);
    expect(run.record?.facts).toMatchObject({
      network: 'closed',
      buildRequirements: [
        { name: 'demo-backend', version: '1.0', hashes: [expect.stringMatching(/^(sha256:)?[0-9a-f]{64}$/)] },
        { name: 'demo-helper', version: '1.0' },
      ],
    });
  });

  it('WHEEL_WHEELHOUSE_LACKS: names what the wheelhouse has not, whatever places the user has set', async () => {
    const run = await build({ frontend, house: [BACKEND], environment: otherPlaces() });
    expect(codes(run)).toEqual(['WHEEL_WHEELHOUSE_LACKS']);
    expect(run.output).toContain('nothing that meets `demo-helper`');
    expect(run.output).toContain(`pip download --dest packages/demo/wheels 'demo-helper'`);
  });

  it('WHEEL_REQUIREMENT_SDIST: a pin of which there is an sdist alone, which is not built', async () => {
    const mark = join(folder.path, 'built');
    const setup = `from setuptools import setup\nopen('${mark}', 'w').close()\nsetup(name='demo-helper', version='1.0', py_modules=['demo_helper'])\n`;
    const files = { 'setup.py': setup, 'demo_helper.py': 'x = 1\n' };
    const sdist = await writeSdistFile(join(folder.path, 'demo_helper-1.0.tar.gz'), { name: 'demo_helper', files });
    const more = { 'demo_helper-1.0.tar.gz': readFileSync(sdist) };
    const lock: Setting['lock'] = (sha256) => [pin('demo-backend', sha256(BACKEND)), pin('demo-helper', digestOf(more['demo_helper-1.0.tar.gz']))];
    const run = await build({ frontend, house: [BACKEND], more, lock });
    expect([codes(run), existsSync(mark)]).toEqual([['WHEEL_REQUIREMENT_SDIST'], false]);
    expect(run.output).toContain(`pip wheel --no-deps --wheel-dir packages/demo/wheels 'demo-helper==1.0'`);
  });

  it('WHEEL_REQUIREMENT_DIGEST: another file than the lock names', async () => {
    const run = await build({ frontend, lock: (sha256) => [pin('demo-backend', 'a'.repeat(64)), pin('demo-helper', sha256(OTHER))] });
    expect(codes(run)).toEqual(['WHEEL_REQUIREMENT_DIGEST']);
    expect(run.output).toContain('`demo-backend==1.0` is not the file that `packages/demo/build.lock` names');
    expect(run.output).toContain('a'.repeat(64));
  });
});

it('come from the wheelhouse without a lock, isolated by the frontend', async () => {
  const run = await build({ frontend: 'uv' });
  expect([codes(run), run.success]).toEqual([[], true]);
});

it.each(['uv', 'build'] as const)('come from a wheelhouse with a space in its path: %s', async (frontend) => {
  const run = await build({ frontend, folderName: 'my wheels' });
  expect([codes(run), run.success]).toEqual([[], true]);
});

it('WHEEL_WHEELHOUSE_LACKS: whatever places the files of uv name, of the project and of the user', async () => {
  const places = `find-links = ["${folder.path}"]\n`;
  mkdirSync(join(folder.path, 'config/uv'), { recursive: true });
  writeFileSync(join(folder.path, 'config/uv/uv.toml'), places);
  const environment = { XDG_CONFIG_HOME: join(folder.path, 'config') };
  const isolated = await build({ frontend: 'uv', house: [OTHER], settings: `\n[tool.uv]\n${places}` });
  const locked = await build({ frontend: 'uv', house: [OTHER], environment, lock: LOCK });
  expect([codes(isolated), codes(locked)]).toEqual([['WHEEL_WHEELHOUSE_LACKS'], ['WHEEL_WHEELHOUSE_LACKS']]);
});

it('WHEEL_WHEELHOUSE_LACKS: the backend itself, with and without a lock', async () => {
  const isolated = await build({ frontend: 'uv', house: [OTHER], environment: otherPlaces() });
  const locked = await build({ frontend: 'uv', house: [OTHER], environment: otherPlaces(), lock: LOCK });
  for (const run of [isolated, locked]) {
    expect(codes(run)).toEqual(['WHEEL_WHEELHOUSE_LACKS']);
    expect(run.output).toContain('nothing that meets `demo-backend==1.0`');
  }
});

it('WHEEL_REQUIREMENT_HASH: a lock without hashes builds nothing', async () => {
  const run = await build({ frontend: 'uv', lock: () => ['demo-backend==1.0', 'demo-helper==1.0'] });
  expect(codes(run)).toEqual(['WHEEL_REQUIREMENT_HASH']);
});

describe('a build that wants the network and must not', () => {
  it('WHEEL_NETWORK: what the backend says of its attempt, and where it made it', async () => {
    const sdist = `import urllib.request\nurllib.request.urlopen('http://localhost:7/model.bin')`;
    const run = await build({ frontend: 'uv', plant: { sdist } });
    expect(codes(run)).toEqual(['WHEEL_NETWORK']);
    const [, attempt, from] = run.report?.errors[0]?.details ?? [];
    expect(attempt).toMatch(/^attempt `.*(Network is unreachable|Connection refused)/);
    expect(from).toMatch(/^from `demo_backend.py` line \d+: `urllib.request.urlopen\('http:\/\/localhost:7\/model.bin'\)`$/);
  });

  it('WHEEL_NETWORK: pip in the build, which the backend starts', async () => {
    const wheel = `subprocess.run([sys._base_executable, '-m', 'pip', 'download', 'nothing-like-it'], check=True)`;
    const run = await build({ frontend: 'uv', plant: { wheel } });
    expect(codes(run)).toEqual(['WHEEL_NETWORK']);
    expect(run.report?.errors[0]?.details).toContainEqual(expect.stringMatching(/^attempt `.*nothing-like-it/));
  });

  const withNamespaces = skipUnless(hasNamespaces(), 'this system lets nobody make a network namespace');

  withNamespaces('WHEEL_NETWORK: a socket that heeds no proxy', async () => {
    const connections: string[] = [];
    const server = createServer((socket) => connections.push(socket.remoteAddress ?? ''));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const sdist = `import socket\nsocket.create_connection(('127.0.0.1', ${port}))`;
    const run = await build({ frontend: 'uv', plant: { sdist } });
    server.close();
    expect([codes(run), connections]).toEqual([['WHEEL_NETWORK'], []]);
  });

  for (const frontend of ['uv', 'build'] as const) {
    withNamespaces(`by ${frontend} is told of an attempt that nobody heard of`, async () => {
      const wheel = `import socket\ntry: socket.create_connection(('192.0.2.1', 443), 1)\nexcept OSError: pass`;
      const run = await build({ frontend, plant: { wheel } });
      expect(run.success).toBe(true);
      expect(attempts(run)).toEqual([expect.stringMatching(/^warning Making the wheel with `demo_backend` tried the network once/)]);
    });
  }

  it('ends as the build did, by its exit code and by its signal', async () => {
    const told: string[] = [];
    for (const sdist of ['sys.exit(3)', 'os.kill(os.getppid(), 9)']) {
      const run = await build({ frontend: 'uv', plant: { sdist } });
      told.push(run.report?.errors[0]?.message ?? '');
    }
    expect(told).toEqual([expect.stringMatching(/made no sdist: exit code \d+$/), expect.stringMatching(/made no sdist: SIGKILL$/)]);
  });
});

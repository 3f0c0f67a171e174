import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@waybill/core/testing';
import type { ExecutorRun } from '@waybill/plugin-kit/testing';
import { buildProject } from '../testing/build-project';
import { backendModule, inTreeProject } from '../testing/in-tree-backend';
import { writeWheel, type WheelSpec } from '../testing/write-wheel';

/** Projects that need each other's wheels, by the real uv and pip, while the places that they know have others of the same names. */
jest.setTimeout(180_000);

const folder = temporaryFolder();
const runs: ExecutorRun[] = [];
afterEach(async () => {
  for (const { remove } of runs.splice(0)) await remove();
});

const PUBLIC = `raise SystemExit('taken from the public index')\n`;
const CORE: WheelSpec = { name: 'demo_core', files: { 'demo_core.py': 'x = 1\n' } };
const BACKEND: WheelSpec = {
  name: 'demo_backend',
  files: { 'demo_backend.py': `import demo_core\n${backendModule({})}` },
  metadata: 'Requires-Dist: demo-core\nRequires-Dist: somewhere-else ; extra == "x"\n',
};

interface Setting {
  frontend?: 'uv' | 'build';
  requires?: string;
  /** Names of projects whose wheels the target gets. */
  upstream?: readonly string[];
  lock?: string;
  install?: boolean;
}

async function build({ frontend = 'uv', requires = 'demo-backend', upstream = ['core', 'backend'], lock, install = false }: Setting) {
  const index = join(folder.path, 'index');
  await mkdir(index, { recursive: true });
  for (const [name, version] of ['demo_core', 'demo_backend'].flatMap((one) => [[one, '1.0'] as const, [one, '9.0'] as const])) {
    await writeWheel(index, { name, version, files: { [`${name}.py`]: PUBLIC } });
  }
  const made = { core: await writeWheel(folder.path, CORE), backend: await writeWheel(folder.path, BACKEND) };
  const { 'backend/backend.py': _, ...project } = inTreeProject({}, { 'src/demo/__init__.py': 'import demo_core\n' });
  const manifest = `[build-system]\nrequires = ["${requires}"]\nbuild-backend = "demo_backend"\n\n[project]\nname = "demo"\nversion = "0.3.0"\n`;
  const names = ['core', 'backend'] as const;
  const run = await buildProject({
    files: { ...project, 'pyproject.toml': manifest, ...(lock !== undefined && { 'build.lock': lock }) },
    options: { frontend, install: { enabled: install }, ...(lock !== undefined && { buildRequirements: 'packages/demo/build.lock' }) },
    environment: { PIP_FIND_LINKS: index, UV_FIND_LINKS: index, PIP_NO_INDEX: '1', UV_NO_INDEX: '1' },
    nodes: Object.fromEntries(names.map((name) => [name, { name, data: { root: `packages/${name}`, targets: {} } }])),
    dependencies: { demo: names },
    otherFiles: Object.fromEntries(names.map((name) => [`packages/${name}/pyproject.toml`, `[project]\nname = "demo-${name}"\nversion = "1.0"\n`])),
    upstream: names
      .filter((name) => upstream.includes(name))
      .map((name) => {
        const artifacts = [{ name: made[name].name, kind: 'wheel' as const, content: readFileSync(made[name].file) }];
        return { project: name, target: 'build-wheel', stage: 'build-wheel', artifacts };
      }),
  });
  runs.push(run);
  return { run, digests: [made.backend.sha256, made.core.sha256], errors: run.report?.errors ?? [] };
}

describe.each(['uv', 'build'] as const)('wheels of the workspace by %s', (frontend) => {
  it('are what the build needs, and what that needs, and what the wheel needs at run time: by record alone', async () => {
    const { run, digests } = await build({ frontend, install: frontend === 'uv' });
    expect([run.report?.errors, run.report?.findings.filter(({ level }) => level === 'error'), run.success]).toEqual([[], [], true]);
    expect(run.record?.facts['localRequirements']).toEqual([
      { name: 'demo_backend-1.0-py3-none-any.whl', sha256: digests[0] },
      { name: 'demo_core-1.0-py3-none-any.whl', sha256: digests[1] },
    ]);
    const wheel = run.record?.artifacts.find(({ kind }) => kind === 'wheel');
    for (const digest of digests) expect(wheel?.madeFrom).toContain(`sha256:${digest}`);
  });
});

it('are put beside what a lock pins, in place of what it pins under their names', async () => {
  const { run, errors } = await build({ lock: `demo-core==9.0 --hash=sha256:${'a'.repeat(64)}\n` });
  expect([errors, run.success]).toEqual([[], true]);
});

it('WHEEL_LOCAL_MISSING: a build requirement that is a project of the workspace, whose wheel the target does not get', async () => {
  const { errors } = await build({ upstream: ['core'] });
  expect(errors.map(({ code, fix }) => [code, fix])).toEqual([['WHEEL_LOCAL_MISSING', expect.stringContaining('"dependsOn": ["^build-wheel"]')]]);
});

it('WHEEL_REQUIREMENT_VERSION: a wheel of the workspace of another version than the project asks for', async () => {
  const { errors } = await build({ requires: 'demo-backend>=2' });
  expect(errors.map(({ code, details }) => [code, details])).toEqual([
    ['WHEEL_REQUIREMENT_VERSION', ['expected `demo-backend>=2`, actual `demo_backend-1.0-py3-none-any.whl`']],
  ]);
});

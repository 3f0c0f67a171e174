import { WaybillError, type LibraryTools, type ToolDescriptor } from '@waybill/core';
import { fakeProcesses, fakeTools } from '@waybill/plugin-kit/testing';
import type { Interpreter } from '../interpreter/query-python';
import type { ProjectFacts } from '../project/project-facts';
import { chooseFrontend, type FrontendRequest } from './choose-frontend';

const PYTHON: Interpreter = {
  executable: '/py/bin/python3',
  implementation: 'cpython',
  version: '3.11.7',
  series: '3.11',
  abiFlags: '',
  platformTag: 'linux_x86_64',
  place: 'PATH',
};

const project = (backend: string, requires: readonly string[] = []): ProjectFacts => ({
  backend,
  requires,
  dynamicVersion: false,
  native: 'no',
  scripts: [],
  hasPyproject: true,
  manifest: {},
});

const choose = (tools: LibraryTools, rest: Partial<FrontendRequest> = {}) =>
  chooseFrontend({
    wanted: 'auto',
    project: project('hatchling.build'),
    python: PYTHON,
    pinned: false,
    tools,
    processes: fakeProcesses(),
    environment: {},
    variables: {},
    ...rest,
  });

describe('auto', () => {
  it('takes uv where it can be had', async () => {
    const chosen = await choose(fakeTools({ uv: '0.13.8', build: '1.6.1' }));
    expect([chosen.frontend.id, chosen.tool.version, chosen.why]).toEqual(['uv', '0.13.8', 'found: path']);
  });

  it('takes `build` without uv, and says so', async () => {
    const chosen = await choose(fakeTools({ build: '1.6.1' }));
    expect([chosen.frontend.id, chosen.tool.source]).toEqual(['build', 'managed']);
    expect(chosen.why).toContain('no uv; the tool `uv` was not found');
  });

  it('takes the `build` of the interpreter when the managed one cannot be had', async () => {
    const processes = fakeProcesses(() => ({ stdout: '1.2.2\n' }));
    const chosen = await choose(fakeTools({}), { processes });
    expect([chosen.frontend.id, chosen.tool.version, chosen.tool.path]).toEqual(['build', '1.2.2', '/py/bin/python3']);
    expect(processes.commands[0]).toContain('import build');
  });

  it('says what is missing when there is nothing at all', async () => {
    const processes = fakeProcesses(() => ({ exitCode: 1, stderr: 'No module named build' }));
    await expect(choose(fakeTools({}), { processes })).rejects.toMatchObject({ code: 'TOOL_OFFLINE' });
  });

  it('WHEEL_BUILD_PYTHON: the managed `build` needs a newer Python, and the old one has none', async () => {
    const processes = fakeProcesses(() => ({ exitCode: 1 }));
    const old = { ...PYTHON, version: '3.8.18' };
    await expect(choose(fakeTools({ build: '1.6.1' }), { processes, python: old })).rejects.toMatchObject({ code: 'WHEEL_BUILD_PYTHON' });
  });

  it('never passes over a tool that the user names', async () => {
    const tools: LibraryTools = {
      ...fakeTools({ build: '1.6.1' }),
      resolve: async ({ id }: ToolDescriptor) => {
        throw new WaybillError('TOOL_VERSION', { message: `${id} is broken`, fix: 'x' });
      },
    };
    await expect(choose(tools, { variables: { WAYBILL_UV: '/broken/uv' } })).rejects.toMatchObject({ code: 'TOOL_VERSION' });
    expect((await choose(tools)).frontend.id).toBe('build');
  });
});

describe('projects of maturin', () => {
  const versions = { uv: '0.13.8', maturin: '1.16.0' };

  it('are built by maturin itself', async () => {
    expect((await choose(fakeTools(versions), { project: project('maturin', ['maturin>=1.5,<2.0']) })).frontend.id).toBe('maturin');
  });

  it.each<[string, Partial<FrontendRequest>, string]>([
    ['when the project wants another maturin', { project: project('maturin', ['maturin[patchelf]>=2.0']) }, 'maturin 1.16.0 is not'],
    ['when a lock decides which', { project: project('maturin', ['maturin']), pinned: true }, 'found'],
  ])('are built by uv %s', async (_, rest, why) => {
    const chosen = await choose(fakeTools(versions), rest);
    expect([chosen.frontend.id, chosen.why]).toEqual(['uv', expect.stringContaining(why)]);
  });
});

describe('the option', () => {
  it.each(['uv', 'build', 'cibuildwheel'] as const)('%s', async (wanted) => {
    const chosen = await choose(fakeTools({ uv: '1', build: '1.6.1', cibuildwheel: '4.3.5' }), { wanted });
    expect([chosen.frontend.id, chosen.why]).toEqual([wanted, 'the option `frontend`']);
  });

  it('WHEEL_FRONTEND: maturin builds projects of its own backend only', async () => {
    await expect(choose(fakeTools({ maturin: '1.16.0' }), { wanted: 'maturin' })).rejects.toMatchObject({ code: 'WHEEL_FRONTEND' });
  });
});

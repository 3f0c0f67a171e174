import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseRequirements } from '@waybill/distributions';
import type { UpstreamArtifact } from '@waybill/plugin-kit';
import { temporaryFolder } from '@waybill/core/testing';
import { fakeProcesses, type FakeAnswer } from '@waybill/plugin-kit/testing';
import type { BuildRun } from '../building/run-frontend';
import { placesIn } from '../workplace/workplace-path';
import { checkLocked, installRequirements, localRequirements, offerLocalWheels, requiredName } from './install-requirements';

const folder = temporaryFolder();
const HASH = `--hash=sha256:${'a'.repeat(64)}`;
const lock = parseRequirements('lock.txt', () => `hatchling==1.33.0 ${HASH}\n`);
const wheel = (name: string): UpstreamArtifact => ({ name, file: join(folder.path, name) }) as UpstreamArtifact;

async function install(answer: FakeAnswer, rest: Partial<BuildRun> = {}, withUv = true) {
  const places = placesIn(folder.path);
  await mkdir(places.scratch, { recursive: true });
  const processes = fakeProcesses(() => answer);
  const run: BuildRun = { processes, environment: {}, umask: '022', network: 'open', places, timeLeftMs: () => 1_000, system: 'linux', ...rest };
  const uv = { id: 'uv', path: '/tools/uv', prefixArgs: [], version: '0.13.8', source: 'path' as const };
  const local = [wheel('helper-1.0-py3-none-any.whl')];
  const python = await installRequirements(run, { lock, local, python: '/py', ...(withUv && { uv }), wheelhouse: '/wheels' });
  return { python, commands: processes.commands.map((command) => command.replaceAll(folder.path, '')) };
}

describe('installRequirements', () => {
  it('makes an environment of nothing but what the lock pins, by uv', async () => {
    const { python, commands } = await install({});
    expect(python).toBe(join(folder.path, 'env/bin/python'));
    expect(commands.map((command) => command.split('022 ')[1])).toEqual([
      '/tools/uv venv --python /py /env',
      '/tools/uv pip install --python /env/bin/python --no-index --find-links /wheels --require-hashes -r /scratch/build-requirements.txt',
      '/tools/uv pip install --python /env/bin/python --no-deps --no-index /helper-1.0-py3-none-any.whl',
    ]);
    expect(readFileSync(join(folder.path, 'scratch/build-requirements.txt'), 'utf8')).toContain('hatchling==1.33.0');
  });

  it('does so by venv and pip where there is no uv', async () => {
    const { commands } = await install({ stdout: '23.2.1\n' }, {}, false);
    expect(commands[1]).toContain('/py -I -m venv --without-pip /env');
    expect(commands[2]).toMatch(/\/py -I -m pip --python \/env\/bin\/python .*install --no-index --find-links \/wheels --require-hashes/);
    const own = (await install({ stdout: '20.0\n' }, {}, false)).commands;
    expect(own[1]).toContain('/py -I -m venv /env');
    expect(own[2]).toMatch(/\/env\/bin\/python -I -m pip .*install --no-index --find-links \/wheels --require-hashes/);
  });

  it.each<[string, FakeAnswer, Partial<BuildRun>]>([
    ['WHEEL_REQUIREMENTS', { exitCode: 1, stderr: 'hash mismatch' }, {}],
    ['WHEEL_NETWORK', { exitCode: 1, stderr: 'No matching distribution found for wheel' }, { network: 'namespace' }],
  ])('%s', async (code, answer, rest) => {
    await expect(install(answer, rest)).rejects.toMatchObject({ code });
  });
});

it('WHEEL_REQUIREMENT_UNLOCKED: a build requirement that the lock lacks', () => {
  expect(() => checkLocked(['hatchling', 'helper'], lock, [wheel('helper-1.0-py3-none-any.whl')])).not.toThrow();
  expect(() => checkLocked(['hatchling>=1', 'hatch-vcs'], lock, [])).toThrow(expect.objectContaining({ code: 'WHEEL_REQUIREMENT_UNLOCKED' }));
});

it('offers wheels of the workspace that are build requirements, at their exact version', async () => {
  writeFileSync(join(folder.path, 'my_helper-1.0-py3-none-any.whl'), 'x');
  const wheels = [wheel('my_helper-1.0-py3-none-any.whl'), wheel('other-1.0-py3-none-any.whl')];
  const local = localRequirements(['My.Helper>=0.5', 'hatchling'], wheels);
  expect(local.map(({ name }) => name)).toEqual(['my_helper-1.0-py3-none-any.whl']);
  await mkdir(join(folder.path, 'offered'));
  const offered = await offerLocalWheels(local, join(folder.path, 'offered'));
  expect(readFileSync(offered!.constraints, 'utf8')).toBe('my-helper==1.0\n');
  expect(await offerLocalWheels([], folder.path)).toBeUndefined();
  expect(requiredName(' setuptools_scm[toml]>=8 ')).toBe('setuptools-scm');
});

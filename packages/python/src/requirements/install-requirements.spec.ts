import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseRequirements } from '@waybill/distributions';
import type { UpstreamArtifact } from '@waybill/plugin-kit';
import { temporaryFolder } from '@waybill/core/testing';
import { fakeProcesses, type FakeAnswer } from '@waybill/plugin-kit/testing';
import type { BuildRun } from '../building/run-frontend';
import { placesIn } from '../workplace/workplace-path';
import { checkRequirements } from './check-requirements';
import { installRequirements } from './install-requirements';
import { localRequirements, offerLocalWheels, requiredName } from './local-wheels';
import { versionFits } from './version-fits';

const folder = temporaryFolder();
const HASH = `--hash=sha256:${'a'.repeat(64)}`;
const lock = parseRequirements('locks/lock.txt', () => `--find-links ../wheels\nhatchling==1.33.0 ${HASH}\n`);
const wheel = (name: string): UpstreamArtifact => ({ name, file: join(folder.path, name) }) as UpstreamArtifact;

async function install(answer: FakeAnswer, rest: Partial<BuildRun> = {}, withUv = true) {
  const places = placesIn(folder.path);
  await mkdir(places.scratch, { recursive: true });
  const processes = fakeProcesses(() => answer);
  const run: BuildRun = { processes, environment: {}, umask: '022', network: 'open', places, timeLeftMs: () => 1_000, system: 'linux', ...rest };
  const uv = { id: 'uv', path: '/tools/uv', prefixArgs: [], version: '0.13.8', source: 'path' as const };
  const local = [wheel('helper-1.0-py3-none-any.whl')];
  const request = { lock, local, workspaceRoot: '/w', python: '/py', wheelhouse: folder.path };
  const python = await installRequirements(run, { ...request, ...(withUv && { uv }) });
  return { python, commands: processes.commands.map((command) => command.replaceAll(folder.path, '')) };
}

describe('installRequirements', () => {
  it('makes an environment of nothing but what the lock pins, by uv', async () => {
    const { python, commands } = await install({});
    expect(python).toBe(join(folder.path, 'env/bin/python'));
    expect(commands.map((command) => command.split('022 ')[1])).toEqual([
      '/tools/uv venv --python /py /env',
      '/tools/uv pip install --python /env/bin/python --no-index --find-links  --only-binary :all: --require-hashes -r /scratch/build-requirements.txt',
      '/tools/uv pip install --python /env/bin/python --no-deps --no-index /helper-1.0-py3-none-any.whl',
    ]);
    expect(readFileSync(join(folder.path, 'scratch/build-requirements.txt'), 'utf8')).toMatch(/^--find-links \/w\/wheels\nhatchling==1\.33\.0/);
  });

  it('does so by venv and pip where there is no uv', async () => {
    const { commands } = await install({ stdout: '23.2.1\n' }, {}, false);
    expect(commands[1]).toContain('/py -I -m venv --without-pip /env');
    expect(commands[2]).toMatch(
      /\/py -I -m pip --python \/env\/bin\/python .*install --no-index --find-links {2}--only-binary :all: --require-hashes/,
    );
    const own = (await install({ stdout: '20.0\n' }, {}, false)).commands;
    expect(own[1]).toContain('/py -I -m venv /env');
    expect(own[2]).toMatch(/\/env\/bin\/python -I -m pip .*install --no-index --find-links {2}--only-binary :all: --require-hashes/);
  });

  it.each<[string, FakeAnswer, Partial<BuildRun>]>([
    ['WHEEL_REQUIREMENTS', { exitCode: 1, stderr: 'hash mismatch' }, {}],
    [
      'WHEEL_REQUIREMENT_SDIST',
      { exitCode: 1, stderr: 'cause: Because hatchling==1.33.0 has no usable wheels and you require hatchling==1.33.0, we' },
      {},
    ],
    ['WHEEL_NETWORK', { exitCode: 1, stderr: 'No matching distribution found for wheel' }, { network: 'namespace' }],
  ])('%s', async (code, answer, rest) => {
    await expect(install(answer, rest)).rejects.toMatchObject({ code });
  });
});

it('WHEEL_REQUIREMENT_UNLOCKED: a build requirement that the lock lacks', () => {
  const helper = { wheel: wheel('helper-1.0-py3-none-any.whl'), requires: [] };
  expect(() => checkRequirements(['hatchling', 'helper'], lock, [helper])).not.toThrow();
  expect(() => checkRequirements(['hatchling>=1', 'hatch-vcs'], lock, [])).toThrow(expect.objectContaining({ code: 'WHEEL_REQUIREMENT_UNLOCKED' }));
});

it.each<[string, readonly string[], string | undefined]>([
  ['the very version', ['hatchling==1.33.0'], undefined],
  ['a range', ['Hatchling>=1.27,<2'], undefined],
  ['one that the lock has not', ['hatchling>=2'], 'hatchling>=2'],
  ['an excluded one', ['hatchling!=1.33.*'], 'hatchling!=1.33.*'],
  ['one beside a range for other Pythons', ['hatchling>=1', "hatchling<1; python_version<'3.7'"], undefined],
  ['one that the lock has not, beside a range for other Pythons', ['hatchling>=2', 'hatchling<2; python_version < "3.7"'], 'hatchling>=2'],
  ['one for other Pythons', ['hatchling>=2; python_version < "3.0"', 'hatchling<2; python_version >= "3.0"'], undefined],
])('takes a pin by its version: %s', (_, requires, refused) => {
  const check = (): void => checkRequirements(requires, lock, []);
  if (refused === undefined) expect(check).not.toThrow();
  else {
    const details = [`expected \`${refused}\`, actual \`hatchling==1.33.0\` in \`locks/lock.txt\``];
    expect(check).toThrow(expect.objectContaining({ code: 'WHEEL_REQUIREMENT_VERSION', details }));
  }
});

it.each([
  ['1.0.post1', '>1.0', false],
  ['1.0.post1', '>=1.0', true],
  ['1.0rc1', '<1.0', false],
  ['0.9', '<1.0', true],
  ['1.4.5', '~=1.4.2', true],
  ['1.5', '~=1.4.2', false],
  ['1.0+local', '==1.0', true],
  ['1.0', '==1.0.0', true],
  ['1.0', '===1.0', true],
  ['2.1', '!=2.*', false],
  ['1!1.0', '>=1', undefined],
  ['1.0', 'newest', undefined],
])('%s fits %s: %s', (version, specifiers, fits) => {
  expect(versionFits(version, specifiers)).toBe(fits);
});

it('offers every wheel of the workspace as the file of its record', async () => {
  writeFileSync(join(folder.path, 'my_helper-1.0-py3-none-any.whl'), 'x');
  const helper = { ...wheel('my_helper-1.0-py3-none-any.whl'), sha256: 'a'.repeat(64) };
  const planned = await localRequirements(['My.Helper>=0.5', 'other'], [{ ...helper, file: join(folder.path, 'planned.whl') }]);
  expect(planned.map((one) => [one.wheel.name, one.requires])).toEqual([['my_helper-1.0-py3-none-any.whl', []]]);
  await mkdir(join(folder.path, 'offered'));
  const constraints = await offerLocalWheels([helper], join(folder.path, 'offered'));
  expect(readFileSync(constraints!, 'utf8')).toBe(
    `my-helper @ file://${folder.path}/offered/my_helper-1.0-py3-none-any.whl#sha256=${'a'.repeat(64)}\n`,
  );
  expect(await offerLocalWheels([], folder.path)).toBeUndefined();
  expect(requiredName(' setuptools_scm[toml]>=8 ')).toBe('setuptools-scm');
});

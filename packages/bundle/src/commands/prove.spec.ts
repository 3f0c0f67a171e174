import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProcesses, WaybillError } from '@waybill/core';
import { temporaryFolder } from '@waybill/core/testing';
import { main } from './main';
import type { CommandPorts } from './prove';
import { parseProveArguments, PROVE_OPTIONS, proveUsage } from './prove-arguments';

const folder = temporaryFolder();

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const ports: CommandPorts = {
    processes: createProcesses(),
    environment: { PATH: process.env['PATH'] },
    workingFolder: folder.path,
    temporaryFolder: folder.path,
    print: (text) => (out += text),
    tell: (text) => (err += text),
  };
  return { code: await main(args, ports), out, err };
}

const codeOf = (...args: string[]): string => {
  try {
    parseProveArguments(args);
  } catch (error) {
    return (error as WaybillError).code;
  }
  return 'none';
};

it('reads every option', () => {
  const parsed = parseProveArguments([
    'bundle',
    '--launcher=app',
    '--hide=/a',
    '--hide=/b',
    '--expect-python=>=3.10,<3.13',
    '--expect-glibc=2.28',
    '--command=a',
    '--command=--b=c',
    '--import=json',
    '--check=rpath',
    '--isolation=copy',
    '--min-isolation=copy',
    '--platform=linux-x86_64',
    '--libc=x.deb',
    '--second=two.zip',
    '--timeout-ms=600000',
    '--json',
  ]);
  expect(parsed).toEqual({
    target: 'bundle',
    launcher: 'app',
    hide: ['/a', '/b'],
    expectPython: '>=3.10,<3.13',
    expectGlibc: '2.28',
    command: ['a', '--b=c'],
    imports: ['json'],
    checks: ['rpath'],
    isolation: 'copy',
    minIsolation: 'copy',
    platform: 'linux-x86_64',
    libc: ['x.deb'],
    second: 'two.zip',
    timeoutMs: 600_000,
    json: true,
  });
});

it.each([
  ['OPTION_ARGUMENT', ['b', '--no-such-option']],
  ['OPTION_ARGUMENT', ['b', '--Launcher=x']],
  ['OPTION_VALUE', ['b', '--launcher']],
  ['OPTION_VALUE', ['b', '--hide=relative']],
  ['OPTION_VALUE', ['b', '--expect-python=new']],
  ['OPTION_VALUE', ['b', '--expect-glibc=2']],
  ['OPTION_VALUE', ['b', '--isolation=total']],
  ['OPTION_VALUE', ['b', '--timeout-ms=5m']],
  ['OPTION_VALUE', []],
  ['OPTION_VALUE', ['a', 'b']],
  ['OPTION_VALUE', ['-x']],
  ['OPTION_CHECK', ['b', '--check=everything']],
])('%s: %j', (code, args) => {
  expect(codeOf(...args)).toBe(code);
});

it('names every option in its usage', async () => {
  expect((await run('prove', '--help')).out).toBe(proveUsage());
  for (const { name } of PROVE_OPTIONS) expect(proveUsage()).toContain(`--${name}=`);
});

describe('what keeps the proof from being made is exit code 2 and a code', () => {
  const put = (name: string, content: string): void => writeFileSync(join(folder.path, name), content);
  it.each([
    ['OPTION_COMMAND', ['prov'], () => undefined],
    ['OPTION_COMMAND', [], () => undefined],
    ['OPTION_ARGUMENT', ['prove', 'x', '--nothing'], () => undefined],
    ['BUNDLE_SMOKE_MISSING', ['prove', 'nothing'], () => undefined],
    ['BUNDLE_SMOKE_FORMAT', ['prove', 'file.txt'], () => put('file.txt', 'x')],
    ['ARCHIVE_', ['prove', 'broken.tar.gz'], () => put('broken.tar.gz', 'x')],
    ['BUNDLE_SMOKE_EMPTY', ['prove', 'empty'], () => mkdirSync(join(folder.path, 'empty'))],
    ['BUNDLE_SMOKE_LAUNCHER', ['prove', 'some', '--launcher=nothing'], () => mkdirSync(join(folder.path, 'some'))],
    ['OPTION_PLATFORM', ['prove', 'some', '--platform=amiga'], () => mkdirSync(join(folder.path, 'some'))],
  ])('%s: %j', async (code, args, prepare) => {
    prepare();
    const { code: exit, out, err } = await run(...args);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err).toMatch(new RegExp(`^${code}`));
    expect(err).toContain('\nfix: ');
  });
});

it('a fault of ours is exit code 2 too, never that of a red bundle', async () => {
  const bundle = join(folder.path, 'some');
  mkdirSync(bundle);
  writeFileSync(join(bundle, 'app'), '#!/bin/sh\n', { mode: 0o755 });
  const processes = { run: () => Promise.reject(new Error('planted')) };
  let told = '';
  const ports: CommandPorts = {
    processes,
    environment: {},
    workingFolder: '/',
    temporaryFolder: folder.path,
    print: () => undefined,
    tell: (text) => void (told += text),
  };
  expect(await main(['prove', bundle, '--launcher=app', '--check=moved-copy'], ports)).toBe(2);
  expect(told).toMatch(/planted[\s\S]*fix: /);
});

it('a bundle that does not run: exit code 1, findings as JSON and nothing else', async () => {
  const bundle = join(folder.path, 'bundle');
  mkdirSync(bundle);
  writeFileSync(join(bundle, 'app'), '#!/bin/sh\necho "{}"\nexit 3\n', { mode: 0o755 });
  const { code, out, err } = await run('prove', bundle, '--launcher=app', '--json', '--check=moved-copy', '--check=shebangs');
  const report = JSON.parse(out);
  expect({ code, err, verdict: report.verdict }).toEqual({ code: 1, err: '', verdict: 'failed' });
  expect(report.findings[0]).toMatchObject({
    check: 'moved-copy',
    level: 'error',
    actual: expect.stringContaining('exit code 3'),
    fix: expect.any(String),
  });
  expect(report.checks.map(({ check }: { check: string }) => check)).toEqual(['shebangs', 'moved-copy']);
});

it('an archive is unpacked elsewhere and named with its digest', async () => {
  mkdirSync(join(folder.path, 'app-1/bin'), { recursive: true });
  writeFileSync(join(folder.path, 'app-1/app'), '#!/bin/sh\necho "{}"\n', { mode: 0o755 });
  execFileSync('tar', ['-czf', 'app.tar.gz', 'app-1'], { cwd: folder.path });
  const { code, out } = await run(
    'prove',
    'app.tar.gz',
    '--launcher=app',
    '--json',
    '--check=archive-round-trip',
    '--check=tree-entries',
    '--check=moved-copy',
    '--min-isolation=copy',
  );
  expect({ code, out }).toMatchObject({ code: 0 });
  expect(JSON.parse(out).tested).toEqual({ archive: 'app.tar.gz', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@waybill/core/testing';
import { fakeProcesses, type FakeAnswer } from '@waybill/plugin-kit/testing';
import { placesIn } from '../workplace/workplace-path';
import type { BuildRequest } from './frontend';
import { runFrontend, type FrontendRun } from './run-frontend';
import { uv } from './uv';

const folder = temporaryFolder();

/** Runs a made-up uv that leaves these files. */
async function run(files: readonly string[], answer: FakeAnswer = {}, rest: Partial<FrontendRun> = {}, work: () => void = () => undefined) {
  const output = join(folder.path, 'out');
  const processes = fakeProcesses(() => {
    mkdirSync(output, { recursive: true });
    for (const name of files) writeFileSync(join(output, name), '');
    work();
    return answer;
  });
  const request: BuildRequest = {
    what: 'wheel',
    source: folder.path,
    output,
    python: '/py',
    prepared: false,
    configSettings: {},
    platform: 'linux-x86_64',
    manifest: {},
    variables: {},
    cargoLock: false,
  };
  const world: FrontendRun = {
    processes,
    environment: { PATH: '/bin' },
    umask: '022',
    network: 'open',
    places: placesIn(folder.path),
    timeLeftMs: () => 5_000,
    system: 'linux',
    backend: 'hatchling.build',
    ...rest,
  };
  const command = uv.command(request, { id: 'uv', path: '/tools/uv', prefixArgs: [], version: '0.13.8', source: 'path' });
  return { result: await runFrontend(world, request, command, false), processes };
}

it('starts the tool with the umask of all builds, in the fixed environment, and gives the one file', async () => {
  const { result, processes } = await run(['demo-1-py3-none-any.whl', '.gitignore']);
  expect(result.names).toEqual([join(folder.path, 'out/demo-1-py3-none-any.whl')]);
  expect(processes.requests[0]!.file).toBe('/bin/sh');
  expect(processes.requests[0]!.args.slice(0, 4)).toEqual(['-c', 'umask "$0" && exec "$@"', '022', '/tools/uv']);
});

it('gives it no network when there must be none', async () => {
  const { processes } = await run(['demo-1-py3-none-any.whl'], {}, { network: 'namespace' });
  expect(processes.commands[0]).toMatch(/^unshare --net -- \/bin\/sh/);
  expect(processes.requests[0]!.env).toMatchObject({ https_proxy: 'http://127.0.0.1:9', UV_OFFLINE: '1', CARGO_NET_OFFLINE: 'true' });
});

it('tells the attempts that this call made, never those of the one before it', async () => {
  const counters = join(folder.path, 'scratch/network.txt');
  const count = (): void => writeFileSync(counters, 'Ip: OutNoRoutes\nIp: 3\n');
  mkdirSync(join(counters, '..'), { recursive: true });
  const told: (number | undefined)[] = [];
  for (const counting of [count, () => undefined, () => writeFileSync(counters, '')]) {
    const { result } = await run(['demo-1-py3-none-any.whl'], {}, { network: 'namespace' }, counting);
    told.push(result.attempts);
  }
  expect(told).toEqual([3, undefined, undefined]);
});

it.each<[string, readonly string[], FakeAnswer, Partial<FrontendRun>]>([
  ['WHEEL_BUILD_FAILED', [], { exitCode: 2, stderr: 'no compiler' }, {}],
  ['WHEEL_NETWORK', [], { exitCode: 1, stderr: 'x\nurlopen error [Errno 101] Network is unreachable\n' }, { network: 'namespace' }],
  ['WHEEL_BUILD_FAILED', [], { exitCode: 1, stderr: 'Network is unreachable' }, {}],
  ['WHEEL_TIMEOUT', [], { exitCode: null, signal: 'SIGTERM', timedOut: true }, {}],
  ['WHEEL_NOTHING_BUILT', [], {}, {}],
  ['WHEEL_NOTHING_BUILT', ['demo-1.zip'], {}, {}],
  ['WHEEL_OUTPUT_SET', ['a-1-py3-none-any.whl', 'b-1-py3-none-any.whl'], {}, {}],
  ['WHEEL_OUTPUT_SET', ['a-1-py3-none-any.whl', 'a.log'], {}, {}],
])('%s: %s %j', async (code, files, answer, rest) => {
  await expect(run(files, answer, rest)).rejects.toMatchObject({ code });
});

it.each<[string, string, Partial<FrontendRun>, string]>([
  [
    'what uv finds nowhere',
    'Because demox was not found in the package registry and you require demox>=2, we can conclude',
    {},
    'correct `demox>=2` in `[build-system] requires`',
  ],
  ['a compiler that is not there', "error: [Errno 2] No such file or directory: 'gcc'", {}, 'install `gcc`, which the build starts'],
  ['a linker that is not there', 'error: linker `cc` not found', {}, 'install `cc`, which the build starts'],
  ['a tool that a shell does not find', '/bin/sh: 1: cmake: not found', {}, 'install `cmake`, which the build starts'],
  ['headers that are not there', 'x.c:1:10: fatal error: Python.h: No such file or directory', {}, 'install the headers of the interpreter'],
  ['a file of the project that is not there', "No such file or directory: 'table.csv'", {}, 'correct what the backend says'],
  ['anything else', 'no compiler', {}, 'correct what the backend says; `uv build` in the folder of the project shows it alone'],
])('WHEEL_BUILD_FAILED advises on %s', async (_, stderr, rest, fix) => {
  await expect(run([], { exitCode: 2, stderr }, rest)).rejects.toMatchObject({ fix: expect.stringContaining(fix) as string });
});

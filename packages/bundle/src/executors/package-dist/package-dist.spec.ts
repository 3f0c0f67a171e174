import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractArchive } from '@waybill/core';
import { skipUnless } from '@waybill/core/testing';
import { FINGERPRINT_COMMAND, runExecutor, type ExecutorRequest, type ExecutorRun } from '@waybill/plugin-kit/testing';
import { embeddingProgram, hostPython, realWorld, toolVersions } from '../../testing/real-world';
import { writeWheel } from '../../testing/write-wheel';
import { prepareRuntimeStage } from '../prepare-runtime/prepare-runtime';
import { packageDist } from './package-dist';

const PLATFORM = `linux-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}`;
const BASE = `app-0.3.0-${PLATFORM}`;
const MAIN =
  'import json, sys, hello, side\nprint(json.dumps({"argv": sys.argv[1:], "prefix": sys.prefix, "executable": sys.executable, "hello": hello.__file__, "side": side.__file__}))\n';

/** The smallest bundle of a real interpreter: little is compiled and archived. */
const SMALL = { launcher: 'shell', prune: { preset: 'small' }, sourceDate: 'constant' };

jest.setTimeout(180_000);

/** Programs that a script would call; these note that they were called, and fail. Gives their folder. */
function plantBrokenTools(scratch: string): string {
  const folder = join(scratch, 'broken-tools');
  mkdirSync(folder);
  const text = `#!/bin/sh\nprintf '%s\\n' "$0 $*" >> '${join(folder, 'called')}'\nexit 1\n`;
  for (const name of ['rsync', 'cp', 'ldd', 'file', 'tar', 'gzip', 'zstd', 'find', 'sha256sum'])
    writeFileSync(join(folder, name), text, { mode: 0o755 });
  return folder;
}

describe('package-dist with a real Python', () => {
  const world = realWorld();
  const python = hostPython();
  const runs: ExecutorRun[] = [];
  let scratch: string;
  let wheel: { file: string; name: string };
  let versions: Record<string, string>;

  beforeAll(async () => {
    versions = await toolVersions(world);
    scratch = mkdtempSync(join(tmpdir(), 'waybill-package-'));
    world.environment['PATH'] = `${plantBrokenTools(scratch)}:${world.environment['PATH'] ?? ''}`;
    wheel = await writeWheel(scratch, {
      name: 'hello',
      files: { 'hello/__init__.py': 'def greet():\n    return "hello"\n' },
      entryPoints: '[console_scripts]\nhello = hello:greet\n',
    });
  });
  afterAll(async () => {
    for (const run of runs) await run.remove();
    rmSync(scratch, { recursive: true, force: true });
  });

  const pythonInput = () => [{ runtime: `${FINGERPRINT_COMMAND} ${python.executable}` }];

  const upstreamWheel = (): NonNullable<ExecutorRequest['upstream']>[number] => ({
    target: 'build-wheel',
    stage: 'build-wheel',
    artifacts: [{ name: wheel.name, kind: 'wheel', content: readFileSync(wheel.file) }],
  });

  const run = async (request: ExecutorRequest): Promise<ExecutorRun> => {
    const result = await runExecutor(packageDist, {
      processes: world.processes,
      tools: world.tools,
      toolVersions: versions,
      environment: { ...world.environment, HOME: process.env['HOME'] ?? '/root' },
      target: 'package-linux',
      furtherInputs: pythonInput(),
      ...request,
    });
    runs.push(result);
    return result;
  };

  const script = (more: ExecutorRequest = {}): Promise<ExecutorRun> =>
    run({
      files: { 'apps/app/main.py': MAIN, 'apps/app/side.py': 'x = 1\n' },
      upstream: [upstreamWheel()],
      ...more,
      options: {
        entry: { script: 'apps/app/main.py' },
        include: ['apps/app/side.py'],
        runtime: { path: python.executable },
        ...SMALL,
        ...(more.options as object),
      },
    });

  const unpack = async (result: ExecutorRun): Promise<string> => {
    const folder = mkdtempSync(join(scratch, 'moved '));
    await extractArchive({ archive: join(result.folder, `${BASE}.tar.gz`), destination: folder });
    return join(folder, BASE);
  };

  /** The runtime as a target of its own, and the wheel: what most tests start from, because it saves the preparation. */
  const prepareUpstream = async (): Promise<NonNullable<ExecutorRequest['upstream']>> => {
    const result = await runExecutor(prepareRuntimeStage, {
      processes: world.processes,
      tools: world.tools,
      toolVersions: versions,
      environment: { ...world.environment, HOME: process.env['HOME'] ?? '/root' },
      options: { runtime: { path: python.executable }, prune: SMALL.prune },
      furtherInputs: pythonInput(),
    });
    runs.push(result);
    const { name, platform } = result.record!.artifacts.find(({ kind }) => kind === 'runtime')!;
    const content = readFileSync(join(result.folder, name));
    const artifacts = [{ name, kind: 'runtime' as const, platform: platform!, ships: false, content }];
    return [upstreamWheel(), { target: 'prepare-runtime', stage: 'prepare-runtime', facts: result.record!.facts, artifacts }];
  };

  /** There is room for the runtime, and none for it and the wheels: what was begun in memory goes on on the disk. */
  const memoryThatVanishes = () =>
    jest
      .spyOn(process, 'availableMemory')
      .mockReturnValueOnce(64 * 1024 ** 3)
      .mockReturnValue(0);

  let first: ExecutorRun;
  let prepared: NonNullable<ExecutorRequest['upstream']>;
  beforeAll(async () => {
    first = await script();
    prepared = await prepareUpstream();
  });

  it('makes a bundle that runs from another place', async () => {
    expect(first.output).toMatch(/runs on glibc ≥ 2\.\d+\nreport: /);
    expect(first.success).toBe(true);
    const root = await unpack(first);
    const said = JSON.parse(execFileSync(join(root, 'app'), ['a b', 'ü'], { encoding: 'utf8', env: {}, cwd: '/' })) as Record<string, unknown>;
    expect(said).toEqual({
      argv: ['a b', 'ü'],
      prefix: join(root, 'python/runtime'),
      executable: join(root, `python/runtime/bin/python${python.series}`),
      hello: join(root, 'python/vendor/hello/__init__.py'),
      side: join(root, 'python/app/side.py'),
    });
  });

  it('needs no rsync and the like, which machines lack or have in other versions (T26, T27)', () => {
    expect(existsSync(join(scratch, 'broken-tools/called'))).toBe(false);
  });

  it('records what went in, free of this machine', () => {
    expect(first.record!.artifacts.map(({ name, kind, ships, madeFrom }) => [name, kind, ships, madeFrom.length])).toContainEqual([
      `${BASE}.tar.gz`,
      'bundle-archive',
      true,
      1,
    ]);
    expect(first.record!.facts).toMatchObject({ kind: 'python-app', python: python.version, launcher: 'shell', wheels: ['hello==1.0'] });
    const text = JSON.stringify(first.record);
    expect(text).not.toContain(first.workspaceRoot);
    expect(text).not.toContain(tmpdir());
  });

  it('says in record and manifest what of the wheels stayed out, and why', async () => {
    const console = { path: 'python/vendor/bin/hello', reason: 'console script: its first line is the path of an interpreter' };
    expect(first.record!.facts).toMatchObject({ prune: { removed: expect.arrayContaining([console]) as unknown } });
    const manifest = JSON.parse(readFileSync(join(await unpack(first), 'share/waybill/manifest.json'), 'utf8')) as { pruned: unknown };
    expect(manifest.pruned).toContainEqual(console);
  });

  it('leaves nothing but results', () => {
    expect(first.files.filter((path) => !path.startsWith(BASE))).toEqual(['artifacts.json', 'report.json']);
    expect(readdirSync(join(first.folder, '..'))).toEqual(['build-wheel', 'package-linux']);
    const inMemory = existsSync('/dev/shm') ? readdirSync('/dev/shm') : [];
    expect(inMemory.filter((name) => new RegExp(`^\\.waybill-(package|runtime)\\..*-${process.pid}-`).test(name))).toEqual([]);
  });

  it('gives the same bytes from another workspace, under another umask, time zone and locale', async () => {
    const umask = process.umask(0o077);
    const memory = memoryThatVanishes();
    const second = await script({ environment: { ...world.environment, HOME: scratch, TZ: 'Asia/Tokyo', LC_ALL: 'C', LANG: 'de_DE.UTF-8' } });
    process.umask(umask);
    memory.mockRestore();
    expect(second.output).toContain('runs on glibc');
    expect(second.workspaceRoot).not.toBe(first.workspaceRoot);
    expect(second.record!.artifacts).toEqual(first.record!.artifacts);
    expect(second.record).toEqual(first.record);
  });

  it('gives the same bytes with a runtime that another target prepared', async () => {
    const memory = memoryThatVanishes();
    const shared = await script({ upstream: prepared });
    memory.mockRestore();
    expect(shared.output).toContain('runs on glibc');
    const archiveOf = ({ record }: ExecutorRun) => record!.artifacts.find(({ kind }) => kind === 'bundle-archive')!.sha256;
    expect(archiveOf(shared)).toBe(archiveOf(first));
  });

  it('BUNDLE_RUNTIME_ARTIFACT: takes no runtime that was prepared with other options', async () => {
    const unfit = await script({ upstream: prepared, options: { prune: { preset: 'none' } } });
    expect(unfit.output).toContain('BUNDLE_RUNTIME_ARTIFACT');
    expect(unfit.output).toContain('"preset":"small"');
  });

  it('prints its plan in a dry run, and makes nothing', async () => {
    const dry = await script({ dryRun: true });
    expect(dry.success).toBe(true);
    expect(dry.output).toContain('entry     python python/app/main.py');
    expect(dry.output).toContain(`wheels    ${wheel.name} of app:build-wheel`);
    expect(dry.planned!.artifacts.map(({ name }) => name)).toContain(`${BASE}.tar.gz`);
    expect(dry.files).toEqual([]);
  });

  it('leaves the folder beside the archives when asked to', async () => {
    const result = await script({ upstream: prepared, options: { folder: true, formats: ['tar.zst', 'zip'] } });
    expect(result.output).toContain('runs on glibc');
    expect(result.record!.artifacts.map(({ name, kind }) => [name, kind])).toEqual([
      [BASE, 'bundle-folder'],
      [`${BASE}.tar.zst`, 'bundle-archive'],
      [`${BASE}.zip`, 'bundle-archive'],
    ]);
    expect(execFileSync(join(result.folder, BASE, 'app'), { encoding: 'utf8', env: {} })).toContain('"argv": []');
  });

  it('GRAPH_INPUT_UNDECLARED: a folder that `include` names and no input covers', async () => {
    const result = await script({ files: { 'apps/app/main.py': MAIN, 'other/x.py': '' }, options: { include: ['other'] } });
    expect(result.output).toMatch(/GRAPH_INPUT_UNDECLARED `other` \(option `include`\)[\s\S]*add `"\{workspaceRoot\}\/other\/\*\*\/\*"`/);
  });

  it('GRAPH_INPUT_UNDECLARED: a file that the lock includes and no input covers', async () => {
    const lock = { 'apps/app/r.lock': '-r ../../locks/base.lock\n', 'locks/base.lock': `six==1.17.0 --hash=sha256:${'a'.repeat(64)}\n` };
    const request = { files: { 'apps/app/main.py': MAIN, 'apps/app/side.py': '', ...lock }, options: { requirements: 'apps/app/r.lock' } };
    const { output } = await script(request);
    expect(output).toMatch(/GRAPH_INPUT_UNDECLARED `locks\/base\.lock` \(option `requirements`\)/);
    const covered = await script({ ...request, dryRun: true, furtherInputs: [...pythonInput(), '{workspaceRoot}/locks/base.lock'] });
    expect(covered.output).toContain('nothing is changed');
  });

  it('GRAPH_INPUT_UNDECLARED: an interpreter outside of the workspace that no input tells of', async () => {
    const { output } = await script({ furtherInputs: [] });
    expect(output).toMatch(/GRAPH_INPUT_UNDECLARED[\s\S]*print-fingerprint\.js \//);
  });

  it.each<[string, ExecutorRequest]>([
    ['BUNDLE_ENTRY_MISSING', { options: { entry: { module: 'no_such_module' } } }],
    ['BUNDLE_ENTRY_SCRIPT', { options: { entry: { script: 'apps/app/none.py' } } }],
    ['BUNDLE_GLIBC', { options: { glibc: '2.1' } }],
    ['BUNDLE_SIZE', { options: { sizeLimit: '1MB' } }],
    ['BUNDLE_PLATFORM', { options: { platform: 'windows-x86_64' } }],
    [
      'BUNDLE_INCLUDE_CONFLICT',
      {
        options: {
          include: [
            'apps/app/side.py',
            { from: 'apps/app/side.py', to: 'python/vendor/hello' },
            { from: 'apps/app/__init__.py', to: 'python/vendor/hello' },
          ],
        },
        files: { 'apps/app/main.py': MAIN, 'apps/app/side.py': '', 'apps/app/__init__.py': '' },
      },
    ],
    ['WHEEL_REQUIREMENTS_MISSING', { options: { requirements: 'apps/app/none.lock' } }],
    [
      'WHEEL_TWICE',
      {
        options: { requirements: 'apps/app/r.lock' },
        files: { 'apps/app/main.py': MAIN, 'apps/app/side.py': '', 'apps/app/r.lock': `hello==2 --hash=sha256:${'a'.repeat(64)}\n` },
      },
    ],
  ])('%s: ends with its fix and leaves nothing behind', async (code, request) => {
    const result = await script({ upstream: prepared, ...request });
    expect(result.success).toBe(false);
    expect(result.output).toContain(code);
    expect(result.output).toContain('fix: ');
    expect(result.files.filter((path) => path !== 'report.json')).toEqual([]);
  });

  const embedding = python.libpython;
  const whenShared = skipUnless(embedding !== undefined, 'the Python on PATH has no shared libpython');
  whenShared('carries a native program that embeds it, and a launcher that the program need not know of', async () => {
    const program = readFileSync(embeddingProgram(join(scratch, 'native'), embedding!));
    const result = await run({
      files: { 'apps/app/target/app': { content: program, mode: 0o755 } },
      upstream: prepared,
      options: { binary: 'apps/app/target/app', runtime: { path: python.executable }, ...SMALL },
    });
    expect(result.output).toContain('runs on glibc');
    expect(result.record!.artifacts.map(({ kind }) => kind)).toEqual(['symbols', 'bundle-archive']);
    const root = await unpack(result);
    const said = JSON.parse(execFileSync(join(root, 'app'), { encoding: 'utf8', env: {}, cwd: '/' })) as {
      version: string;
      prefix: string;
      executable: string;
    };
    expect(said).toMatchObject({
      version: python.version,
      prefix: join(root, 'python/runtime'),
      executable: join(root, `python/runtime/bin/python${python.series}`),
    });
    expect(execFileSync(join(root, 'app'), ['-c', 'import hello; print(hello.greet())'], { encoding: 'utf8', env: {} })).toBe('hello\n');
    expect(readFileSync(join(root, 'bin/app-bin')).includes(embedding!.folder)).toBe(false);
  });
});

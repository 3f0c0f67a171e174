import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  DEMO,
  compileCore,
  demoScript,
  killAtCall,
  makeDemoWheel,
  placeProgram,
  runCore,
  skipUnless,
  standInPython,
  temporaryFolder,
} from '../../testing';
import { createProcesses } from '../../processes/create-processes';
import type { Processes } from '../../processes/process-port';
import { createTools } from '../create-tools';
import { findOnPath } from '../find-on-path';
import type { ResolvedTool } from '../tool-descriptor';
import type { ToolLock } from '../tool-lock';

const folder = temporaryFolder();
const at = (...parts: string[]): string => join(folder.path, ...parts);
const bin = (): string => at('bin');
const managed = (): string => at('managed');
const root = process.getuid?.() === 0;
const python = findOnPath('python3', process.env);
/** Every call of a run that is killed in the long test, some of them in the short one. */
const STEP = process.env['WAYBILL_TEST_FULL'] === '1' ? 1 : 9;
const hasPip = python !== undefined;

interface Attempt {
  lock: ToolLock;
  variables?: Record<string, string>;
  offline?: boolean;
  processes?: Processes;
  progress?: (line: string) => void;
}

const resolve = ({ lock, variables = {}, ...options }: Attempt): Promise<ResolvedTool> =>
  createTools({
    processes: createProcesses(),
    environment: { PATH: bin(), HOME: folder.path, ...variables },
    managedFolder: managed(),
    lock,
    ...options,
  }).resolve(DEMO);

/** A wheel, and a Python that downloads it in no time. */
async function standIn(): Promise<{ lock: ToolLock; wheel: string; downloads: () => number }> {
  const { path, lock } = await makeDemoWheel(folder.path);
  placeProgram(bin(), 'python3', standInPython(path, at('log')));
  return { lock, wheel: path, downloads: () => (existsSync(at('log')) ? readFileSync(at('log'), 'utf8').split('\n').length - 1 : 0) };
}

const none: Processes = { run: ({ file }) => Promise.reject(new Error(`${file} was started`)) };
const toolsIn = (path: string): string[] => readdirSync(path).filter((name) => name !== 'versions.json');
const run = (tool: ResolvedTool): string => execFileSync(tool.path, { encoding: 'utf8' });

describe('provisioning', () => {
  it('downloads once; after that nothing is started, not even when there is no network', async () => {
    const { lock, downloads } = await standIn();
    const progress: string[] = [];
    const tool = await resolve({ lock, progress: (line) => progress.push(line) });
    expect(run(tool)).toBe('demo 2.0\n');
    expect(toolsIn(managed())).toEqual([expect.stringMatching(/^waybill-demo-2\.0-/)]);
    expect(readdirSync(join(managed(), toolsIn(managed())[0]!)).sort()).toEqual(['files', 'installed.json']);
    expect(await resolve({ lock, processes: none })).toEqual(tool);
    expect(await resolve({ lock, processes: none, variables: { WAYBILL_OFFLINE: '1', PATH: '/none' } })).toEqual(tool);
    expect(downloads()).toBe(1);
    expect(progress).toEqual(['provisioning waybill-demo 2.0']);
  });

  it.each<[string, (executable: string) => void]>([
    [
      'other content of the same size and times',
      (path) => {
        const { atime, mtime } = statSync(path);
        writeFileSync(path, readFileSync(path, 'utf8').replace('2.0', '6.6'));
        utimesSync(path, atime, mtime);
      },
    ],
    ['more content', (path) => appendFileSync(path, 'x')],
    ['less content', (path) => truncateSync(path, 3)],
    ['no content', (path) => truncateSync(path, 0)],
    ['no executable', (path) => rmSync(path)],
    ['a folder instead of the executable', (path) => (rmSync(path), mkdirSync(path))],
    ['no right to run', (path) => chmodSync(path, 0o644)],
    ['no record', (path) => rmSync(path.replace(/files\/.*/, 'installed.json'))],
    ['half a record', (path) => truncateSync(path.replace(/files\/.*/, 'installed.json'), 30)],
    [
      'the record of another wheel',
      (path) => {
        const record = path.replace(/files\/.*/, 'installed.json');
        writeFileSync(record, readFileSync(record, 'utf8').replace(/"wheelSha256": "../, '"wheelSha256": "zz'));
      },
    ],
  ])('mends a tool with %s', async (_, damage) => {
    const { lock, downloads } = await standIn();
    damage((await resolve({ lock })).path);
    await expect(resolve({ lock, offline: true })).rejects.toMatchObject({ code: 'TOOL_OFFLINE' });
    expect(run(await resolve({ lock }))).toBe('demo 2.0\n');
    expect(downloads()).toBe(2);
    expect(await resolve({ lock, processes: none })).toMatchObject({ source: 'managed' });
  });

  it('takes an undamaged tool whose times are others, as after a copy of the folder, and remembers that', async () => {
    const { lock } = await standIn();
    const { path } = await resolve({ lock });
    utimesSync(path, 1, 1);
    const record = path.replace(/files\/.*/, 'installed.json');
    const before = readFileSync(record, 'utf8');
    expect(await resolve({ lock, processes: none, offline: true })).toMatchObject({ path });
    expect(readFileSync(record, 'utf8')).not.toBe(before);
  });

  it('offline says what is not there', async () => {
    const { lock, downloads } = await standIn();
    const error: unknown = await resolve({ lock, variables: { WAYBILL_OFFLINE: '1' } }).catch((cause: unknown) => cause);
    expect(error).toMatchObject({
      code: 'TOOL_OFFLINE',
      message: expect.stringContaining('is missing in the managed tool folder') as string,
      details: [`looked in \`${managed()}\``],
    });
    expect(downloads()).toBe(0);
    expect(existsSync(managed())).toBe(false);
  });
});

describe('a download that is not what is pinned', () => {
  it.each<[string, (lock: ToolLock, wheel: string) => ToolLock]>([
    ['the wheel has other bytes', (lock, wheel) => (appendFileSync(wheel, 'x'), lock)],
    ['the executable in it has other bytes', (lock) => edited(lock, 'executableSha256', 'f'.repeat(64))],
    ['the executable is not in it', (lock) => edited(lock, 'executable', 'waybill_demo-2.0.data/scripts/none')],
  ])('is refused: %s; nothing of it is kept or run', async (_, plant) => {
    const { lock, wheel } = await standIn();
    const planted = plant(lock, wheel);
    await expect(resolve({ lock: planted })).rejects.toMatchObject({
      code: 'TOOL_DIGEST',
      details: [expect.any(String), expect.stringMatching(/^expected sha256 /), expect.stringMatching(/^actual sha256 /)],
    });
    expect(toolsIn(managed())).toEqual([]);
  });

  const edited = (lock: ToolLock, key: 'executableSha256' | 'executable', value: string): ToolLock =>
    Object.fromEntries(
      Object.entries(lock).map(([name, { version, wheels }]) => [
        name,
        { version, wheels: Object.fromEntries(Object.entries(wheels).map(([platform, wheel]) => [platform, { ...wheel, [key]: value }])) },
      ]),
    );
});

describe('a tool that was provisioned but does not run', () => {
  it.each<[string, string, RegExp]>([
    ['for want of a library', '#!/bin/sh\necho "version GLIBC_2.99 not found" >&2; exit 1\n', /exit code 1: version GLIBC_2.99 not found/],
    ['for want of an interpreter', '#!/no/sh\n', /`\/no\/sh` is not there/],
  ])('%s is not kept', async (_, script, reason) => {
    const { path, lock } = await makeDemoWheel(folder.path, script);
    placeProgram(bin(), 'python3', standInPython(path, at('log')));
    await expect(resolve({ lock })).rejects.toMatchObject({ code: 'TOOL_UNUSABLE', message: expect.stringMatching(reason) as string });
    expect(toolsIn(managed())).toEqual([]);
  });
});

describe('real pip', () => {
  const pip = (wheelhouse: string): Record<string, string> => ({
    PATH: process.env['PATH'] ?? '',
    PIP_NO_INDEX: '1',
    PIP_FIND_LINKS: wheelhouse,
    PIP_CONFIG_FILE: '/dev/null',
  });

  skipUnless(hasPip, 'there is no python3 on PATH')('downloads by the settings of the user', async () => {
    const { wheelhouse, lock } = await makeDemoWheel(folder.path);
    expect(run(await resolve({ lock, variables: pip(wheelhouse) }))).toBe('demo 2.0\n');
  });

  skipUnless(hasPip, 'there is no python3 on PATH')('refuses a wheel with another digest itself, which is told as such', async () => {
    const { wheelhouse, lock, path } = await makeDemoWheel(folder.path);
    await makeDemoWheel(folder.path, demoScript('2.0 with a surprise'));
    await expect(resolve({ lock, variables: pip(wheelhouse) })).rejects.toMatchObject({ code: 'TOOL_DIGEST' });
    expect(existsSync(path)).toBe(true);
    expect(toolsIn(managed())).toEqual([]);
  });

  skipUnless(hasPip, 'there is no python3 on PATH')('that finds nothing has the last word', async () => {
    const { lock } = await makeDemoWheel(folder.path);
    mkdirSync(at('empty'));
    const error: unknown = await resolve({ lock, variables: pip(at('empty')) }).catch((cause: unknown) => cause);
    expect(error).toMatchObject({
      code: 'TOOL_DOWNLOAD',
      message: expect.stringContaining('-m pip') as string,
      details: [expect.stringContaining('No matching distribution found')],
    });
  });

  skipUnless(hasPip, 'there is no python3 on PATH')('comes out of ensurepip where Python has no pip of its own', async () => {
    const { wheelhouse, lock } = await makeDemoWheel(folder.path);
    execFileSync(python!, ['-m', 'venv', '--without-pip', at('venv')]);
    expect(run(await resolve({ lock, variables: { ...pip(wheelhouse), WAYBILL_PYTHON: at('venv', 'bin', 'python') } }))).toBe('demo 2.0\n');
  });
});

describe('without pip', () => {
  const NO_PIP = `#!/bin/sh\necho '{"version":"3.11","pip":false,"wheel":null}'\n`;

  it.each<[string, () => Record<string, string>, RegExp[]]>([
    ['no Python', () => ({}), [/^`python3` is not on PATH$/, /^`python` is not on PATH$/, /^`uv` is not on PATH$/]],
    [
      'Pythons without it',
      () => (placeProgram(bin(), 'python3', NO_PIP), {}),
      [/^`.*python3` \(3.11\) has neither pip nor ensurepip$/, /^`python` is not/, /^`uv` is not/],
    ],
    [
      'something that is no Python',
      () => (placeProgram(bin(), 'python3', '#!/bin/sh\necho hello\n'), {}),
      [/python3`: does not answer as Python$/, /`python`/, /`uv`/],
    ],
    [
      'a Python that fails',
      () => (placeProgram(bin(), 'python3', '#!/bin/sh\necho broken >&2; exit 1\n'), {}),
      [/does not run as Python: broken$/, /`python`/, /`uv`/],
    ],
    ['a Python without interpreter', () => (placeProgram(bin(), 'python3', '#!/no/sh\n'), {}), [/`\/no\/sh` is not there$/, /`python`/, /`uv`/]],
    ['the named Python only', () => ({ WAYBILL_PYTHON: '/no/python' }), [/^`\/no\/python`: .*there is no such program$/, /`uv`/]],
    ['a named Python that is not on PATH', () => ({ WAYBILL_PYTHON: 'python9' }), [/^`python9` is not on PATH$/, /`uv`/]],
  ])('there is %s: the error says what was looked at and what to install', async (_, make, looked) => {
    const { lock } = await makeDemoWheel(folder.path);
    const variables = make();
    await expect(resolve({ lock, variables })).rejects.toMatchObject({
      code: 'TOOL_DOWNLOADER',
      details: looked.map((line) => expect.stringMatching(line) as string),
      fix: expect.stringContaining('apt-get install python3-pip') as string,
    });
  });

  it('uv does it', async () => {
    const { lock } = await makeDemoWheel(folder.path);
    placeProgram(bin(), 'python3', NO_PIP);
    const script = `#!/bin/sh\necho "$@" > '${at('log')}'\nwhile [ "$1" != --target ]; do shift; done\n/bin/mkdir "$2/bin"\nprintf '#!/bin/sh\\necho "demo 2.0"\\n' > "$2/bin/demo"\n`;
    placeProgram(bin(), 'uv', script);
    expect(run(await resolve({ lock }))).toBe('demo 2.0\n');
    expect(readFileSync(at('log'), 'utf8')).toMatch(/^pip install --target .* --no-deps .*--require-hashes .*--python .*\/python3 -r /);
  });

  it('uv is not trusted either', async () => {
    const { lock } = await makeDemoWheel(folder.path);
    placeProgram(bin(), 'python3', NO_PIP);
    placeProgram(bin(), 'uv', `#!/bin/sh\nwhile [ "$1" != --target ]; do shift; done\n/bin/mkdir "$2/bin"\necho evil > "$2/bin/demo"\n`);
    await expect(resolve({ lock })).rejects.toMatchObject({ code: 'TOOL_DIGEST' });
  });
});

describe('several runs', () => {
  const script = (lock: ToolLock): string => `
    const descriptor = { ...${JSON.stringify({ ...DEMO, parseVersion: undefined })}, parseVersion: (output) => /^demo (\\S+)/m.exec(output)?.[1] };
    const options = { processes: core.createProcesses(), environment: ${JSON.stringify({ PATH: bin(), HOME: folder.path })}, managedFolder: ${JSON.stringify(managed())}, lock: ${JSON.stringify(lock)}, progress: (line) => console.log(line) };
    console.log(JSON.stringify(await core.createTools(options).resolve(descriptor)));`;

  it('at once do not disturb each other: one provisions, the others wait and say so', async () => {
    const { path, lock } = await makeDemoWheel(folder.path);
    placeProgram(bin(), 'python3', standInPython(path, at('log')).replace('exec /bin/cp', '/bin/sleep 0.5; exec /bin/cp'));
    const core = compileCore(folder.path);
    const runs = await Promise.all([1, 2, 3].map(() => runCore(core, script(lock))));
    const lines = runs.map(({ stdout }) => stdout.trim().split('\n'));
    expect(runs.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual([
      [0, ''],
      [0, ''],
      [0, ''],
    ]);
    expect(new Set(lines.map((of) => of.at(-1))).size).toBe(1);
    expect(lines.flat().filter((line) => line.startsWith('provisioning'))).toHaveLength(1);
    expect(lines.flat().filter((line) => /^waiting for process \d+/.test(line)).length).toBeGreaterThan(0);
    expect(readFileSync(at('log'), 'utf8')).toBe('download\n');
    expect(toolsIn(managed())).toEqual([expect.stringMatching(/^waybill-demo-2\.0-/)]);
  });

  it('that are killed, wherever that is, leave nothing that disturbs the next', async () => {
    const { lock } = await standIn();
    const kill = killAtCall(folder.path, script(lock));
    let calls = 0;
    for (let call = 1, killed = true; killed; call += STEP) {
      rmSync(managed(), { recursive: true, force: true });
      killed = kill(call, Math.floor(call / STEP) % 2 === 0 ? 'before' : 'after').killed;
      const tool = await resolve({ lock });
      expect(run(tool)).toBe('demo 2.0\n');
      // a run killed between its success and the release of its lock leaves that behind: whoever needs the lock next takes it over
      rmSync(tool.path);
      expect(run(await resolve({ lock }))).toBe('demo 2.0\n');
      expect(toolsIn(managed())).toEqual([expect.stringMatching(/^waybill-demo-2\.0-/)]);
      calls = call;
    }
    expect(calls).toBeGreaterThan(20);
  });
});

describe('a managed folder that cannot be written to', () => {
  const asNobody = async (lock: ToolLock, path = bin()): Promise<Record<string, unknown>> => {
    chmodSync(folder.path, 0o755);
    const code = `
      const descriptor = { ...${JSON.stringify({ ...DEMO, parseVersion: undefined })}, parseVersion: (output) => /^demo (\\S+)/m.exec(output)?.[1] };
      const options = { processes: core.createProcesses(), environment: ${JSON.stringify({ PATH: path, HOME: folder.path })}, managedFolder: ${JSON.stringify(managed())}, lock: ${JSON.stringify(lock)} };
      console.log(JSON.stringify(await core.createTools(options).resolve(descriptor)));`;
    return JSON.parse((await runCore(compileCore(folder.path), code, { uid: 65534 })).stdout) as Record<string, unknown>;
  };

  skipUnless(root, 'only root can become a user without permission')('works when it is filled', async () => {
    const { lock } = await standIn();
    const tool = await resolve({ lock });
    utimesSync(tool.path, 1, 1);
    expect(await asNobody(lock, '/none')).toEqual(tool);
  });

  skipUnless(root, 'only root can become a user without permission')('says so when it is not, and how to name another', async () => {
    const { lock } = await standIn();
    mkdirSync(managed());
    expect(await asNobody(lock)).toMatchObject({ code: 'TOOL_FOLDER', fix: expect.stringContaining('WAYBILL_TOOLS_DIR') as string });
  });
});

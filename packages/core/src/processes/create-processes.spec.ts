import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { compileCore, skipUnless, temporaryFolder } from '../testing';
import { createProcesses } from './create-processes';
import type { ProcessRequest } from './process-port';

const folder = temporaryFolder();
const processes = createProcesses();
const env = { PATH: process.env['PATH'] ?? '' };

/** A request that runs JavaScript in a real process. */
const node = (code: string, request: Partial<ProcessRequest> = {}): ProcessRequest => ({
  file: process.execPath,
  args: ['-e', code],
  env: {},
  timeoutMs: 20_000,
  ...request,
});

const script = (name: string, text: string, mode = 0o755): string => {
  const path = join(folder.path, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};

async function until(condition: () => boolean, timeoutMs = 10_000): Promise<void> {
  const endMs = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > endMs) throw new Error('it did not come to pass');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const isRunning = (pid: number): boolean => {
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
};

describe('a program that runs', () => {
  it('gets its arguments byte for byte, without a shell', async () => {
    const args = ['', 'a b', '$HOME', '"q\'', 'zwei\nZeilen', 'ü', '*'];
    const result = await processes.run(node('', { args: ['-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', ...args] }));
    expect(JSON.parse(result.stdout)).toEqual(args);
  });

  it('gets exactly the environment that is given', async () => {
    const result = await processes.run(node('console.log(JSON.stringify(process.env))', { env: { ONLY: 'this' } }));
    expect(JSON.parse(result.stdout)).toEqual({ ONLY: 'this' });
  });

  it.each([
    ['text', 'grün\n', 'grün\n'],
    ['bytes', new Uint8Array([104, 105]), 'hi'],
    ['nothing', undefined, ''],
  ])('gets %s on standard input', async (_, input, expected) => {
    const code = 'process.stdin.pipe(process.stdout)';
    expect((await processes.run(node(code, { ...(input !== undefined && { input }) }))).stdout).toBe(expected);
  });

  it('does not have to read its standard input', async () => {
    const result = await processes.run(node('process.exit(0)', { input: 'x'.repeat(4_000_000) }));
    expect(result.exitCode).toBe(0);
  });

  it('runs in the folder that is given', async () => {
    const result = await processes.run(node('console.log(process.cwd())', { cwd: folder.path }));
    expect(result.stdout).toBe(`${folder.path}\n`);
  });

  it('ends with an exit code, which is a result', async () => {
    const result = await processes.run(node('console.log("out"); console.error("err"); process.exitCode = 7'));
    expect(result).toMatchObject({ exitCode: 7, signal: null, timedOut: false, stdout: 'out\n', stderr: 'err\n' });
  });

  it('ends by a signal, which is another result', async () => {
    const result = await processes.run(node('process.kill(process.pid, "SIGSEGV"); setTimeout(() => {}, 5000)'));
    expect(result).toMatchObject({ exitCode: null, signal: 'SIGSEGV', timedOut: false });
  });

  it('shows its lines of standard error as they come, redacted', async () => {
    const redacting = createProcesses({ redact: (text) => text.replaceAll('geheim', '******') });
    const lines: string[] = [];
    const code = 'process.stderr.write("one gehe"); setTimeout(() => process.stderr.write("im\\r\\ntwo\\nrest"), 100)';
    const result = await redacting.run(node(code, { onStderrLine: (line) => lines.push(line) }));
    expect(lines).toEqual(['one ******', 'two']);
    expect(result.stderr).toBe('one ******\r\ntwo\nrest');
  });

  it('has its output redacted, also where a chunk ends in the middle of it', async () => {
    const redacting = createProcesses({ redact: (text) => text.replaceAll('geheim', '******') });
    const result = await redacting.run(node('process.stdout.write("a gehe"); setTimeout(() => process.stdout.write("im b"), 50)'));
    expect(result.stdout).toBe('a ****** b');
  });

  it('may print up to the limit and no byte more', async () => {
    const print = (bytes: number): ProcessRequest => node(`process.stdout.write("x".repeat(${bytes}))`, { maxOutputBytes: 1000 });
    expect((await processes.run(print(1000))).stdout).toHaveLength(1000);
    await expect(processes.run(print(1001))).rejects.toMatchObject({ code: 'PROCESS_OUTPUT' });
  });

  it('is ended when it prints without end', async () => {
    const request = node('setInterval(() => process.stderr.write("x".repeat(65536)), 1)', { maxOutputBytes: 200_000 });
    await expect(processes.run(request)).rejects.toMatchObject({ code: 'PROCESS_OUTPUT' });
  });
});

describe('a program that does not end', () => {
  it('is ended at its timeout', async () => {
    const result = await processes.run({ file: script('parent', '#!/bin/sh\necho begun\nexec sleep 60\n'), args: [], env, timeoutMs: 2_000 });
    expect(result).toMatchObject({ exitCode: null, signal: 'SIGTERM', timedOut: true, stdout: 'begun\n' });
  });

  it('is killed when it ignores SIGTERM', async () => {
    const shell = script('parent', `#!/bin/sh\ntrap 'echo no' TERM\nwhile :; do sleep 0.1; done\n`);
    const result = await processes.run({ file: shell, args: [], env, timeoutMs: 2_000 });
    expect(result).toMatchObject({ exitCode: null, signal: 'SIGKILL', timedOut: true, stdout: 'no\n' });
  });

  it('takes what it started with it', async () => {
    const pidFile = join(folder.path, 'pid');
    const shell = script('parent', `#!/bin/sh\nsleep 60 &\necho $! > ${pidFile}\nwait\n`);
    const result = await processes.run({ file: shell, args: [], env, timeoutMs: 700 });
    const pid = Number(readFileSync(pidFile, 'utf8'));
    expect(result.timedOut).toBe(true);
    await until(() => !isRunning(pid));
  });

  it('takes what outlives it, and its output, with it', async () => {
    const pidFile = join(folder.path, 'pid');
    const deaf = `(trap '' TERM; echo started > ${pidFile}.trap; exec sleep 60) > /dev/null 2>&1 &`;
    const shell = script('parent', `#!/bin/sh\n${deaf}\necho $! > ${pidFile}\nwhile [ ! -f ${pidFile}.trap ]; do sleep 0.05; done\nexec sleep 60\n`);
    const run = processes.run({ file: shell, args: [], env, timeoutMs: 3_000 });
    await until(() => existsSync(`${pidFile}.trap`));
    expect(await run).toMatchObject({ signal: 'SIGTERM', timedOut: true });
    const pid = Number(readFileSync(pidFile, 'utf8'));
    await until(() => !isRunning(pid), 5_000);
  });

  it('is given up when a stranger that left the group holds its output open', async () => {
    const code = `
      const { spawn } = require('node:child_process');
      const stranger = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 8000)'], { detached: true, stdio: 'inherit' });
      stranger.unref(); process.exit(0)`;
    const startMs = Date.now();
    const result = await processes.run(node(code, { timeoutMs: 500 }));
    expect(result.timedOut).toBe(true);
    expect(Date.now() - startMs).toBeLessThan(7_000);
  });

  /** A process that runs a long program through core; `more` runs before. */
  const parentOf = (pidFile: string, more = '', trap = ''): ReturnType<typeof spawn> => {
    const shell = script('child', `#!/bin/sh\n${trap}\necho $$ > ${pidFile}.part\nmv ${pidFile}.part ${pidFile}\nexec sleep 60\n`);
    const run = `createProcesses().run({ file: ${JSON.stringify(shell)}, args: [], env: process.env, timeoutMs: 60000 })`;
    const load = `const load = () => { Object.keys(require.cache).forEach((key) => delete require.cache[key]); return require(${JSON.stringify(compileCore(folder.path))}) }`;
    return spawn(process.execPath, ['-e', `${load}; const { createProcesses } = load(); ${more}; ${run}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  };

  it.each<[string, NodeJS.Signals, string, NodeJS.Signals | number]>([
    ['SIGINT ends that', 'SIGINT', '', 'SIGINT'],
    ['SIGTERM ends that', 'SIGTERM', '', 'SIGTERM'],
    ['SIGHUP ends that', 'SIGHUP', '', 'SIGHUP'],
    [
      'another copy of core runs others',
      'SIGTERM',
      `load().createProcesses().run({ file: '/bin/sleep', args: ['60'], env: {}, timeoutMs: 60000 })`,
      'SIGTERM',
    ],
    ['that decides itself how to end', 'SIGTERM', `process.on('SIGTERM', () => process.exit(3))`, 3],
  ])('ends with this process, when %s', async (_, signal, more, expected) => {
    const pidFile = join(folder.path, 'pid');
    const parent = parentOf(pidFile, more);
    const exit = once(parent, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    await until(() => existsSync(pidFile));
    parent.kill(signal);
    const [exitCode, endedBy] = await exit;
    expect(endedBy ?? exitCode).toBe(expected);
    await until(() => !isRunning(Number(readFileSync(pidFile, 'utf8'))));
  });

  it('that is deaf to SIGTERM is killed a while after this process, which does nothing more, has ended', async () => {
    const [pidFile, more] = [join(folder.path, 'pid'), join(folder.path, 'more')];
    const parent = parentOf(
      pidFile,
      `setInterval(() => require('fs').writeFileSync(${JSON.stringify(more)}, String(Date.now())), 10)`,
      `trap '' TERM`,
    );
    const exit = once(parent, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    await until(() => existsSync(pidFile) && existsSync(more));
    parent.kill('SIGTERM');
    expect((await exit)[1]).toBe('SIGTERM');
    const pid = Number(readFileSync(pidFile, 'utf8'));
    expect(isRunning(pid)).toBe(true);
    await until(() => !isRunning(pid), 30_000);
  });

  it('adds one listener to this process, however many run', async () => {
    const listeners = (): number => process.listenerCount('exit') + process.listenerCount('SIGTERM');
    const before = listeners();
    const [begun, end] = ['begun', 'end'].map((name) => join(folder.path, name)) as [string, string];
    mkdirSync(begun);
    const code = `const fs = require('fs'); fs.writeFileSync('${begun}/' + process.pid, '');
      const wait = setInterval(() => fs.existsSync('${end}') && clearInterval(wait), 20)`;
    const runs = Array.from({ length: 3 }, () => createProcesses().run(node(code)));
    await until(() => readdirSync(begun).length === 3);
    const during = listeners();
    writeFileSync(end, '');
    await Promise.all(runs);
    expect([during - before, listeners() - before]).toEqual([2, 0]);
  });

  it('does not end this process when that listens itself and goes on', async () => {
    const pidFile = join(folder.path, 'pid');
    const parent = parentOf(pidFile, `process.on('SIGTERM', () => setTimeout(() => process.exit(4), 300))`);
    const exit = once(parent, 'exit');
    await until(() => existsSync(pidFile));
    parent.kill('SIGTERM');
    expect((await exit)[0]).toBe(4);
  });
});

describe('a program that cannot be started', () => {
  const start = (request: Partial<ProcessRequest>): Promise<unknown> => processes.run({ file: 'none', args: [], env, timeoutMs: 5_000, ...request });

  it.each<[string, () => Partial<ProcessRequest>, RegExp]>([
    ['is not on PATH', () => ({ file: 'waybill-no-such-program' }), /there is no such program on PATH/],
    ['has no PATH to be found on', () => ({ file: 'waybill-no-such-program', env: {} }), /there is no such program on PATH/],
    ['is not there', () => ({ file: join(folder.path, 'none') }), /there is no such program$/],
    [
      'has no folder to run in',
      () => ({ file: process.execPath, cwd: join(folder.path, 'none') }),
      /the folder to run it in, `.*none`, is not there/,
    ],
    [
      'is a script without its interpreter',
      () => ({ file: script('s', '#!/no/such/python3 -x\n') }),
      /its interpreter `\/no\/such\/python3` is not there/,
    ],
    ['is not executable', () => ({ file: script('s', '#!/bin/sh\n', 0o644) }), /is not executable/],
    ['has no name', () => ({ file: '' }), /no program is named$/],
    ['gets a NUL character', () => ({ file: process.execPath, args: ['a\0b'] }), /an argument holds a NUL character$/],
    ['is a folder', () => ({ file: folder.path }), /is a folder/],
    ['gets too long arguments', () => ({ file: process.execPath, args: ['x'.repeat(4_000_000)] }), /longer than the system allows/],
  ])('because it %s says so', async (_, request, reason) => {
    const error: unknown = await start(request()).catch((cause: unknown) => cause);
    expect(error).toMatchObject({
      code: 'PROCESS_START',
      message: expect.stringMatching(reason) as string,
      fix: expect.stringMatching(/./) as string,
    });
  });

  it('because its loader is missing names the loader', async () => {
    const bytes = readFileSync('/bin/true');
    const at = bytes.indexOf('/lib64/ld-linux');
    const name = at < 0 ? bytes.indexOf('/lib/ld-linux') : at;
    bytes.write('/XXX', name, 'latin1');
    const path = join(folder.path, 'foreign');
    writeFileSync(path, bytes, { mode: 0o755 });
    await expect(start({ file: path })).rejects.toMatchObject({
      code: 'PROCESS_START',
      message: expect.stringMatching(/its loader `\/XXX.*` is not there/) as string,
    });
  });

  skipUnless(process.getuid?.() === 0, 'only root can run a program as another user')('because its user may not reach it', async () => {
    mkdirSync(join(folder.path, 'closed'), { mode: 0o700 });
    const path = script('closed/s', '#!/bin/sh\n');
    await expect(start({ file: path, uid: 65534, gid: 65534 })).rejects.toMatchObject({
      code: 'PROCESS_START',
      message: expect.stringMatching(/does not let/) as string,
    });
  });
});

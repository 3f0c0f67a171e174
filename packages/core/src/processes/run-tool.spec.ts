import { join } from 'node:path';
import { temporaryFolder } from '../testing';
import { createProcesses } from './create-processes';
import { runTool, type RunToolOptions } from './run-tool';

const folder = temporaryFolder();
const redact = (text: string): string => text.replaceAll('geheim', '******');
const tool = { id: 'tool', path: process.execPath, prefixArgs: ['-e'] };

const run = (code: string, args: readonly string[] = [], options: Partial<RunToolOptions> = {}): Promise<unknown> =>
  runTool(createProcesses({ redact }), tool, [code, '--', ...args], { env: {}, timeoutMs: 10_000, ...options }).catch((cause: unknown) => cause);

describe('runTool', () => {
  it('gives the result of a tool that succeeds', async () => {
    expect(await run('console.log("ja")')).toMatchObject({ exitCode: 0, stdout: 'ja\n' });
  });

  it('says with what exit code it failed, how it was called, and last what it said itself', async () => {
    const error = await run(
      'console.log("  out\\n"); console.error("line 1\\nline 2 geheim"); process.exitCode = 3',
      [join(folder.path, 'a b'), '--root=' + join(folder.path, 'x'), 'geheim'],
      { workspaceRoot: folder.path },
    );
    expect(error).toMatchObject({ code: 'PROCESS_FAILED', message: '`tool` failed with exit code 3' });
    const { details } = error as { details: string[] };
    expect(details[0]).toMatch(/ -- 'a b' --root=x '\*\*\*\*\*\*'`$/);
    expect(details.at(-1)).toBe('  out\nline 1\nline 2 ******');
  });

  it('shows paths relative to the folder it ran in when no workspace is given', async () => {
    const error = await run('process.exitCode = 1', [join(folder.path, 'x')], { cwd: folder.path });
    expect((error as { details: string[] }).details).toEqual([expect.stringMatching(/ -- x`$/), '`tool` printed nothing']);
  });

  it('says which signal ended it', async () => {
    expect(await run('process.kill(process.pid, "SIGKILL"); setTimeout(() => {}, 5000)')).toMatchObject({
      code: 'PROCESS_FAILED',
      message: '`tool` was ended by SIGKILL',
    });
  });

  it('says that it did not end in time', async () => {
    const error = await run('console.log("half"); setInterval(() => {}, 1000)', [], { timeoutMs: 600 });
    expect(error).toMatchObject({
      code: 'PROCESS_TIMEOUT',
      message: expect.stringContaining('within 600 ms') as string,
      details: [expect.any(String), 'half'],
    });
  });

  it('takes a tool that ends well after its timeout for one that did not end in time', async () => {
    const error = await run('process.on("SIGTERM", () => process.exit(0)); setInterval(() => {}, 1000)', [], { timeoutMs: 600 });
    expect(error).toMatchObject({ code: 'PROCESS_TIMEOUT' });
  });

  it('shows the end of much output and the beginning of many arguments', async () => {
    const error = (await run('console.log("x".repeat(100000) + "end"); process.exitCode = 1', new Array<string>(100).fill('y'))) as {
      details: string[];
    };
    expect(error.details[0]).toMatch(/ y … and \d+ more arguments`$/);
    expect(error.details.at(-1)).toMatch(/^… \d+ characters before this are left out\nx+end$/);
  });
});

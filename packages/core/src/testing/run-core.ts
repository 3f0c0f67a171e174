import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface CoreRun {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Runs the body of an async function in a process of its own, with the core that `compileCore` made as `core`. */
export async function runCore(
  core: string,
  code: string,
  options: { uid?: number; env?: NodeJS.ProcessEnv; wrap?: readonly string[] } = {},
): Promise<CoreRun> {
  const script = `const core = require(${JSON.stringify(core)}); (async () => { ${code} })().catch((e) => { console.log(JSON.stringify({ code: e.code, message: e.message, fix: e.fix })); process.exitCode = 1; });`;
  const [file, ...args] = [...(options.wrap ?? []), process.execPath, '-e', script];
  const child = spawn(file!, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.env && { env: options.env }),
    ...(options.uid !== undefined && { uid: options.uid, gid: options.uid }),
  });
  const [stdout, stderr, [exitCode, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  return { exitCode, signal, stdout, stderr };
}

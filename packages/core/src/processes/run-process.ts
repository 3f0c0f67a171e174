import { coreErrors } from '../errors/core-errors';
import { explainStartFailure } from './explain-start-failure';
import { KILL_AFTER_MS, type ProcessGroups } from './process-groups';
import type { ProcessRequest, ProcessResult } from './process-port';
import { splitLines } from './split-lines';

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
/** From SIGKILL until output that somebody else still holds open is given up. */
const ABANDON_AFTER_MS = 1_000;

/** Runs one program to its end. The only file that loads execa, and only when a program is really run (it costs 80 ms). */
export async function runProcess(request: ProcessRequest, groups: ProcessGroups, redact: (text: string) => string): Promise<ProcessResult> {
  refuseWhatCannotBeGiven(request);
  const { execa } = await import('execa');
  const maxOutputBytes = request.maxOutputBytes ?? MAX_OUTPUT_BYTES;
  const startMs = performance.now();
  const child = groups.start(() => execa(request.file, [...request.args], optionsFor(request, maxOutputBytes, groups.supported)));
  const end = (signal: NodeJS.Signals): unknown =>
    child.pid !== undefined && groups.supported ? groups.signal(child.pid, signal) : child.kill(signal);
  if (request.onStderrLine)
    child.stderr.on(
      'data',
      splitLines((line) => request.onStderrLine?.(redact(line))),
    );
  const timeout = endAfter(request.timeoutMs, end, () => [child.stdout, child.stderr].forEach((stream) => stream.destroy()));
  const result = await child.finally(() => {
    timeout.stop();
    // What the program started may have outlived it, and its output
    if (timeout.expired()) end('SIGKILL');
    groups.ended(child.pid);
  });
  if (result.isMaxBuffer) {
    end('SIGKILL');
    throw coreErrors.error('PROCESS_OUTPUT', { file: request.file, maxOutputBytes });
  }
  if (child.pid === undefined) {
    throw coreErrors.error(
      'PROCESS_START',
      { file: request.file, ...explainStartFailure(request, result.code ?? '', result.originalMessage ?? '') },
      { cause: result.cause },
    );
  }
  return {
    exitCode: result.exitCode ?? null,
    signal: result.signal ?? null,
    timedOut: timeout.expired(),
    stdout: redact(textOf(result.stdout)),
    stderr: redact(textOf(result.stderr)),
    durationMs: Math.round(performance.now() - startMs),
  };
}

/** Arguments end at a NUL byte: the system has no way to hand one over. */
function refuseWhatCannotBeGiven({ file, args }: ProcessRequest): void {
  const fix = 'correct the option or the file that the argument comes from';
  if (file === '') throw coreErrors.error('PROCESS_START', { file, reason: 'no program is named', fix });
  if (args.some((argument) => argument.includes('\0')))
    throw coreErrors.error('PROCESS_START', { file, reason: 'an argument holds a NUL character', fix });
}

/** Nothing is inherited; with a group of its own the child is ended by us, else by execa. */
const optionsFor = ({ cwd, uid, gid, input, env }: ProcessRequest, maxOutputBytes: number, ownGroup: boolean) => ({
  ...(cwd !== undefined && { cwd }),
  ...(uid !== undefined && { uid }),
  ...(gid !== undefined && { gid }),
  ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
  env: { ...env },
  extendEnv: false,
  encoding: 'buffer' as const,
  maxBuffer: maxOutputBytes,
  reject: false as const,
  stripFinalNewline: false,
  detached: ownGroup,
  cleanup: !ownGroup,
  windowsHide: true,
});

const textOf = (bytes: Uint8Array | undefined): string =>
  bytes === undefined ? '' : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');

/** Ends the program and all that it started: politely, then not, then without waiting for who else holds its output. */
function endAfter(timeoutMs: number, end: (signal: NodeJS.Signals) => unknown, abandon: () => void): { stop(): void; expired(): boolean } {
  let expired = false;
  const timers: NodeJS.Timeout[] = [];
  const after = (ms: number, action: () => void): number => timers.push(setTimeout(action, ms));
  after(timeoutMs, () => {
    expired = true;
    end('SIGTERM');
    after(KILL_AFTER_MS, () => end('SIGKILL'));
    after(KILL_AFTER_MS + ABANDON_AFTER_MS, abandon);
  });
  return { stop: () => timers.forEach((timer) => clearTimeout(timer)), expired: () => expired };
}

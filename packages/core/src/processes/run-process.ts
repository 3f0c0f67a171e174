import type { ChildProcess } from 'node:child_process';
import { coreErrors } from '../errors/core-errors';
import { explainStartFailure } from './explain-start-failure';
import { KILL_AFTER_MS, type ProcessGroups } from './process-groups';
import type { ProcessRequest, ProcessResult } from './process-port';
import { splitLines } from './split-lines';

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
/** From SIGKILL until output that somebody else still holds open is given up. */
const ABANDON_AFTER_MS = 1_000;

/** Runs one program to its end. The only file that loads cross-spawn, which finds programs on Windows as its shell does. */
export async function runProcess(request: ProcessRequest, groups: ProcessGroups, redact: (text: string) => string): Promise<ProcessResult> {
  refuseWhatCannotBeGiven(request);
  const { default: spawn } = await import('cross-spawn');
  const startMs = performance.now();
  const child = started(request, () => groups.start(() => spawn(request.file, [...request.args], optionsFor(request, groups.supported))));
  const ended = endOf(request, child);
  const end = (signal: NodeJS.Signals): unknown =>
    child.pid !== undefined && groups.supported ? groups.signal(child.pid, signal) : child.kill(signal);
  const stopping = stopper(end, () => [child.stdout, child.stderr].forEach((stream) => stream?.destroy()));
  const maxOutputBytes = request.maxOutputBytes ?? MAX_OUTPUT_BYTES;
  let tooMuch = false;
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) =>
    collect(stream, maxOutputBytes, () => {
      tooMuch = true;
      stopping.begin();
    }),
  ) as [Buffer[], Buffer[]];
  if (request.onStderrLine)
    child.stderr?.on(
      'data',
      splitLines((line) => request.onStderrLine?.(redact(line))),
    );
  let timedOut = false;
  const timeout = setTimeout(() => {
    timedOut = true;
    stopping.begin();
  }, request.timeoutMs);
  const forget = groups.supported ? undefined : killAtExit(child);
  const { exitCode, signal } = await ended.finally(() => {
    clearTimeout(timeout);
    // What the program started may have outlived it, and its output
    if (timedOut || tooMuch) end('SIGKILL');
    stopping.forget();
    forget?.();
    groups.ended(child.pid);
  });
  if (tooMuch) throw coreErrors.error('PROCESS_OUTPUT', { file: request.file, maxOutputBytes });
  return {
    exitCode,
    signal,
    timedOut,
    stdout: redact(textOf(stdout)),
    stderr: redact(textOf(stderr)),
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

/** Nothing is inherited. */
const optionsFor = ({ cwd, uid, gid, input, env }: ProcessRequest, ownGroup: boolean) => ({
  ...(cwd !== undefined && { cwd }),
  ...(uid !== undefined && { uid }),
  ...(gid !== undefined && { gid }),
  env: { ...env },
  stdio: [input === undefined ? ('ignore' as const) : ('pipe' as const), 'pipe' as const, 'pipe' as const],
  detached: ownGroup,
  windowsHide: true,
});

/** What the system refuses at once, it throws; what it refuses a little later, `endOf` tells. */
function started(request: ProcessRequest, start: () => ChildProcess): ChildProcess {
  try {
    return start();
  } catch (cause) {
    throw startError(request, cause as NodeJS.ErrnoException);
  }
}

function startError(request: ProcessRequest, cause: NodeJS.ErrnoException): Error {
  return coreErrors.error('PROCESS_START', { file: request.file, ...explainStartFailure(request, cause.code ?? '', cause.message) }, { cause });
}

/** The end of the program and of its output. It gets its input before. */
function endOf(request: ProcessRequest, child: ChildProcess): Promise<Pick<ProcessResult, 'exitCode' | 'signal'>> {
  return new Promise((resolve, reject) => {
    child.on('error', (cause) => {
      // with an id it was started, and then the error is that it could not be sent a signal
      if (child.pid === undefined) reject(startError(request, cause));
    });
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal }));
    // a program need not read what it is given
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(request.input);
  });
}

/** What the stream gives, up to so many bytes; `tellMore` is called once when there are more. */
function collect(stream: NodeJS.ReadableStream | null, maxBytes: number, tellMore: () => void): Buffer[] {
  const chunks: Buffer[] = [];
  let left = maxBytes;
  stream?.on('data', (chunk: Buffer) => {
    if (left < 0) return;
    left -= chunk.length;
    if (left < 0) tellMore();
    else chunks.push(chunk);
  });
  return chunks;
}

const textOf = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('utf8');

/** Without a group of its own the program ends with this process all the same. */
function killAtExit(child: ChildProcess): () => void {
  const kill = (): void => void child.kill();
  process.once('exit', kill);
  return () => void process.removeListener('exit', kill);
}

/** Ends the program and all that it started: politely, then not, then without waiting for who else holds its output. */
function stopper(end: (signal: NodeJS.Signals) => unknown, abandon: () => void): { begin(): void; forget(): void } {
  const timers: NodeJS.Timeout[] = [];
  return {
    begin: () => {
      end('SIGTERM');
      timers.push(
        setTimeout(() => end('SIGKILL'), KILL_AFTER_MS),
        setTimeout(abandon, KILL_AFTER_MS + ABANDON_AFTER_MS),
      );
    },
    forget: () => timers.forEach((timer) => clearTimeout(timer)),
  };
}

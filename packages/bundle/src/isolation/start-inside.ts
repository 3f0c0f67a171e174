import type { ProcessResult } from '@waybill/core';
import type { SandboxRequest, SandboxResult } from './sandbox';
import { signalName } from './signal-name';

/** Exit codes above say that a shell saw its child die of a signal. */
const SHELL_SIGNAL_BASE = 128;

/** strace in front of a command: one file a process, paths of descriptors resolved, strings whole, and the environment of each program that is started. */
export function straceArgs(strace: string, prefix: string): string[] {
  const qualifiers = ['trace=%file', 'abbrev=!execve,execveat', 'signal=none'].flatMap((qualifier) => ['-e', qualifier]);
  return [strace, '-ff', '--seccomp-bpf', '-y', '-s', '4096', ...qualifiers, '-o', prefix];
}

export function withSignal(result: ProcessResult): SandboxResult {
  if (result.signal !== null) return { ...result, diedOf: result.signal };
  const diedOf = signalName((result.exitCode ?? 0) - SHELL_SIGNAL_BASE);
  return diedOf === undefined ? result : { ...result, diedOf };
}

export const closedStreams = ({ closed = [] }: SandboxRequest): string =>
  [closed.includes('stdin') && 'in', closed.includes('stdout') && 'out'].filter(Boolean).join(' ');

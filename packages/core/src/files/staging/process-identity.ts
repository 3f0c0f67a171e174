import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process of this machine, told from one that got the same id later. */
export interface ProcessIdentity {
  pid: number;
  /** Clock ticks since boot at which it began; only where /proc says it. */
  start?: string;
}

/** Within one world process ids mean the same processes: one boot of one machine, one pid namespace (containers have their own). */
export function thisWorld(): string {
  if (!existsSync('/proc/sys/kernel/random/boot_id')) return hostname();
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return existsSync('/proc/self/ns') ? `${boot} ${readlinkSync('/proc/self/ns/pid')}` : boot;
}

/** Eight hex digits that stand for the world. */
export const worldDigest = (): string => createHash('sha256').update(thisWorld()).digest('hex').slice(0, 8);

export function thisProcess(): ProcessIdentity {
  const start = statusOf(process.pid)?.start;
  return { pid: process.pid, ...(start !== undefined && { start }) };
}

/** True only when that process of this world has certainly ended; a zombie has. */
export function isGone({ pid, start }: ProcessIdentity): boolean {
  if (!existsSync('/proc/self/stat')) return !answers(pid);
  const status = statusOf(pid);
  if (status === undefined) return !answers(pid);
  return status.state === 'Z' || status.state === 'X' || (start !== undefined && status.start !== start);
}

/** Fields 3 and 22 of `/proc/<pid>/stat` (proc(5)); the command before them may hold anything, parentheses too. */
function statusOf(pid: number): { state: string; start: string } | undefined {
  const text = readIfThere(`/proc/${pid}/stat`);
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields === undefined ? undefined : { state: fields[0]!, start: fields[19]! };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((cause as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw cause;
  }
}

function answers(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

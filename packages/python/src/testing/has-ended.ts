import { existsSync, readFileSync } from 'node:fs';

const PATIENCE_MS = 5_000;

/** Whether a process of that id has ended, or does within five seconds. One that only waits to be buried (`Z`) has. */
export async function hasEnded(pid: number): Promise<boolean> {
  for (const start = performance.now(); performance.now() - start < PATIENCE_MS; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const status = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : ') X';
    if (['Z', 'X'].includes(status.slice(status.lastIndexOf(')') + 2)[0]!)) return true;
  }
  return false;
}

import { spawnSync } from 'node:child_process';

const TIMEOUT_MS = 10_000;

/**
 * Has a program run when this process ends before the call that comes back was made: for what a tool keeps outside of files and a killed run must not leave there. Its
 * output and its faults are dropped; it is ended after ten seconds. SIGKILL gives no chance to it.
 */
export function atProcessEnd(request: { file: string; args: readonly string[]; env: Readonly<Record<string, string>> }): () => void {
  const run = (): void => void spawnSync(request.file, request.args, { env: { ...request.env }, stdio: 'ignore', timeout: TIMEOUT_MS });
  process.once('exit', run);
  return () => void process.removeListener('exit', run);
}

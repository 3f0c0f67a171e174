import { join } from 'node:path';
import type { Processes } from '@waybill/core';

const TIMEOUT_MS = 120_000;
const COMMAND = 'cargo generate-lockfile';

export interface LockRequest {
  /** Absolute. */
  workspaceRoot: string;
  /** Folder of the crate, relative to the workspace. */
  root: string;
  processes: Processes;
  /** The caller's: cargo is asked as the user would ask it. */
  environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Writes Cargo.lock once the crate's files are there: made by the first build it would be an input that the build did not have, and the second run would
 * build and package anew. Where cargo cannot, the line says what is left to do; the project is whole without it. Lines for people.
 */
export async function lockCrates({ workspaceRoot, root, processes, environment }: LockRequest): Promise<readonly string[]> {
  const env = Object.fromEntries(Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  const leftToDo = (reason: string): readonly string[] => [
    `! ${reason}: run \`${COMMAND}\` in ${root}, and commit Cargo.lock, before the first release`,
  ];
  try {
    const { exitCode, stderr } = await processes.run({
      file: 'cargo',
      args: ['generate-lockfile'],
      cwd: join(workspaceRoot, root),
      env,
      timeoutMs: TIMEOUT_MS,
    });
    if (exitCode === 0) return [`+ ${root}: Cargo.lock, by \`${COMMAND}\`: commit it`];
    return [...stderr.trim().split('\n'), ...leftToDo(`\`${COMMAND}\` failed`)];
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'PROCESS_START') throw error;
    return leftToDo('cargo is not on PATH');
  }
}

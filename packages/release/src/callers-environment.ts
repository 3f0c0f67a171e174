import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** From this version on the daemon forgets what earlier callers had set: nx `applyDaemonEnvFromClient`. */
const FIRST_GOOD_MAJOR = 23;

/**
 * Are this process's variables those of the caller? In a daemon of Nx 22 they are those of every caller since it started: NX_DRY_RUN would
 * keep all later runs dry. There the variable cannot be heeded, and a run that has nothing else to say that it is dry fails
 * (`GRAPH_DRY_RUN_UNHOOKED`) instead of running for real.
 */
export function isCallersEnvironment(workspaceRoot: string, environment: Readonly<Record<string, string | undefined>> = process.env): boolean {
  return environment['NX_DAEMON_PROCESS'] !== 'true' || nxMajor(workspaceRoot) >= FIRST_GOOD_MAJOR;
}

function nxMajor(workspaceRoot: string): number {
  const path = createRequire(join(workspaceRoot, 'package.json')).resolve('nx/package.json');
  return Number.parseInt((JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version, 10);
}

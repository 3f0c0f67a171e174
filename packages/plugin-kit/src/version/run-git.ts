import { join } from 'node:path';
import type { Processes } from '@waybill/core';
import { pluginKitErrors } from '../errors/plugin-kit-errors';

const TIMEOUT_MS = 30_000;

/** How git is asked: in the workspace, with the clean environment, nothing of the user's aliases or pagers. */
export interface Git {
  processes: Processes;
  workspaceRoot: string;
  environment: Readonly<Record<string, string>>;
}

/** Asked from the project's own folder: it may be a repository of its own inside of the workspace (a submodule). */
export const gitOfProject = (git: Git, projectRoot: string): Git => ({ ...git, workspaceRoot: join(git.workspaceRoot, projectRoot) });

/** Trimmed standard output; `undefined` when git is missing or says no (this is no repository, there is no commit). */
export async function runGit(git: Git, args: readonly string[]): Promise<string | undefined> {
  const { exitCode, stdout } = await gitResult(git, args);
  return exitCode === 0 ? stdout.trim() : undefined;
}

interface GitResult {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Exit code (127 when there is no git) and standard output. A repository that git refuses to read because another user owns it, as in many
 * containers, is `GRAPH_GIT_OWNER`: taken for no repository, it would have no tags, no changes and no ignored files.
 */
export async function gitResult(git: Git, args: readonly string[]): Promise<GitResult> {
  const request = { file: 'git', args: ['--no-pager', ...args], cwd: git.workspaceRoot, env: git.environment, timeoutMs: TIMEOUT_MS };
  const result = await git.processes.run(request).catch((cause: { code?: string }): GitResult => {
    if (cause.code === 'PROCESS_START') return { exitCode: 127, stdout: '', stderr: '' };
    throw cause;
  });
  if (result.exitCode !== 0 && result.stderr.includes('dubious ownership'))
    throw pluginKitErrors.error('GRAPH_GIT_OWNER', { folder: git.workspaceRoot });
  return result;
}

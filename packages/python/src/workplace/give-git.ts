import type { Git } from '@waybill/plugin-kit';
import { gitResult } from '@waybill/plugin-kit';
import { pythonErrors } from '../errors/python-errors';

export interface RepositoryRequest {
  git: Git;
  /** Absolute folder of the copy. */
  folder: string;
  version: string;
  epochSeconds: number;
}

/**
 * Makes the copy a git repository of one commit that holds all of it, with the version as its tag: what reads git finds the same on every
 * machine, and nothing of the user's own history. `WHEEL_GIT` when git is missing or refuses.
 */
export async function giveGit({ git, folder, version, epochSeconds }: RepositoryRequest): Promise<void> {
  const date = `${epochSeconds} +0000`;
  const environment = {
    ...git.environment,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_AUTHOR_NAME: 'build',
    GIT_AUTHOR_EMAIL: 'build@localhost',
    GIT_COMMITTER_NAME: 'build',
    GIT_COMMITTER_EMAIL: 'build@localhost',
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_DATE: date,
  };
  for (const args of [
    ['init', '--quiet', '--initial-branch=main'],
    ['add', '--all', '--force'],
    ['commit', '--quiet', '--allow-empty', '--no-gpg-sign', '--message=build'],
    ['tag', '--no-sign', `v${version}`],
  ]) {
    const { exitCode, stdout } = await gitResult({ ...git, environment, workspaceRoot: folder }, args);
    if (exitCode !== 0) throw pythonErrors.error('WHEEL_GIT', { command: `git ${args[0]!}`, exitCode, output: stdout.trim() });
  }
}

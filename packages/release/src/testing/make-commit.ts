import { spawnSync } from 'node:child_process';

/** An empty commit in a repository at `folder`, which a remote branch is made to name. @returns its id */
export function makeCommit(folder: string, branch: string): string {
  const [one, other] = [
    { GIT_AUTHOR_NAME: 'T', GIT_AUTHOR_EMAIL: 't@example.org' },
    { GIT_COMMITTER_NAME: 'T', GIT_COMMITTER_EMAIL: 't@example.org' },
  ];
  const git = (...args: string[]): string =>
    spawnSync('git', args, { cwd: folder, encoding: 'utf8', env: { PATH: process.env['PATH'], ...one, ...other } }).stdout.trim();
  git('init', '--quiet');
  const commit = git('commit-tree', '-m', 'base', git('write-tree'));
  git('update-ref', `refs/remotes/${branch}`, commit);
  return commit;
}

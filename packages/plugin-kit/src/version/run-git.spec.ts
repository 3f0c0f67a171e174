import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanEnvironment, createProcesses } from '@waybill/core';
import { runGit, type Git } from './run-git';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'waybill-git-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const gitOf = (more: Record<string, string> = {}): Git => {
  const identity = {
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'A',
    GIT_AUTHOR_EMAIL: 'a@b.c',
    GIT_COMMITTER_NAME: 'A',
    GIT_COMMITTER_EMAIL: 'a@b.c',
  };
  return { processes: createProcesses(), workspaceRoot: root, environment: { ...cleanEnvironment(process.env, []), ...identity, ...more } };
};

it('says nothing where there is no repository', async () => {
  expect(await runGit(gitOf(), ['rev-parse', 'HEAD'])).toBeUndefined();
});

it('GRAPH_GIT_OWNER: a repository of another user is not taken for none', async () => {
  await runGit(gitOf(), ['init', '--quiet']);
  expect(await runGit(gitOf(), ['status', '--porcelain'])).toBe('');
  await expect(runGit(gitOf({ GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' }), ['status', '--porcelain'])).rejects.toMatchObject({
    code: 'GRAPH_GIT_OWNER',
    fix: expect.stringContaining(`safe.directory ${root}`),
  });
});

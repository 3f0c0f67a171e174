import type { ProcessRequest, Processes } from '@waybill/core';
import { readChanges } from './read-changes';

const clean = { exitCode: 0, stdout: '', stderr: '' };

function ask(answer: object, folders: readonly string[] = []): { changes: Promise<readonly string[]>; excluded: string[] } {
  const excluded: string[] = [];
  const run = ({ args }: ProcessRequest): Promise<object> => {
    excluded.push(...args.flatMap((word) => /^:\(exclude,literal\)(.*)$/.exec(word)?.slice(1) ?? []));
    return Promise.resolve(answer);
  };
  return { changes: readChanges({ processes: { run } as unknown as Processes, workspaceRoot: '/w', environment: {} }, folders), excluded };
}

it.each([
  ['took too long', { ...clean, exitCode: null }],
  ['failed', { ...clean, exitCode: 128, stderr: 'fatal: index file corrupt\n' }],
])('`PUBLISH_TREE`: a git that %s is not a clean tree', async (_, answer) => {
  await expect(ask(answer).changes).rejects.toMatchObject({ code: 'PUBLISH_TREE' });
});

it('leaves out the folders that releases write, and never the whole workspace', async () => {
  const { changes, excluded } = ask({ ...clean, stdout: ' M a.py\n?? b.py\n' }, ['./releases/', '.', './', '../out', '/srv/out', 'a/../b']);
  expect(await changes).toEqual([' M a.py', '?? b.py']);
  expect(excluded).toEqual(['dist', '.waybill', 'releases', 'b']);
});

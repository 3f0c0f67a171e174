import type { ProcessRequest, Processes } from '@waybill/core';
import { readTree } from './read-changes';

const clean = { exitCode: 0, stdout: '', stderr: '' };

const HEAD = { ...clean, stdout: 'c0ffee\ntag: refs/tags/v1.4.0\n' };

function ask(answer: object, folders: readonly string[] = [], head: object = HEAD): { tree: ReturnType<typeof readTree>; excluded: string[] } {
  const excluded: string[] = [];
  const run = ({ args }: ProcessRequest): Promise<object> => {
    excluded.push(...args.flatMap((word) => /^:\(exclude,literal\)(.*)$/.exec(word)?.slice(1) ?? []));
    return Promise.resolve(args.includes('log') ? head : answer);
  };
  return { tree: readTree({ processes: { run } as unknown as Processes, workspaceRoot: '/w', environment: {} }, [], folders), excluded };
}

it.each([
  ['took too long', { ...clean, exitCode: null }],
  ['failed', { ...clean, exitCode: 128, stderr: 'fatal: index file corrupt\n' }],
])('`PUBLISH_TREE`: a git that %s is not a clean tree', async (_, answer) => {
  await expect(ask(answer).tree).rejects.toMatchObject({ code: 'PUBLISH_TREE' });
  expect(await ask(answer, [], { ...clean, exitCode: 128 }).tree).toBeUndefined();
});

it('leaves out the folders that releases write, and never the whole workspace', async () => {
  const { tree, excluded } = ask({ ...clean, stdout: ' M a.py\n?? b.py\n' }, ['./releases/', '.', './', '../out', '/srv/out', 'a/../b']);
  expect(await tree).toEqual({ commit: 'c0ffee', tags: [{ tag: 'v1.4.0' }], changes: [' M a.py', '?? b.py'] });
  expect(excluded).toEqual(['dist', '.waybill', 'releases', 'b']);
});

import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { commonOptions } from '../options/common-options';
import type { StageDefinition, StagePlan } from '../stage-definition';
import { runExecutor } from '../testing';

const options = z.strictObject(commonOptions);

const doingNothing: StageDefinition<typeof options, undefined, StagePlan> = {
  stage: 'sign',
  options,
  gather: async () => undefined,
  plan: () => ({ artifacts: [], lines: [] }),
  apply: async () => ({ outcome: 'success', artifacts: [], facts: {}, findings: [], summary: [] }),
};

it('names the same target each time when several are to be run: the first of them, however long it takes to read', async () => {
  const artifacts = [{ name: 'app.tar.gz', kind: 'bundle-archive' as const, content: 'bytes', platform: 'linux-x86_64' }];
  const upstream = [
    { target: 'package-linux', stage: 'package', artifacts },
    ...['again', 'more'].map((target) => ({ target, stage: 'package', artifacts })),
  ];
  const first = await runExecutor(doingNothing, { upstream });
  const record = (target: string): string => join(first.workspaceRoot, 'dist/apps/app', target, 'artifacts.json');
  await writeFile(record('package-linux'), `{"schema":${' '.repeat(1_000_000)}`);
  await rm(record('again'));
  const failed = await runExecutor(doingNothing, { again: first });
  expect(failed.report!.errors[0]).toMatchObject({ code: 'RECORD_SYNTAX', fix: expect.stringContaining('nx run app:package-linux') });
  await first.remove();
});

it('names every target whose record is missing, in the order in which they are made', async () => {
  const targets = ['package-linux', 'package-macos', 'smoke-macos'];
  const first = await runExecutor(doingNothing, { upstream: targets.map((target) => ({ target, stage: 'package', artifacts: [] })) });
  for (const target of targets.slice(1)) await rm(join(first.workspaceRoot, 'dist/apps/app', target), { recursive: true });
  const failed = await runExecutor(doingNothing, { again: first });
  expect(failed.report!.errors[0]).toMatchObject({
    code: 'RECORD_MISSING',
    message: expect.stringContaining('`app:package-macos`'),
    details: ['missing too: `app:smoke-macos`'],
  });
  await first.remove();
});

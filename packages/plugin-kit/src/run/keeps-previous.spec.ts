import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashBytes } from '@waybill/core';
import { z } from 'zod';
import { commonOptions } from '../options/common-options';
import type { StageDefinition, StagePlan } from '../stage-definition';
import { runExecutor } from '../testing';

const options = z.strictObject({ ...commonOptions, fails: z.boolean().default(false) });
const NAME = 'demo-1.0.tar.gz';

/** Writes one file, or finds that it is wrong. */
const building: StageDefinition<typeof options, undefined, StagePlan> = {
  stage: 'build-wheel',
  options,
  keepsPrevious: true,
  gather: async () => undefined,
  plan: () => ({ artifacts: [], lines: [] }),
  apply: async (context, _plan, outputDir) => {
    await writeFile(join(outputDir, NAME), 'bytes');
    const findings = [{ check: 'tags', level: 'error' as const, message: 'wrong tag' }];
    if (context.options.fails) return { outcome: 'failure', artifacts: [], facts: {}, findings, summary: [] };
    const artifact = { name: NAME, path: NAME, kind: 'sdist' as const, ships: true, size: 5, sha256: hashBytes('bytes'), madeFrom: [] };
    return { outcome: 'success', artifacts: [artifact], facts: {}, findings: [], summary: [] };
  },
};

it('keeps the result of the run before when findings end a stage that says so, and tells of them in report.json', async () => {
  const first = await runExecutor(building);
  const second = await runExecutor(building, { again: first, options: { fails: true } });
  await first.remove();
  expect([first.success, second.success]).toEqual([true, false]);
  expect(second.files).toEqual(first.files);
  expect(second.record).toEqual(first.record);
  expect(second.report).toMatchObject({ outcome: 'failure', findings: [{ check: 'tags' }] });
  expect(second.output).toContain('error tags: wrong tag');
});

it('tells findings of steps that are done with the error of a later one', async () => {
  const finding = { check: 'names', level: 'error', message: 'a name is wrong' } as const;
  const run = await runExecutor({
    ...building,
    apply: async ({ progress }) => {
      progress.found([finding]);
      throw new Error('the next step broke');
    },
  });
  await run.remove();
  expect([run.success, run.report?.findings, run.report?.errors.map(({ code }) => code)]).toEqual([false, [finding], ['PROCESS_INTERNAL']]);
  expect(run.output).toMatch(/error names: a name is wrong[\s\S]*PROCESS_INTERNAL/);
});

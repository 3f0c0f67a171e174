import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createProcesses } from '@waybill/core';
import { runExecutor, type ExecutorRun } from '@waybill/plugin-kit/testing';
import { releasedFiles } from '../../testing/released-files';
import { publishStage } from './publish';

const runs: ExecutorRun[] = [];
afterEach(async () => {
  for (const done of runs.splice(0)) await done.remove();
});

const TO = ['one', 'two'].map((id) => ({ type: 'folder', id, path: id }));
const common = { processes: createProcesses(), environment: { PATH: process.env['PATH'] ?? '' } };

/** Publishes `app` in a run of Nx that was asked for `report:release`, which waits for it through `report:publish`. */
async function inRunOf(overrides: object, options: object = {}): Promise<ExecutorRun & { there: readonly boolean[] }> {
  const made = await runExecutor(publishStage, { ...common, options: { to: TO }, upstream: releasedFiles({ signed: true }), dryRun: true });
  runs.push(made);
  const task = (project: string, target: string, given: object): object => ({
    target: { project, target },
    overrides: { ...given, __overrides_unparsed__: [] },
  });
  const taskGraph = {
    tasks: {
      'app:publish': task('app', 'publish', {}),
      'report:publish': task('report', 'publish', {}),
      'report:release': task('report', 'release', overrides),
      'other:publish': task('other', 'publish', { plan: true }),
    },
    dependencies: { 'app:publish': [], 'report:publish': ['app:publish'], 'report:release': ['report:publish'], 'other:publish': [] },
  };
  const context = { ...made.context, taskGraph } as ExecutorRun['context'];
  const done = await runExecutor(publishStage, { ...common, options: { to: TO, ...options }, again: { ...made, context } });
  return { ...done, there: TO.map(({ path }) => existsSync(join(made.workspaceRoot, path, 'app'))) };
}

describe('what the command line gave to a target that waits for this one', () => {
  it('`--plan` publishes nothing of what is needed either', async () => {
    for (const plan of [true, 'true']) {
      const done = await inRunOf({ plan });
      expect([done.success, done.there]).toEqual([true, [false, false]]);
      expect(done.output).toMatch(/two +absent/);
    }
    expect((await inRunOf({ plan: false })).there).toEqual([true, true]);
  });

  it('`--only` and `--skip` leave out the places of what is needed too, whether it has them or not, and say who asked', async () => {
    const only = await inRunOf({ only: 'two,elsewhere' });
    expect([only.success, only.there]).toEqual([true, [false, true]]);
    expect(only.output).toContain('skipped one: left out by `skip`: report:release was given `--only=two,elsewhere`');
    expect((await inRunOf({ only: ['elsewhere'] })).there).toEqual([false, false]);
    const skip = await inRunOf({ skip: ['one'], skipReason: 'not yet' });
    expect([skip.there, skip.output]).toEqual([[false, true], expect.stringContaining('report:release was given `--skip=one`, not yet')]);
    expect((await inRunOf({ skip: 'two' }, { skip: ['one'], skipReason: 'by project.json' })).there).toEqual([false, false]);
    expect((await inRunOf({ only: 'one,two' })).there).toEqual([true, true]);
  });

  it.each<[string, object, object]>([
    ['of the target that was asked for', { only: 'one', skip: ['two', 'one'] }, {}],
    ['of its own', {}, { only: ['two', 'one'], skip: ['one'] }],
  ])('`PUBLISH_ID_ONLY_SKIP`: a place in `only` and in `skip` %s is refused, not a green run that sends nothing', async (_whose, asked, options) => {
    const done = await inRunOf(asked, options);
    expect([done.success, done.there]).toEqual([false, [false, false]]);
    expect(done.output).toMatch(/PUBLISH_ID_ONLY_SKIP .*`one`[\s\S]*fix: /);
  });
});

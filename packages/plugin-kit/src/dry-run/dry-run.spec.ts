import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { commonOptions } from '../options/common-options';
import type { StageContext, StageDefinition, StagePlan } from '../stage-definition';
import { runExecutor, type ExecutorRequest, type ExecutorRun } from '../testing';
import { PLANNED_SHA256, readPlannedRecord, writePlannedRecord } from '../upstream/planned-records';
import { DRY_RUN_FOLDER_PREFIX, dryRunFolder } from './dry-run';

const options = z.strictObject(commonOptions);
const applied: string[] = [];

/** Plans one archive, and writes it when it is let. */
const packaging: StageDefinition<typeof options, readonly string[], StagePlan> = {
  stage: 'package',
  options,
  gather: async ({ upstream }) => upstream.map(({ name, sha256 }) => `${name} ${sha256 === PLANNED_SHA256 ? 'planned' : 'real'}`),
  plan: (_, facts) => ({
    artifacts: [{ name: 'a.tar.gz', path: 'a.tar.gz', kind: 'bundle-archive', ships: true }],
    lines: ['write a.tar.gz', ...facts],
  }),
  apply: async ({ targetName }) => {
    applied.push(targetName);
    return { outcome: 'success', artifacts: [], facts: {}, findings: [], summary: [] };
  },
};

const runs: ExecutorRun[] = [];
let folder: string;

async function run(request: ExecutorRequest = {}, definition: Partial<typeof packaging> = {}): Promise<ExecutorRun> {
  const done = await runExecutor({ ...packaging, ...definition }, { target: 'package-linux', ...request });
  runs.push(done);
  return done;
}

beforeEach(async () => {
  applied.length = 0;
  folder = await mkdtemp(join(tmpdir(), DRY_RUN_FOLDER_PREFIX));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
  for (const { remove } of runs.splice(0)) await remove();
});

describe('dryRunFolder', () => {
  it('knows a real run, whatever was inherited', () => {
    expect(dryRunFolder({}, false, 'app:x')).toBeUndefined();
    expect(dryRunFolder({ WAYBILL_DRY_RUN: folder }, false, 'app:x')).toBeUndefined();
    for (const value of ['', 'false', '0']) expect(dryRunFolder({ NX_DRY_RUN: value, WAYBILL_DRY_RUN: folder }, false, 'app:x')).toBeUndefined();
  });

  it('knows a dry run that the plugin entry made', () => {
    expect(dryRunFolder({ NX_DRY_RUN: 'true', WAYBILL_DRY_RUN: folder }, false, 'app:x')).toBe(folder);
    expect(dryRunFolder({ NX_DRY_RUN: 'true', WAYBILL_DRY_RUN: folder }, true, 'app:x')).toBe(folder);
    expect(dryRunFolder({ NX_DRY_RUN: '1', WAYBILL_DRY_RUN: folder }, false, 'app:x')).toBe(folder);
  });

  it.each<[string, (folder: string) => Record<string, string>, boolean]>([
    ['nothing made the run dry', () => ({}), true],
    ['only the variable says so', () => ({ NX_DRY_RUN: 'true' }), false],
    ['another spelling of the variable says so', () => ({ NX_DRY_RUN: '1' }), false],
    ['the chain is real', (made) => ({ WAYBILL_DRY_RUN: made }), true],
    ['the value is stale', () => ({ NX_DRY_RUN: 'true', WAYBILL_DRY_RUN: join(tmpdir(), `${DRY_RUN_FOLDER_PREFIX}of-yesterday`) }), false],
    ['the value is no folder of ours', () => ({ NX_DRY_RUN: 'true', WAYBILL_DRY_RUN: tmpdir() }), false],
    ['the value is relative', () => ({ NX_DRY_RUN: 'true', WAYBILL_DRY_RUN: `${DRY_RUN_FOLDER_PREFIX}x` }), false],
  ])('refuses to be dry when %s', (_, variables, option) => {
    expect(() => dryRunFolder(variables(folder), option, 'app:x')).toThrow(
      expect.objectContaining({ code: 'GRAPH_DRY_RUN_UNHOOKED', fix: expect.stringContaining('"@waybill/release"') }),
    );
  });
});

describe('a dry run', () => {
  it('gathers, plans, prints the plan, and touches nothing', async () => {
    const dry = await run({ dryRun: true });
    expect({ success: dry.success, files: dry.files, applied }).toEqual({ success: true, files: [], applied: [] });
    expect(dry.lines.filter((line) => !/: \d/.test(line))).toEqual([
      'dry run of app:package-linux (package app 0.3.0): nothing is changed',
      '  write a.tar.gz',
    ]);
    expect(dry.planned).toMatchObject({ stage: 'package', artifacts: [{ name: 'a.tar.gz', size: 0, sha256: PLANNED_SHA256 }], facts: {} });
  });

  it('leaves an earlier result as it is', async () => {
    const real = await run();
    const dry = await run({ again: real, dryRun: true });
    expect(dry.files).toEqual(real.files);
    expect({ record: dry.record, report: dry.report }).toEqual({ record: real.record, report: real.report });
  });

  it('reads what dry targets before it planned, and real records of targets that are not in the run', async () => {
    const upstream = [
      { target: 'build-wheel', stage: 'build-wheel', artifacts: [{ name: 'old.whl', kind: 'wheel' as const, content: 'x' }] },
      { target: 'runtime', stage: 'prepare-runtime', artifacts: [{ name: 'runtime.tar', kind: 'runtime' as const, content: 'y' }] },
    ];
    const head = { project: 'app', target: 'build-wheel', stage: 'build-wheel', version: '0.3.0', sourceDateEpoch: 1_580_601_600 };
    await writePlannedRecord(folder, head, [{ name: 'new.whl', path: 'new.whl', kind: 'wheel', ships: true }]);
    const dry = await run({ upstream, environment: { NX_DRY_RUN: 'true', WAYBILL_DRY_RUN: folder } });
    expect(dry.lines).toEqual(expect.arrayContaining(['  new.whl planned', '  runtime.tar real']));
    expect(dry.output).not.toContain('old.whl');
    expect(await readPlannedRecord(folder, { project: 'app', target: 'package-linux' })).toMatchObject({ artifacts: [{ name: 'a.tar.gz' }] });
  });

  it('never takes a planned digest for a real one in a real run', async () => {
    const upstream = [{ target: 'build-wheel', stage: 'build-wheel', artifacts: [{ name: 'a.whl', kind: 'wheel' as const, content: 'x' }] }];
    const first = await run({ upstream });
    const path = join(first.workspaceRoot, 'dist/apps/app/build-wheel/artifacts.json');
    await writeFile(
      path,
      JSON.stringify({
        ...first.context,
        schema: 'waybill/artifacts/1',
        project: 'app',
        target: 'build-wheel',
        stage: 'build-wheel',
        version: '0.3.0',
        sourceDateEpoch: 1_580_601_600,
        artifacts: [{ name: 'a.whl', path: 'a.whl', kind: 'wheel', ships: true, size: 1, sha256: PLANNED_SHA256, madeFrom: [] }],
        facts: {},
        root: undefined,
        projectName: undefined,
        targetName: undefined,
        nxJsonConfiguration: undefined,
        projectGraph: undefined,
      }),
    );
    expect((await run({ again: first })).report!.errors[0]!.code).toBe('RECORD_DIGEST');
  });

  it('says which targets of others ran for real', async () => {
    const nodes = { app: { name: 'app', data: { root: 'apps/app', targets: { native: { executor: 'nx:run-commands' } } } } };
    const dry = await run({ dryRun: true, nodes, targetLines: { dependsOn: ['native'] } });
    expect(dry.lines).toContain('  ran for real before it, as it always does: app:native');
  });

  it('says that the plan is to do nothing', async () => {
    const dry = await run({ dryRun: true }, { plan: () => ({ artifacts: [], lines: [], skip: 'no release tag' }) });
    expect(dry.lines).toContain('  skipped: no release tag');
  });

  it('fails as the real run would, and writes no report', async () => {
    const dry = await run({ dryRun: true, targetLines: { dependsOn: ['biuld'] } });
    expect(dry.lines[0]).toContain('GRAPH_DEPENDENCY_UNKNOWN');
    expect({ success: dry.success, files: dry.files }).toEqual({ success: false, files: [] });
  });

  it('fails, before anything else, when only this target was told to be dry', async () => {
    const gathered: StageContext<unknown>[] = [];
    const unhooked = await run({ options: { dryRun: true } }, { gather: async (context) => (gathered.push(context), []) });
    expect(unhooked.lines[0]).toContain('GRAPH_DRY_RUN_UNHOOKED');
    expect({ success: unhooked.success, files: unhooked.files, gathered, applied }).toEqual({ success: false, files: [], gathered: [], applied: [] });
  });
});

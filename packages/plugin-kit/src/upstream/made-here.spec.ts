import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { commonOptions } from '../options/common-options';
import type { NxJson } from '../nx-context';
import type { StageContext, StageDefinition, StagePlan } from '../stage-definition';
import { runExecutor, type ExecutorRequest, type ExecutorRun } from '../testing';
import { noteMadeHere } from './made-here';
import { findRemoteCache } from './remote-cache';

const options = z.strictObject({ ...commonOptions, keyEnv: z.string().optional() });
type Context = StageContext<z.output<typeof options>>;

const seen: Context[] = [];
const runs: ExecutorRun[] = [];
afterEach(async () => {
  for (const run of runs.splice(0)) await run.remove();
  seen.length = 0;
});

/** A stage that only looks; it says aloud what is in the variable that `keyEnv` names. */
const looking: StageDefinition<typeof options, undefined, StagePlan> = {
  stage: 'sign',
  options,
  secrets: ({ keyEnv }) => (keyEnv === undefined ? [] : [keyEnv]),
  gather: async (context) => void seen.push(context),
  plan: () => ({ artifacts: [], lines: [] }),
  apply: async ({ environment, options: { keyEnv = '' } }) => ({
    outcome: 'success',
    artifacts: [],
    facts: {},
    findings: [],
    report: { said: environment[keyEnv] },
    summary: [`it is ${environment[keyEnv]}`],
  }),
};

async function run(request: ExecutorRequest = {}): Promise<ExecutorRun> {
  const artifacts = [{ name: 'app.tar.gz', kind: 'bundle-archive' as const, content: 'bytes', platform: 'linux-x86_64' }];
  const done = await runExecutor(looking, { upstream: [{ target: 'package-linux', stage: 'package', artifacts }], ...request });
  if (!request.again) runs.push(done);
  return done;
}

it('tells a record that a run of this workspace wrote from one that came from elsewhere', async () => {
  const first = await run();
  const record = join(first.workspaceRoot, 'dist/apps/app/package-linux/artifacts.json');
  expect(seen[0]!.upstreamRecords.map(({ madeHere }) => madeHere)).toEqual([false]);
  await noteMadeHere(first.workspaceRoot, await readFile(record, 'utf8'));
  await run({ again: first });
  expect(seen[1]!.upstreamRecords.map(({ madeHere }) => madeHere)).toEqual([true]);
  const changed = (await readFile(record, 'utf8')).replace('"facts": {}', '"facts": {"verdict":"passed"}');
  await writeFile(record, changed);
  await run({ again: first });
  expect(seen[2]!.upstreamRecords.map(({ madeHere }) => madeHere)).toEqual([false]);
});

it('notes what a run wrote', async () => {
  const { workspaceRoot, folder } = await run();
  const text = await readFile(join(folder, 'artifacts.json'), 'utf8');
  await noteMadeHere(workspaceRoot, text);
  expect(await readdir(join(workspaceRoot, '.nx/workspace-data/waybill/made-here'))).toHaveLength(1);
});

it('hides the value of a variable that an option names as a secret, whatever it is called', async () => {
  const { output, report } = await run({ options: { keyEnv: 'MY_THING' }, environment: { MY_THING: 'correct horse' } });
  expect(output).toContain('it is ******');
  expect(report!.report).toEqual({ said: '******' });
});

it.each([
  [{ NX_SELF_HOSTED_REMOTE_CACHE_SERVER: 'http://127.0.0.1:1' }, {}, 'NX_SELF_HOSTED_REMOTE_CACHE_SERVER'],
  [{}, { s3: { bucket: 'b' } }, '`s3` in nx.json'],
  [{}, { tasksRunnerOptions: { default: { runner: 'nx-remotecache-minio' } } }, 'nx-remotecache-minio'],
  [{}, { nxCloudId: 'abc' }, 'nxCloudId'],
  [{ NX_CLOUD_ACCESS_TOKEN: 'abc' }, {}, 'NX_CLOUD_ACCESS_TOKEN'],
  [{ NX_CLOUD_ACCESS_TOKEN: 'abc' }, { neverConnectToCloud: true }, undefined],
  [{ NX_NO_CLOUD: 'true' }, { nxCloudId: 'abc' }, undefined],
  [{}, { tasksRunnerOptions: { default: { runner: 'nx/tasks-runners/default' } } }, undefined],
  [{}, undefined, undefined],
])('finds a remote cache in %j and %j', (variables, nxJson, expected) => {
  const found = findRemoteCache(nxJson as NxJson | undefined, variables);
  if (expected === undefined) expect(found).toBeUndefined();
  else expect(found).toContain(expected);
});

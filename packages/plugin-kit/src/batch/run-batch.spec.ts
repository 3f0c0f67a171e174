import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@waybill/core/testing';
import type { NxContext } from '../nx-context';
import type { StageHost } from '../run/stage-host';
import { runBatch, type BatchAnswer, type BatchGraph } from './run-batch';

const folder = temporaryFolder();

interface World {
  /** Project → those that it depends on. */
  projects: Readonly<Record<string, readonly string[]>>;
  fails?: readonly string[];
  configuration?: string;
  variables?: Record<string, string>;
  signal?: NodeJS.Signals;
}

interface Outcome {
  answers: BatchAnswer[];
  /** `+one`, `-one`: in the order in which they began and ended. */
  order: string[];
  ends: string[];
}

const idOf = (project: string): string => `${project}:build-wheel`;

async function run({ projects, fails = [], configuration, variables = {}, signal }: World): Promise<Outcome> {
  const names = Object.keys(projects);
  const [order, ends, listeners]: [string[], string[], Set<(signal: NodeJS.Signals) => void>] = [[], [], new Set()];
  const target = { target: 'build-wheel', ...(configuration !== undefined && { configuration }) };
  const graph: BatchGraph = {
    tasks: Object.fromEntries(names.map((project) => [idOf(project), { target: { project, ...target } }])),
    dependencies: Object.fromEntries(names.map((project) => [idOf(project), ['elsewhere:build', ...projects[project]!.map(idOf)]])),
  };
  const nodes = Object.fromEntries(names.map((name) => [name, { name, data: { root: `libs/${name}` } }]));
  const context: NxContext = { root: folder.path, projectGraph: { nodes, dependencies: {} } };
  const host = {
    variables: { NX_PARALLEL: '2', ...variables },
    onEnd: (callback: (name: NodeJS.Signals) => void) => {
      listeners.add(callback);
      return () => void listeners.delete(callback);
    },
    exit: (code: number) => void ends.push(`exit ${code}`),
  } as unknown as StageHost;
  const work = async (options: unknown, { projectName, targetName }: NxContext, own: StageHost): Promise<{ success: boolean }> => {
    const stop = own.onEnd((name) => {
      ends.push(`${projectName!} ${name}`);
      own.exit(1);
    });
    order.push(`+${projectName!}`);
    own.write(`${projectName!}:${targetName!} ${JSON.stringify(options)}`);
    await new Promise((resolve) => setImmediate(resolve));
    if (signal !== undefined) for (const callback of listeners) callback(signal);
    order.push(`-${projectName!}`);
    stop();
    return { success: !fails.includes(projectName!) };
  };
  const answers: BatchAnswer[] = [];
  const options = Object.fromEntries(names.map((name) => [idOf(name), { of: name }]));
  for await (const answer of runBatch({ graph, options, context, host, run: work })) answers.push(answer);
  expect(listeners.size).toBe(0);
  return { answers, order, ends };
}

it('runs each task with its own options, and keeps its lines together', async () => {
  const { answers } = await run({ projects: { one: [], two: [] } });
  expect(answers.map(({ task, result }) => [task, result.success, result.terminalOutput])).toEqual([
    ['one:build-wheel', true, 'one:build-wheel {"of":"one"}\n'],
    ['two:build-wheel', true, 'two:build-wheel {"of":"two"}\n'],
  ]);
  expect(answers[0]!.result.endTime).toBeGreaterThanOrEqual(answers[0]!.result.startTime!);
});

it('runs what depends on others after them, and as many at a time as it may', async () => {
  const { order } = await run({ projects: { app: ['lib'], lib: [], other: [], more: [] } });
  expect(order.slice(0, 2)).toEqual(['+lib', '+other']);
  expect(order.indexOf('+app')).toBeGreaterThan(order.indexOf('-lib'));
});

it.each(['1', '1%', '0', '-1'])('runs one at a time with NX_PARALLEL=%s, as Nx would', async (parallel) => {
  const { order } = await run({ projects: { one: [], two: [] }, variables: { NX_PARALLEL: parallel } });
  expect(order).toEqual(['+one', '-one', '+two', '-two']);
});

it('skips what depends on a failure, and all behind that', async () => {
  const { answers } = await run({ projects: { lib: [], app: ['lib'], shop: ['app'], other: [] }, fails: ['lib'] });
  const told = answers.map(({ task, result: { success, status } }) => `${task} ${status ?? success}`).sort();
  expect(told).toEqual(['app:build-wheel skipped', 'lib:build-wheel false', 'other:build-wheel true', 'shop:build-wheel skipped']);
});

describe('GRAPH_BATCH_ENV: variables of a file that Nx loads for a single task, and not for a batch', () => {
  const NAMED = ['.env.build-wheel', '.env.build-wheel.local', '.build-wheel.env', '.build-wheel.local.env'];
  const CONFIGURED = ['.env.production', '.production.local.env', '.env.build-wheel.production', '.build-wheel.production.env'];
  const UNNAMED = ['.env', '.env.local', '.local.env'];
  /** Names like those; Nx loads none of them. */
  const OTHERS = ['.env.example', '.env.sample', '.env.build-wheel-macos', '.build-wheels.env', '.env.staging', '.env.build-wheel.staging', 'env.py'];

  it.each<[string, string | undefined, readonly string[], readonly string[]]>([
    ['of the workspace', undefined, NAMED, [...UNNAMED, ...CONFIGURED, ...OTHERS]],
    ['of the workspace, with a configuration', 'production', [...NAMED, ...CONFIGURED], [...UNNAMED, ...OTHERS]],
    ['of the project', undefined, [...NAMED, ...UNNAMED], [...CONFIGURED, ...OTHERS]],
    ['of the project, with a configuration', 'production', [...NAMED, ...CONFIGURED, ...UNNAMED], OTHERS],
  ])('%s', async (where, configuration, refused, taken) => {
    const project = `p${String(refused.length)}-${String(taken.length)}`;
    const place = where.startsWith('of the project') ? `libs/${project}/` : '';
    mkdirSync(join(folder.path, 'libs', project, '.production.env'), { recursive: true });
    const answer = async (): Promise<BatchAnswer['result']> =>
      (await run({ projects: { [project]: [] }, ...(configuration !== undefined && { configuration }) })).answers[0]!.result;
    for (const file of taken) writeFileSync(join(folder.path, place, file), 'A=1\n');
    expect(await answer()).toMatchObject({ success: true, terminalOutput: expect.not.stringContaining('GRAPH_BATCH_ENV') });
    for (const file of refused) writeFileSync(join(folder.path, place, file), 'A=1\n');
    const { success, terminalOutput } = await answer();
    for (const file of [...refused, ...taken]) rmSync(join(folder.path, place, file));
    expect(success).toBe(false);
    expect(terminalOutput).toMatch(/GRAPH_BATCH_ENV[^]*fix: .*--batch/);
    const named = [...terminalOutput.split('fix:')[0]!.matchAll(/`([^`]*\benv\b[^`]*)`/gi)].map(([, file]) => file);
    expect(named).toEqual(refused.map((file) => `${place}${file}`).sort());
  });
});

it('takes files of variables for nothing where Nx loads none (NX_LOAD_DOT_ENV_FILES=false)', async () => {
  const file = join(folder.path, '.env.build-wheel');
  writeFileSync(file, 'A=1\n');
  const successes = ['false', 'true'].map(
    async (NX_LOAD_DOT_ENV_FILES) => (await run({ projects: { one: [] }, variables: { NX_LOAD_DOT_ENV_FILES } })).answers,
  );
  expect((await Promise.all(successes)).map(([answer]) => answer!.result.success)).toEqual([true, false]);
  rmSync(file);
});

it('lets every run clean up before the process ends', async () => {
  const { ends } = await run({ projects: { one: [], two: [] }, signal: 'SIGTERM' });
  expect(ends.slice(0, 3)).toEqual(['one SIGTERM', 'two SIGTERM', 'exit 1']);
});

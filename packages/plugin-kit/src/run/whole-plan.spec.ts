import { temporaryFolder } from '@waybill/core/testing';
import { stageRow } from '@waybill/artifacts';
import type { NxContext } from '../nx-context';
import type { Prepared, StageRun } from './prepare-stage';
import { keepOverview, overviewOf, wholePlan } from './whole-plan';

const folder = temporaryFolder();

const EXECUTORS: Readonly<Record<string, string>> = {
  build: 'nx:run-commands',
  package: '@waybill/bundle:package-dist',
  sign: '@waybill/signing:sign',
  publish: '@waybill/release:publish',
  release: 'nx:noop',
};
const target = (name: string, project = 'app') => ({ target: { project, target: name } });
const targets = Object.fromEntries(Object.entries(EXECUTORS).map(([name, executor]) => [name, { executor }]));

/** lib:publish and, behind app:build, app:package → app:sign → app:publish → app:release. */
const contextOf = (targetName: string, projectName = 'app'): NxContext => ({
  root: '/w',
  projectName,
  targetName,
  projectGraph: {
    nodes: { app: { name: 'app', data: { root: 'app', targets } }, lib: { name: 'lib', data: { root: 'lib', targets } } },
    dependencies: {},
  },
  taskGraph: {
    tasks: {
      ...Object.fromEntries(Object.keys(EXECUTORS).map((name) => [`app:${name}`, target(name)])),
      'lib:publish': target('publish', 'lib'),
    },
    dependencies: {
      'app:release': ['app:publish'],
      'app:publish': ['app:sign', 'lib:publish'],
      'app:sign': ['app:package'],
      'app:package': ['app:build'],
    },
  },
});

const run = (name: string, project = 'app'): StageRun =>
  ({ id: { project, target: name }, row: stageRow(name), nx: contextOf(name, project) }) as unknown as StageRun;

const keep = async (name: string, plan: object, project = 'app', tools: object = {}, foreign: readonly object[] = []): Promise<void> => {
  const prepared = { context: { resolvedTools: tools }, foreign } as unknown as Prepared<unknown>;
  await keepOverview(folder.path, overviewOf(run(name, project), prepared, { artifacts: [], lines: [], ...plan }));
};

it('is told by the last target of ours: what each before it makes, with what, in order', async () => {
  const patchelf = { id: 'patchelf', version: '0.19.3', source: 'managed' };
  await keep('package', { artifacts: [{ name: 'a.tar.gz' }, { name: 'a-symbols.tar.gz' }] }, 'app', { patchelf }, [
    { project: 'app', target: 'build' },
  ]);
  await keep('sign', { overview: ['key: none'], skip: 'unsigned: not yet' });
  await keep('publish', {}, 'lib');
  await keep('publish', { overview: ['sends 2 files to place: s3 bucket', 'credentials of place: KEY is set'] });
  expect(await wholePlan(run('publish'), folder.path)).toEqual([
    'the whole plan, of 4 targets: nothing is changed',
    '  app:package  makes a.tar.gz, a-symbols.tar.gz',
    '               with patchelf 0.19.3 (managed)',
    '               behind app:build, which ran for real',
    '  app:sign     skipped: unsigned: not yet',
    '               key: none',
    '  lib:publish  publish, makes no file',
    '  app:publish  sends 2 files to place: s3 bucket',
    '               credentials of place: KEY is set',
  ]);
});

it('is not told by one that others wait for, nor where there is one alone', async () => {
  for (const name of ['package', 'sign', 'publish']) await keep(name, {});
  expect(await wholePlan(run('package'), folder.path)).toEqual([]);
  expect(await wholePlan(run('sign'), folder.path)).toEqual([]);
  await keep('publish', {}, 'lib');
  expect(await wholePlan(run('publish', 'lib'), folder.path)).toEqual([]);
  const { taskGraph: _none, ...alone } = contextOf('publish');
  expect(await wholePlan({ ...run('publish'), nx: alone }, folder.path)).toEqual([]);
});

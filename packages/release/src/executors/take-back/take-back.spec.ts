import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createProcesses } from '@waybill/core';
import { tagFormsOfName } from '@waybill/plugin-kit';
import { runExecutor, type ExecutorRequest, type ExecutorRun } from '@waybill/plugin-kit/testing';
import { releasedFiles } from '../../testing/released-files';
import { publishStage } from '../publish/publish';
import { gatherTakeBack } from './apply';
import { takeBackStage } from './take-back';

const TO = [{ type: 'folder', path: 'channel', simpleIndex: true }];
const WHEELS = { 'word_tally-0.3.0-py3-none-any.whl': 'wheel' };
const common = { processes: createProcesses(), environment: { PATH: process.env['PATH'] ?? '' } };
const runs: ExecutorRun[] = [];
afterEach(async () => {
  for (const done of runs.splice(0)) await done.remove();
});

/** A workspace whose `publish` has run for a version, or for two. */
async function published(options: object = { to: TO }): Promise<ExecutorRun> {
  const request: ExecutorRequest = { ...common, options, upstream: releasedFiles({ signed: true, more: WHEELS }), targetLines: { options } as never };
  const done = await runExecutor(publishStage, request);
  runs.push(done);
  return done;
}

/** The same workspace, as the target `take-back` sees it. */
async function takeBack(
  before: ExecutorRun,
  options: object,
  dryRun = false,
  environment: Readonly<Record<string, string>> = common.environment,
): Promise<ExecutorRun> {
  const node = before.context.projectGraph.nodes['app']!;
  const target = { executor: '@waybill/release:take-back', outputs: ['{workspaceRoot}/dist/{projectRoot}/take-back'], dependsOn: [] };
  const targets = { ...node.data.targets, 'take-back': target };
  const projectGraph = { ...before.context.projectGraph, nodes: { app: { ...node, data: { ...node.data, targets } } } };
  const again = { ...before, context: { ...before.context, targetName: 'take-back', projectGraph } };
  return runExecutor(takeBackStage, { ...common, environment, options, again, dryRun });
}

it('takes a release out of a folder and its index, moves the pointer, and it is not published again', async () => {
  const first = await published();
  const done = await takeBack(first, { release: '0.3.0', confirm: true });
  expect(done.output).toContain('channel/app/0.3.0 is now .0.3.0.taken-back');
  expect(done.success).toBe(true);
  expect(readdirSync(join(first.workspaceRoot, 'channel/app'))).toEqual(['.0.3.0.taken-back']);
  expect(readFileSync(join(first.workspaceRoot, 'channel/simple/index.html'), 'utf8')).not.toContain('word-tally');
  const again = await runExecutor(publishStage, { ...common, options: { to: TO }, again: first });
  expect([again.success, again.output.includes('PUBLISH_TAKEN_BACK')]).toEqual([false, true]);
  rmSync(join(first.workspaceRoot, '.waybill'), { recursive: true });
  const elsewhere = await runExecutor(publishStage, { ...common, options: { to: TO }, again: first });
  expect([elsewhere.success, elsewhere.output]).toEqual([false, expect.stringMatching(/PUBLISH_TAKEN_BACK[^]*\.0\.3\.0\.taken-back stands there/)]);
  const twice = await takeBack(first, { release: '0.3.0', confirm: true });
  expect([twice.success, twice.output.includes('folder: absent')]).toEqual([true, true]);
  expect(twice.output).toContain('channel/app has no 0.3.0, it was taken back before: .0.3.0.taken-back');
});

it('takes a release back that stands there in another spelling of its version, and again', async () => {
  const first = await published();
  for (let turn = 1; turn <= 2; turn += 1) {
    const done = await takeBack(first, { release: '0.3', confirm: true });
    expect([done.success, readdirSync(join(first.workspaceRoot, 'channel/app'))]).toEqual([true, ['.0.3.0.taken-back']]);
    expect(readdirSync(join(first.workspaceRoot, '.waybill/ledger/app'))).toEqual(['0.3.0']);
  }
  const again = await runExecutor(publishStage, { ...common, options: { to: TO }, again: first });
  expect(again.output).toMatch(/PUBLISH_TAKEN_BACK[^]*the ledger/);
});

it('does not let the version be published again in another spelling, on a machine with the ledger or without', async () => {
  const first = await published();
  await takeBack(first, { release: '0.3.0', confirm: true });
  for (const [words, without] of [
    ['the ledger', undefined],
    ['.0.3.0.taken-back stands there', '.waybill'],
  ] as const) {
    if (without !== undefined) rmSync(join(first.workspaceRoot, without), { recursive: true });
    const again = await runExecutor(publishStage, { ...common, options: { to: TO, releaseVersion: '0.3' }, again: first });
    expect(again.output).toMatch(new RegExp(`PUBLISH_TAKEN_BACK[^]*${words.replaceAll('.', '\\.')}`));
    expect(readdirSync(join(first.workspaceRoot, 'channel/app'))).toEqual(['.0.3.0.taken-back']);
  }
});

it('`PUBLISH_NOT_THERE`: a slip in the version is told, and blocks nothing', async () => {
  const first = await published();
  const slip = await takeBack(first, { release: '0.4.0', confirm: true });
  expect([slip.success, slip.output]).toEqual([
    false,
    expect.stringMatching(/PUBLISH_NOT_THERE .*`0\.4\.0`[\s\S]*folder: channel\/app has no 0\.4\.0/),
  ]);
  expect(existsSync(join(first.workspaceRoot, '.waybill/ledger/app/0.4.0'))).toBe(false);
});

it('knows the release by its tag, wherever that stands, and by the name that `publish` gives it', async () => {
  const first = await published({ to: TO, name: 'chat' });
  const git = (...args: string[]): unknown =>
    execFileSync('git', ['-C', first.workspaceRoot, '-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], { stdio: 'pipe' });
  git('init', '--quiet');
  for (const message of ['one', 'two']) {
    git('commit', '--quiet', '--allow-empty', '-m', message);
    if (message === 'one') for (const tag of ['v0.3.0', 'app@0.3.0', 'other@0.3.0', 'app@0.3.1']) git('tag', tag);
  }
  const options = takeBackStage.options.parse({ release: '0.3', confirm: true });
  const context = { ...first, options } as never;
  const target = { target: 'publish', executor: '@waybill/release:publish', options: { to: TO, name: 'chat' } };
  const facts = await gatherTakeBack({
    ...(context as object),
    ...{ options, projectName: 'app', name: 'app', projectTargets: [target], sourceDateEpoch: 0, tagForms: tagFormsOfName('app') },
    ...{ processes: common.processes, workspaceRoot: first.workspaceRoot, toolEnvironment: common.environment },
  } as never);
  expect(facts.release).toMatchObject({ name: 'chat', tag: 'app@0.3.0' });
  const done = await takeBack(first, { release: '0.3.0', confirm: true });
  expect([done.success, done.output]).toEqual([true, expect.stringContaining('channel/chat/0.3.0 is now')]);
});

it('PUBLISH_NOT_CONFIRMED: says what it would do; so does a dry run, which succeeds', async () => {
  const first = await published();
  const asked = await takeBack(first, { release: '0.3.0' });
  expect([asked.success, asked.output.includes('PUBLISH_NOT_CONFIRMED')]).toEqual([false, true]);
  const dry = await takeBack(first, { release: '0.3.0' }, true);
  expect(dry.output).toMatch(/take app 0\.3\.0 back from folder \(folder\): \d files stand there$/m);
  expect(dry.success).toBe(true);
  expect(existsSync(join(first.workspaceRoot, 'channel/app/0.3.0'))).toBe(true);
});

it('a dry run says what stands at each place, or that the place was not asked, and writes nothing', async () => {
  const s3 = { type: 's3', id: 'far', bucket: 'releases', endpoint: 'http://127.0.0.1:1' };
  const silent = { ...s3, id: 'silent', accessKeyIdEnv: 'KEY', secretAccessKeyEnv: 'SECRET' };
  const first = await published();
  Object.assign(first.context.projectGraph.nodes['app']!.data.targets!['publish']!, { options: { to: [...TO, s3, silent] } });
  const dry = async (release: string): Promise<string> =>
    (await takeBack(first, { release }, true, { PATH: process.env['PATH'] ?? '', KEY: 'k', SECRET: 's' })).output;
  const before = await dry('0.3.0');
  expect(before).toMatch(/from folder \(folder\): \d files stand there$/m);
  expect(before).toMatch(/from far \(s3\): not asked what stands there: R2_ACCESS_KEY_ID and R2_SECRET_ACCESS_KEY not set$/m);
  expect(before).toMatch(/from silent \(s3\): what stands there cannot be told: [A-Z0-9]+_[A-Z0-9_]+ \S/m);
  expect(await dry('0.4.0')).toMatch(/from folder \(folder\): nothing of it stands there$/m);
  await takeBack(first, { release: '0.3.0', confirm: true, only: ['folder'] });
  expect(await dry('0.3.0')).toMatch(/from folder \(folder\): it was taken back before: /m);
  expect(existsSync(join(first.workspaceRoot, '.waybill/ledger/app/0.4.0'))).toBe(false);
});

it.each([
  ['PUBLISH_NO_TARGET', { release: '0.3.0', confirm: true, from: 'deploy' }],
  ['PUBLISH_ID_UNKNOWN', { release: '0.3.0', confirm: true, only: ['nowhere'] }],
])('%s', async (code, options) => {
  const done = await takeBack(await published(), options);
  expect([done.success, done.output.includes(code)]).toEqual([false, true]);
});

it('tells all that is wrong with the destinations, and hides what their variables hold', async () => {
  const first = await published();
  const s3 = (id: string): object => ({ type: 's3', id, bucket: 'releases', endpoint: 'http://127.0.0.1:1', accessKeyIdEnv: `${id}_ID` });
  const node = first.context.projectGraph.nodes['app']!;
  Object.assign(node.data.targets!['publish']!, { options: { to: [...TO, s3('one'), s3('two')] } });
  const done = await takeBack(first, { release: '0.3.0', confirm: true });
  expect([done.success, done.output]).toEqual([false, expect.stringMatching(/PUBLISH_PREFLIGHT[^]*one_ID[^]*two_ID/)]);
  expect(existsSync(join(first.workspaceRoot, 'channel/app/0.3.0'))).toBe(true);
  const { projectTargets } = { projectTargets: [{ target: 'publish', executor: '@waybill/release:publish', options: { to: [s3('one')] } }] };
  const options = takeBackStage.options.parse({ release: '0.3.0' });
  expect(takeBackStage.secrets!(options, projectTargets)).toEqual(['one_ID', 'R2_SECRET_ACCESS_KEY']);
  expect(takeBackStage.secrets!(options, [])).toEqual([]);
});

it('moves the pointer of the channel that the release was published to, whatever its version says', async () => {
  const first = await published({ to: TO, channel: 'prerelease' });
  expect(existsSync(join(first.workspaceRoot, 'channel/app/prerelease.json'))).toBe(true);
  const done = await takeBack(first, { release: '0.3.0', confirm: true });
  expect([done.success, readdirSync(join(first.workspaceRoot, 'channel/app'))]).toEqual([true, ['.0.3.0.taken-back']]);
});

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Tree } from '@nx/devkit';
import { problemsOfCatalog, temporaryFolder } from '@waybill/core/testing';
import { targetsFor } from '@waybill/plugin-kit';
import { makeCommit } from '../../testing/make-commit';
import { EMBEDDED, LIBRARY, STAGED, treeOf } from '../../testing/released-projects';
import ciWorkflow, { WORKFLOWS } from './generator';
import { workflowErrors } from './workflow-errors';

const yaml = createRequire(require.resolve('nx/package.json'))('yaml') as { parse(text: string): unknown };
const folder = temporaryFolder();
const PATH = WORKFLOWS.gitlab;

interface Job {
  stage?: string;
  needs?: string[];
  tags?: string[];
  rules?: { if: string; when?: string }[];
  script?: string[];
  environment?: { name: string };
  id_tokens?: object;
  resource_group?: string;
  artifacts?: { when?: string; paths?: string[]; exclude?: string[]; expire_in?: string };
}

const LINUX = { chat: { kind: 'python-app' as const, platforms: ['linux-x86_64', 'linux-aarch64'] } };
const PROJECTS = { library: LIBRARY, 'staged-library': STAGED, 'python-app': LINUX };

const run = (tree: Tree, options: object = {}): Promise<unknown> => ciWorkflow(tree, { skipFormat: true, provider: 'gitlab', ...options });

async function pipelineOf(
  projects: Parameters<typeof treeOf>[0],
  options: object = {},
): Promise<{ tree: Tree; text: string; jobs: Record<string, Job> }> {
  const tree = treeOf(projects);
  await run(tree, options);
  const text = tree.read(PATH, 'utf8')!;
  const { '.waybill': _base, ...jobs } = yaml.parse(text) as Record<string, Job>;
  return { tree, text, jobs };
}

describe.each(Object.entries(PROJECTS))('the pipeline of %s', (kind, projects) => {
  let text: string;
  let jobs: Record<string, Job>;
  beforeAll(async () => void ({ text, jobs } = await pipelineOf(projects)));

  it('is the golden one', () => {
    const path = join(__dirname, 'golden', `gitlab-${kind}.yml`);
    if (process.env['WAYBILL_WRITE_GOLDEN'] === '1') writeFileSync(path, text);
    expect(existsSync(path)).toBe(true);
    expect(text).toBe(readFileSync(path, 'utf8'));
  });

  it('stands in stages that GitLab has, needs jobs that there are, and stores what each makes also when it fails', () => {
    for (const [id, job] of Object.entries(jobs)) {
      expect([id, ['build', 'test', 'deploy'].includes(job.stage!)]).toEqual([id, true]);
      expect(job.needs!.filter((need) => jobs[need] === undefined)).toEqual([]);
      if (id !== 'select') expect([id, job.artifacts]).toEqual([id, expect.objectContaining({ when: 'always', paths: ['dist/'] })]);
    }
  });

  it('names each target of the projects once', () => {
    const wanted = new Set(Object.values(projects).flatMap((request) => Object.keys(targetsFor(request))));
    const scripts = Object.values(jobs).flatMap(({ script = [] }) => script);
    const named = scripts.flatMap((line) => / -t (\S+)/.exec(line)?.[1]?.split(',') ?? []);
    expect([...wanted].filter((name) => !named.includes(name) && !/^(prepare-|release$|take-back|nx-release-publish)/.test(name))).toEqual([]);
    expect(named.filter((name) => !wanted.has(name))).toEqual([]);
  });

  it('runs merge requests up to the proof, and lets out only tags that somebody let out', () => {
    const ofRequests = Object.entries(jobs).filter(([, { rules }]) => JSON.stringify(rules).includes('merge_request_event'));
    expect(ofRequests.map(([id]) => id).filter((id) => !/^(select|package-)/.test(id))).toEqual([]);
    const [last] = Object.entries(jobs).slice(-1)[0]!;
    expect(last).toBe(kind === 'staged-library' ? 'promote' : 'publish');
    expect(jobs[last]).toMatchObject({
      rules: [{ if: '$CI_COMMIT_TAG', when: 'manual' }],
      environment: { name: 'release' },
      resource_group: 'release',
    });
    const withToken = Object.entries(jobs).filter(([, job]) => job.id_tokens !== undefined);
    expect(withToken.map(([id]) => id)).toEqual(kind === 'library' ? ['publish'] : []);
    if (kind !== 'staged-library') return;
    expect(jobs['stage']).toMatchObject({ rules: [{ if: '$CI_COMMIT_TAG' }], environment: { name: 'staging' }, needs: ['select', 'sign-checksums'] });
    expect(jobs['stage']!.script![0]).toContain('-t publish --only=testpypi ');
    expect(text.split('\npromote:').map((part) => part.includes('RELEASE_TOKEN'))).toEqual([false, true]);
  });
});

it('takes what several machines make from the first alone, and asks for a runner of the other kind', async () => {
  const { jobs } = await pipelineOf(LINUX);
  expect([jobs['sign-linux-aarch64']!.artifacts!.exclude, jobs['sign-linux-x86_64']!.artifacts!.exclude]).toEqual([
    ['dist/**/build-wheel/**/*'],
    undefined,
  ]);
  expect([jobs['package-linux-aarch64']!.tags, jobs['package-linux-x86_64']!.tags]).toEqual([['saas-linux-small-arm64'], undefined]);
});

it.each([
  ['merge_request_event', '', 'affected --base={base} --head=HEAD'],
  ['push', 'v1.2.0', 'run-many'],
  ['push', '@acme/wordtally@1.2.0', 'run-many --projects=@acme/wordtally'],
  ['web', '', 'run-many'],
])('selects for %s %s: %s', async (source, tag, expected) => {
  const { jobs } = await pipelineOf(LIBRARY);
  const base = makeCommit(folder.path, 'origin/main');
  const env = { PATH: process.env['PATH'], CI_PIPELINE_SOURCE: source, CI_COMMIT_TAG: tag, CI_MERGE_REQUEST_DIFF_BASE_SHA: base };
  const select = (more: object): number | null =>
    spawnSync('bash', ['-eo', 'pipefail', '-c', jobs['select']!.script![1]!], { cwd: folder.path, env: { ...env, ...more } }).status;
  expect([select({}), readFileSync(join(folder.path, 'select.env'), 'utf8')]).toEqual([0, `SELECT=${expected.replace('{base}', base)}\n`]);
  expect(select({ CI_MERGE_REQUEST_DIFF_BASE_SHA: '0'.repeat(40) })).toBe(source === 'merge_request_event' ? 1 : 0);
});

it('with all that can be asked for is the golden one', async () => {
  const { text } = await pipelineOf(LINUX, { runner: 'docker,privileged', remoteCache: true, image: 'registry.example.org/ci:1' });
  const path = join(__dirname, 'golden/gitlab-python-app-with-options.yml');
  if (process.env['WAYBILL_WRITE_GOLDEN'] === '1') writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, 'utf8'));
});

it('runs on the runners whose tags are given, but what is made on the other architecture', async () => {
  const { text, tree, jobs } = await pipelineOf(LINUX, { runner: 'docker, privileged' });
  const { '.waybill': base } = yaml.parse(text) as Record<string, Job>;
  expect(base!.tags).toEqual(['docker', 'privileged']);
  expect(Object.entries(jobs).flatMap(([id, { tags }]) => (tags ? `${id} ${tags.join()}` : []))).toEqual([
    'package-linux-aarch64 saas-linux-small-arm64',
    'sign-linux-aarch64 saas-linux-small-arm64',
  ]);
  await run(tree);
  expect(tree.read(PATH, 'utf8')).toBe(text);
});

describe('a remote cache', () => {
  const SERVER = 'NX_SELF_HOSTED_REMOTE_CACHE_SERVER';
  /** What Nx would see in the job for packages, as the shell of the job leaves it. */
  async function seen(options: object, variables: Record<string, string>): Promise<string> {
    const { text } = await pipelineOf(LIBRARY, { ...options, image: 'registry.example.org/ci:1' });
    const { '.waybill': base, ...jobs } = yaml.parse(text) as Record<string, Job & { before_script: string[] }>;
    const lines = [...base!.before_script, ...jobs['package-linux-x86_64']!.script!].filter((line) => !/^(npm|npx) /.test(line));
    const script = [...lines, `echo "$${SERVER} $NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN $NX_NO_CLOUD"`].join('\n');
    const { stdout } = spawnSync('bash', ['-eo', 'pipefail', '-c', script], { env: { PATH: process.env['PATH'], ...variables }, encoding: 'utf8' });
    return stdout.trim();
  }
  const project = { [SERVER]: 'https://cache.example.org', NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: 'writes', NX_NO_CLOUD: 'false' };
  const request = { CI_PIPELINE_SOURCE: 'merge_request_event' };
  const reader = { NX_CACHE_READ_TOKEN: 'reads' };

  it.each<[string, object, Record<string, string>, string]>([
    ['a release, whatever variables the project has', {}, { ...project, ...reader }, 'true'],
    ['a release where requests read it', { remoteCache: true }, { ...project, ...reader, CI_COMMIT_TAG: 'v1.0' }, 'true'],
    ['a request, unless that is asked for', {}, { ...project, ...reader, ...request }, 'true'],
    ['a request without the token that reads', { remoteCache: true }, { ...project, ...request }, 'true'],
  ])('is none for %s', async (_, options, variables, expected) => expect(await seen(options, variables)).toBe(expected));

  it('is read by requests to merge where that is asked for', async () => {
    expect(await seen({ remoteCache: true }, { ...project, ...reader, ...request })).toBe('https://cache.example.org reads true');
  });
});

describe('.gitlab-ci.yml', () => {
  it('is written where there is none, and included once', async () => {
    const { tree } = await pipelineOf(LIBRARY);
    expect(yaml.parse(tree.read('.gitlab-ci.yml', 'utf8')!)).toEqual({ include: [{ local: PATH }] });
    await run(tree, { check: true });
    expect(await ciWorkflow(tree)).toBeUndefined();
  });

  it('stays as it is where it is the user’s', async () => {
    const tree = treeOf(LIBRARY);
    tree.write('.gitlab-ci.yml', 'stages: [build, test, deploy]\n');
    await run(tree);
    expect(tree.read('.gitlab-ci.yml', 'utf8')).toBe('stages: [build, test, deploy]\n');
  });
});

it('drifts with the targets, and is written again by nx sync with its options', async () => {
  const { tree } = await pipelineOf(LIBRARY, { image: 'registry.example.org/ci:1', environment: 'pypi' });
  tree.write(PATH, tree.read(PATH, 'utf8')!.replace('allow_failure: false', 'allow_failure: true'));
  await expect(run(tree, { check: true })).rejects.toMatchObject({
    code: 'GRAPH_WORKFLOW_DRIFT',
    message: expect.stringMatching(/allow_failure: false[\s\S]*--provider=gitlab`$/),
  });
  expect(await ciWorkflow(tree)).toMatchObject({ outOfSyncMessage: expect.stringContaining(PATH) });
  expect(tree.read(PATH, 'utf8')).toMatch(/image: registry\.example\.org\/ci:1[\s\S]*allow_failure: false\n {2}environment:\n {4}name: pypi/);
});

it('ends where the targets end', async () => {
  const tree = treeOf({ tally: { kind: 'library' } });
  const { targets, ...rest } = JSON.parse(tree.read('tally/project.json', 'utf8')!) as { targets: Record<string, object> };
  delete targets['publish'];
  tree.write('tally/project.json', JSON.stringify({ ...rest, targets }));
  const told = jest.spyOn(console, 'info').mockImplementation(() => undefined);
  await run(tree);
  await run(tree, { provider: 'github' });
  expect(told.mock.calls.flat().join('\n')).toContain('no project has a target `publish`');
  told.mockRestore();
  const github = yaml.parse(tree.read(WORKFLOWS.github, 'utf8')!) as { jobs: object };
  expect([Object.keys(github.jobs).at(-1), Object.keys(yaml.parse(tree.read(PATH, 'utf8')!) as object).at(-1)]).toEqual([
    'checksum',
    'sign-checksums',
  ]);
});

describe('refuses', () => {
  it('a platform that GitLab’s runners have not, or not for us', async () =>
    expect(run(treeOf(EMBEDDED))).rejects.toMatchObject({ code: 'GRAPH_WORKFLOW_PLATFORM', message: expect.stringContaining('linux-aarch64') }));

  it('a Python that the image has not', async () => {
    const tree = treeOf(LIBRARY);
    tree.write('.python-version', '3.12\n');
    await expect(run(tree)).rejects.toMatchObject({ code: 'GRAPH_WORKFLOW_IMAGE', message: expect.stringContaining('expected 3.12') });
    await run(tree, { image: 'registry.example.org/python-node:3.12' });
  });
});

it('the catalog holds', () => expect(problemsOfCatalog(workflowErrors, join(__dirname, '../..'))).toEqual([]));

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { NxGraph, NxTarget } from '@waybill/plugin-kit';
import { judgeNpmUpdates, judgeSettings, rowOf, type WorkspaceSettings } from './judge-settings';
import { judgeTargetDefaults } from './judge-target-defaults';
import { judgeGit, judgeTagsAtOnce, judgeVersions, judgeWorkflows } from './judge-surroundings';

const DRY = [{ env: 'NX_DRY_RUN' }, { env: 'WAYBILL_DRY_RUN' }];
const out = (name: string): string[] => [`{workspaceRoot}/dist/{projectRoot}/${name}`];

const WELL: Readonly<Record<string, NxTarget>> = {
  'package-linux': { executor: '@waybill/bundle:package-dist', cache: true, inputs: DRY, outputs: out('package-linux') },
  'smoke-linux': { executor: '@waybill/bundle:relocatability-smoke', cache: true, inputs: DRY, outputs: out('smoke-linux') },
  'sign-linux': { executor: '@waybill/signing:sign', cache: false, outputs: out('sign-linux') },
  publish: { executor: '@waybill/release:publish', cache: false, outputs: out('publish') },
  release: { executor: 'nx:noop' },
  'nx-release-publish': { executor: '@waybill/release:publish', cache: false, outputs: out('nx-release-publish') },
};
const graphOf = (targets: Readonly<Record<string, NxTarget>>): NxGraph => ({
  nodes: { app: { name: 'app', data: { root: 'apps/app', targets } } },
  dependencies: {},
});
const NX_JSON: WorkspaceSettings = { plugins: [{ plugin: '@waybill/release' }] };
const checks = (targets: Readonly<Record<string, NxTarget>>, nxJson: WorkspaceSettings = NX_JSON): string[] =>
  judgeSettings('/w', graphOf({ ...WELL, ...targets }), nxJson).map(({ check, path }) => `${check} ${path ?? ''}`);

describe('judgeSettings', () => {
  it('finds nothing in a workspace that is set up well', () => expect(checks({})).toEqual([]));

  it.each<[string, Readonly<Record<string, NxTarget>>, string[]]>([
    ['a cached signature', { 'sign-linux': { ...WELL['sign-linux'], cache: true } }, ['GRAPH_CACHED_EFFECT app:sign-linux']],
    ['a cached publish', { publish: { ...WELL['publish'], cache: true } }, ['GRAPH_CACHED_EFFECT app:publish']],
    ['no dry run in the hash', { 'package-linux': { ...WELL['package-linux'], inputs: [DRY[0]!] } }, ['GRAPH_DRY_RUN_INPUT app:package-linux']],
    ['outputs elsewhere', { 'package-linux': { ...WELL['package-linux'], outputs: ['{projectRoot}/out'] } }, ['GRAPH_OUTPUTS app:package-linux']],
    [
      'outputs inside of a foreign one',
      { build: { executor: 'nx:run-commands', cache: true, outputs: ['{workspaceRoot}/dist/{projectRoot}'] } },
      Object.keys(WELL)
        .filter((name) => name !== 'release')
        .map((name) => `overlapping-outputs app:${name}`)
        .sort(),
    ],
    ['the same outputs twice', { 'sign-again': { ...WELL['sign-linux'] } }, ['overlapping-outputs app:sign-again']],
    ['npm for nx release', { 'nx-release-publish': { executor: '@nx/js:release-publish' } }, ['nx-release-publish app']],
  ])('finds %s', (_, targets, expected) => expect(checks(targets).sort()).toEqual(expected));

  it('finds outputs inside of others for a project in the root', () => {
    const targets = {
      build: { executor: 'nx:run-commands', outputs: ['{projectRoot}/dist'] },
      checksum: { executor: '@waybill/release:checksum', outputs: ['{workspaceRoot}/dist/{projectRoot}/checksum'] },
    };
    const graph = { nodes: { app: { name: 'app', data: { root: '.', targets } } }, dependencies: {} };
    expect(judgeSettings('/w', graph, NX_JSON).map(({ check }) => check)).toContain('overlapping-outputs');
  });

  it('does not care for outputs of others among themselves, or behind other names', () => {
    expect(
      checks({
        build: { executor: 'a:b', outputs: ['{projectRoot}/out'] },
        test: { executor: 'a:b', outputs: ['{projectRoot}/out/x', '{options.path}'] },
      }),
    ).toEqual([]);
    expect(checks({ other: { executor: 'a:b', outputs: ['{workspaceRoot}/dist/apps/app/package-linux-extra'] } })).toEqual([]);
  });

  it.each<[string, WorkspaceSettings, string]>([
    ['no plugin entry', { plugins: ['other'] }, 'plugin-entry nx.json'],
    ['createRelease', { ...NX_JSON, release: { changelog: { projectChangelogs: { createRelease: 'github' } } } }, 'create-release nx.json'],
    ['createRelease of a group', { ...NX_JSON, release: { groups: { apps: { changelog: { createRelease: 'github' } } } } }, 'create-release nx.json'],
  ])('finds %s', (_, nxJson, expected) => expect(checks({}, nxJson)).toEqual([expected]));

  it('takes createRelease: false', () => {
    expect(checks({}, { ...NX_JSON, release: { changelog: { workspaceChangelog: { createRelease: false }, projectChangelogs: false } } })).toEqual(
      [],
    );
  });

  it('knows stages that share an executor by the target’s name', () => {
    expect(rowOf('smoke-signed-macos', WELL['smoke-linux']!)?.stage).toBe('smoke-signed');
    expect(rowOf('prove', WELL['smoke-linux']!)?.stage).toBe('smoke');
    expect(rowOf('sign-checksums', WELL['sign-linux']!)?.stage).toBe('sign-checksums');
    expect(rowOf('release', WELL['release']!)).toBeUndefined();
  });
});

it.each([
  ['23.2.1', undefined, ['npm-updates']],
  ['24.0.6', {}, ['npm-updates']],
  ['24.0.6', { projectsAffectedByDependencyUpdates: 'auto' }, []],
  ['22.7.12', undefined, []],
])('judgeNpmUpdates, Nx %s, %j: %j', (version, setting, expected) =>
  expect(judgeNpmUpdates({ pluginsConfig: { '@nx/js': setting } }, version).map(({ check }) => check)).toEqual(expected),
);

describe('judgeTargetDefaults', () => {
  const ours = { '@waybill/signing:sign': { cache: false } };
  const judge = (byName: object, target: object = {}): string[] =>
    judgeTargetDefaults({ ...ours, build: {}, ...byName }, graphOf({ ...WELL, lint: {}, 'sign-linux': { ...WELL['sign-linux'], ...target } })).map(
      ({ level, expected, actual }) => `${level} ${expected} ${actual}`,
    );

  it.each<[string, object, object, string[]]>([
    ['what is on no target', { 'sign-linux': { parallelism: false } }, {}, ['warning parallelism as it says not on app:sign-linux']],
    ['options and dependencies', { 'sign-*': { options: { a: 1, b: 2 }, dependsOn: ['lint'] } }, { options: { b: 3 } }, ['options.a, dependsOn']],
    ['inputs, which are ours on targets', { 'sign-linux': { inputs: ['production'] } }, { inputs: ['waybillSources'] }, ['inputs as it says']],
    [
      'nothing once it is on the target',
      { 'sign-*': { options: { a: 1 }, dependsOn: ['lint'] } },
      { options: { a: 2 }, dependsOn: ['x', 'lint'] },
      [],
    ],
    ['nothing for a dependency that the project lacks', { 'sign-linux': { dependsOn: ['test'] } }, {}, []],
    ['nothing where no target has that name', { 'sign-macos': { parallelism: false } }, {}, []],
    ['nothing for lists, which Nx applies itself', { 'sign-linux': [{ options: {} }] }, {}, []],
  ])('finds %s', (_, byName, target, expected) => expect(judge(byName, target)).toEqual(expected.map((text) => expect.stringContaining(text))));

  it('says nothing where the executor has no entry', () => {
    expect(judgeTargetDefaults({ 'sign-linux': { parallelism: false } }, graphOf(WELL))).toEqual([]);
    expect(judgeTargetDefaults(undefined, graphOf(WELL))).toEqual([]);
  });
});

describe('judgeGit', () => {
  it.each([
    [{ isRepository: true, isShallow: false, hasTags: true }, []],
    [{ isRepository: true, isShallow: true, hasTags: true }, ['error git-depth']],
    [{ isRepository: true, isShallow: false, hasTags: false }, ['info git-tags']],
    [{ isRepository: false, isShallow: false, hasTags: false }, ['warning git']],
  ])('%j: %j', (facts, expected) => expect(judgeGit(facts).map(({ level, check }) => `${level} ${check}`)).toEqual(expected));
});

describe('judgeVersions', () => {
  it.each([
    ['22.7.12', []],
    ['22.7.6', ['nx-version']],
    ['23.0.1', ['nx-version']],
    ['23.2.1', []],
    ['24.0.0', []],
    ['21.9.9', ['nx-version']],
    [undefined, ['nx-version']],
  ])('Nx %s: %j', (version, expected) => expect(judgeVersions(version, { '@waybill/core': '1.0.0' }).map(({ check }) => check)).toEqual(expected));

  it('wants one version of all packages', () =>
    expect(judgeVersions('24.0.0', { '@waybill/core': '1.0.0', '@waybill/release': '1.1.0' })).toMatchObject([
      { check: 'waybill-versions', level: 'error' },
    ]));
});

it('judgeWorkflows finds a token that writes the cache where pull requests run', () => {
  const token = 'env:\n  NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: ${{ secrets.T }}\n';
  const found = judgeWorkflows([
    { path: 'a.yml', text: `on:\n  pull_request:\n${token}` },
    { path: 'b.yml', text: `on: push\n${token}` },
    { path: 'c.yml', text: 'on: pull_request\n' },
    { path: 'd.yml', text: `on:\n  pull_request:\n${token.replace('secrets.T ', "secrets.NX_CACHE_READ_TOKEN || '' ")}` },
  ]);
  expect(found).toMatchObject([{ check: 'writable-remote-cache', path: 'a.yml', level: 'error' }]);
});

it.each<[string, boolean]>([
  ['  NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: $CACHE_TOKEN', true],
  ['    - export NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN="$NX_CACHE_WRITE_TOKEN"', true],
  ['  NX_CLOUD_ACCESS_TOKEN: abc', true],
  ['    - export NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN="$NX_CACHE_READ_TOKEN"', false],
  ['  NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: ${READ_TOKEN}', false],
  ['    - unset NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN', false],
])('judgeWorkflows reads a pipeline of GitLab for merge requests: `%s`', (line, isFound) => {
  const rules = 'workflow:\n  rules:\n    - if: $CI_PIPELINE_SOURCE == "merge_request_event"\n';
  const found = (text: string): boolean => judgeWorkflows([{ path: '.gitlab-ci.yml', text }]).length > 0;
  expect([found(`${rules}variables:\n${line}\n`), found(`variables:\n${line}\n`)]).toEqual([isFound, false]);
});

it('judgeWorkflows finds nothing in the pipelines that we write', () => {
  const golden = join(__dirname, '../../generators/ci-workflow/golden');
  const files = readdirSync(golden).filter((name) => name.endsWith('.yml'));
  const pathOf = (name: string): string => (name.startsWith('gitlab-') ? '.gitlab-ci.yml' : `.github/workflows/${name}`);
  expect(files.length).toBeGreaterThan(5);
  expect(judgeWorkflows(files.map((name) => ({ path: pathOf(name), text: readFileSync(join(golden, name), 'utf8') })))).toEqual([]);
});

describe('judgeTagsAtOnce', () => {
  const workflow = { path: '.github/workflows/release.yml', text: "on:\n  push:\n    tags:\n      - '**'\n" };
  const names = ['a', 'b', 'c', 'd'];
  const graph: NxGraph = { nodes: Object.fromEntries(names.map((name) => [name, { name, data: { root: name, targets: WELL } }])), dependencies: {} };
  const few: NxGraph = { nodes: { a: graph.nodes['a']!, b: { name: 'b', data: { root: 'b', targets: {} } } }, dependencies: {} };
  const independent = { projectsRelationship: 'independent' };

  it('tells that four tags pushed at once start nothing', () =>
    expect(judgeTagsAtOnce([workflow], independent, graph)).toMatchObject([
      { level: 'warning', path: workflow.path, message: expect.stringMatching(/all 4 .* more than 3 tags/) },
    ]));

  it.each([
    ['one tag for all', [workflow], {}, graph],
    ['few projects', [workflow], independent, few],
    ['no workflow for tags', [{ ...workflow, text: 'on: push' }], independent, graph],
    ['a pipeline of GitLab', [{ ...workflow, path: '.gitlab-ci.yml' }], independent, graph],
  ])('says nothing of %s', (_, workflows, release, projects) => expect(judgeTagsAtOnce(workflows, release, projects)).toEqual([]));
});

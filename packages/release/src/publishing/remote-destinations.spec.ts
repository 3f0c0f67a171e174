import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createProcesses, type Processes } from '@waybill/core';
import { skipUnless } from '@waybill/core/testing';
import { runExecutor, type ExecutorRun } from '@waybill/plugin-kit/testing';
import { publishStage } from '../executors/publish/publish';
import { releasedFiles } from '../testing/released-files';

interface StandIn {
  url: string;
  host: string;
  apiUrl: string;
  stored: string[];
  requests: string[];
  objects: Map<string, unknown>;
  releases: { draft: boolean; body: string | null; assets: unknown[] }[];
  stop(): Promise<void>;
}

const start = async (file: string, name: string, options: object = {}): Promise<StandIn> => {
  const path = join(__dirname, '../../../../tools/stand-ins', `${file}.mjs`);
  return ((await import(pathToFileURL(path).href)) as Record<string, (options: object) => Promise<StandIn>>)[name]!(options);
};

const SECRETS = {
  R2_ACCESS_KEY_ID: 'AKIDTEST',
  R2_SECRET_ACCESS_KEY: 'secret/of+the=store',
  GITHUB_TOKEN: 'ghp_test',
  OCI_USERNAME: 'user',
  OCI_PASSWORD: 'geheim',
};

const hasRegistry = spawnSync('docker-registry', ['--version'], { stdio: 'ignore' }).status === 0;

describe('publish to a folder, S3, a registry and GitHub in one run', () => {
  const servers: StandIn[] = [];
  const runs: ExecutorRun[] = [];
  afterEach(async () => {
    for (const done of runs.splice(0)) await done.remove();
    for (const server of servers.splice(0)) await server.stop();
  });
  const publish = async (options: object, environment: Record<string, string>, more: object = {}): Promise<ExecutorRun> => {
    const done = await runExecutor(publishStage, {
      ...{ options: { requireTag: false, ...options }, upstream: releasedFiles({ signed: true }), processes: createProcesses() },
      environment: { PATH: process.env['PATH'] ?? '', ...environment },
      ...more,
    });
    if (!('again' in more)) runs.push(done);
    return done;
  };

  skipUnless(hasRegistry, 'docker-registry is not installed')('all get the same bytes, once', async () => {
    const [s3, github] = [await start('s3-server', 'startS3'), await start('github-server', 'startGithub', { tags: { '0.3.0': 'x' } })];
    const registry = await start('oci-registry', 'startRegistry', { auth: 'basic' });
    servers.push(s3, github, registry);
    const environment = {
      ...{ ...SECRETS, R2_BUCKET: 'releases', R2_ENDPOINT: s3.url, TEAM_REGISTRY: `${registry.host}/team/app` },
      ...{ GITHUB_REPOSITORY: 'team/pychat', GITHUB_API_URL: github.apiUrl },
    };
    const to = [{ type: 'folder', path: 'channel' }, { type: 's3' }, { type: 'oci', repositoryEnv: 'TEAM_REGISTRY' }, { type: 'github-release' }];
    const started: string[] = [];
    const run: Processes['run'] = (request) => (started.push([basename(request.file), ...request.args].join(' ')), createProcesses().run(request));
    const dry = await publish({ to }, environment, { dryRun: true, processes: { run } });
    expect(dry.success).toBe(true);
    // nothing is started but git, to read
    expect(started.length).toBeGreaterThan(0);
    expect(started.filter((line) => !/^git .*\b(rev-parse|for-each-ref|tag|status|diff|log|ls-files)\b/.test(line))).toEqual([]);
    expect([...s3.requests, ...github.requests].filter((line) => !/^(GET|HEAD) /.test(line))).toEqual([]);
    const files = { 'apps/app/CHANGELOG.md': '## 0.3.0 (2026-01-02)\n\n- counts faster\n\n## 0.2.0\n\n- counts\n' };
    const first = await publish({ to }, environment, { files });
    expect(first.output).toContain('s3: 4 files, 4 sent');
    expect(first.output).toContain('`app/latest.json` is 0.3.0');
    expect(first.output).toContain('oci: 4 files, 4 sent');
    expect(first.success).toBe(true);
    expect([s3.stored.length, github.stored.length, github.releases[0]!.draft]).toEqual([5, 4, false]);
    const { body } = github.releases[0]!;
    expect(body).toMatch(
      /- counts faster\n\n### Install\n[\s\S]*gh release download 0\.3\.0 --repo team\/pychat [\s\S]*### Verify\n[\s\S]*npx @waybill\/verify app-0\.3\.0 /,
    );
    expect(body).not.toContain('- counts\n');
    for (const secret of ['secret/of+the=store', 'ghp_test', 'geheim'])
      expect(first.output + readFileSync(join(first.folder, 'receipt.json'), 'utf8')).not.toContain(secret);
    const again = await publish({ to }, environment, { again: first });
    expect(again.output).toContain('github-release: 4 files, nothing was sent, all were there');
    expect([again.success, s3.stored.length, github.stored.length]).toEqual([true, 5, 4]);
  });

  it('a bucket that is missing is found, and nothing goes to the folder beside it', async () => {
    const s3 = await start('s3-server', 'startS3');
    servers.push(s3);
    const to = [
      { type: 'folder', path: 'channel' },
      { type: 's3', bucket: 'elsewhere', endpoint: s3.url },
    ];
    const done = await publish({ to }, SECRETS);
    expect([done.success, done.output.includes('There is no bucket `elsewhere`')]).toEqual([false, true]);
    expect(existsSync(join(done.workspaceRoot, 'channel'))).toBe(false);
  });

  it('all variables that are missing are told at once, and two destinations of one place with them', async () => {
    const to = [{ type: 's3' }, { type: 'folder', path: 'channel' }, { type: 'folder', id: 'twin', path: './channel' }];
    const done = await publish({ to }, {});
    expect(done.output).toContain('PUBLISH_PREFLIGHT');
    for (const one of ['R2_ACCESS_KEY_ID', 'R2_SECRET_ACCESS_KEY', 'R2_BUCKET', 'R2_ENDPOINT', 'PUBLISH_SAME_PLACE'])
      expect(done.output).toContain(one);
    expect(existsSync(join(done.workspaceRoot, 'channel'))).toBe(false);
    const dry = await publish({ to: to.slice(0, 1) }, {}, { dryRun: true });
    for (const one of ['R2_ACCESS_KEY_ID', 'R2_BUCKET']) expect(dry.output).toContain(one);
  });

  it.each([
    [{ type: 's3', bucket: 'releases' }, 'R2_ENDPOINT'],
    [{ type: 's3', endpoint: 'aws' }, 'R2_BUCKET'],
    [{ type: 'oci', repository: 'registry.test/a' }, 'OCI_PASSWORD'],
    [{ type: 'oci', repositoryEnv: 'TEAM_REGISTRY', auth: 'none' }, 'TEAM_REGISTRY'],
    [{ type: 'github-release' }, 'GITHUB_REPOSITORY'],
    [{ type: 'github-release', repository: 'a/b', tokenEnv: 'RELEASE_TOKEN' }, 'RELEASE_TOKEN'],
  ])('%j needs %s, which a dry run only misses', async (option, variable) => {
    const { OCI_PASSWORD: _, ...given } = SECRETS;
    const done = await publish({ to: [option] }, given);
    expect([done.success, done.output.includes('PUBLISH_CREDENTIAL'), done.output.includes(variable)]).toEqual([false, true, true]);
    const dry = await publish({ to: [option] }, given, { dryRun: true });
    expect([dry.success, dry.output.includes('warning credential'), dry.output.includes(variable)]).toEqual([true, true, true]);
    expect(dry.output).toMatch(new RegExp(`${variable}, .* is not set; what stands there was not asked`));
    const [, said] = /^ *credentials of \S+: (.*)$/m.exec(dry.output)!;
    expect([said!.includes(`${variable} is not set`), said!.replace(`${variable} is not set`, '').includes('not set')]).toEqual([true, false]);
  });
});

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProcesses } from '@waybill/core';
import { problemsOfCatalog, temporaryFolder } from '@waybill/core/testing';
import { readMinisignSecretKey } from '@waybill/signatures';
import { buildPackages, createNxWorkspace, type NxWorkspace } from '../testing/nx-workspace';
import { commandErrors } from './command-errors';
import { main } from './main';

const folder = temporaryFolder();
const refusal = (code: string): unknown => expect.stringMatching(new RegExp(`^${code} [^]*\\nfix: `));

async function run(...args: string[]): Promise<{ code: number; printed: string; told: string }> {
  let [printed, told] = ['', ''];
  const code = await main(args, {
    processes: createProcesses(),
    environment: process.env,
    workingFolder: folder.path,
    print: (text) => (printed += text),
    tell: (text) => (told += text),
  });
  return { code, printed, told };
}

describe('make-key', () => {
  const out = (name: string): string => join(folder.path, name);

  it('makes a key for its owner alone, says its fingerprint, and how to keep it', async () => {
    const { code, printed } = await run('make-key', '--type=minisign', '--out=keys/release.key');
    expect(code).toBe(0);
    expect(statSync(out('keys/release.key')).mode & 0o777).toBe(0o600);
    const secret = readFileSync(out('keys/release.key'), 'utf8');
    expect(readMinisignSecretKey(secret)).toMatchObject({ ok: true, facts: { state: 'open' } });
    const fingerprint = readFileSync(out('keys/release.key.pub'), 'utf8').split('\n')[1]!;
    for (const part of [fingerprint, 'Keep a copy', `release-targets <project> --sign=minisign --fingerprint=${fingerprint}`, 'RELEASE_KEY='])
      expect(printed).toContain(part);
    expect(printed).not.toContain(secret.split('\n')[1]!);
  });

  it.each(['release.key', 'release.key.pub'])('overwrites nothing: %s', async (name) => {
    writeFileSync(out(name), 'mine');
    const { code, told } = await run('make-key', '--out=release.key');
    expect({ code, told }).toEqual({ code: 2, told: refusal('SIGN_KEY_EXISTS') });
    expect(readFileSync(out(name), 'utf8')).toBe('mine');
  });

  it('leaves no key where git would take it', async () => {
    mkdirSync(out('repository'));
    spawnSync('git', ['init', '-q', out('repository')]);
    const args = ['make-key', '--out=repository/deep/release.key'];
    expect(await run(...args)).toMatchObject({ code: 2, told: refusal('SIGN_KEY_INSIDE') });
    expect(existsSync(out('repository/deep'))).toBe(false);
    writeFileSync(out('repository/.gitignore'), '*.key\n');
    expect(await run(...args)).toMatchObject({ code: 0 });
  });

  it.each(['gpg', 'ssh'])('says how a key of %s is made', async (type) => {
    expect(await run('make-key', `--type=${type}`, '--out=x')).toMatchObject({ code: 2, told: refusal('SIGN_KEY_TYPE') });
  });

  it.each([[[]], [['--out']], [['--out=x', '--type=rsa']], [['--out=x', '--force']]])('refuses %j', async (args) => {
    expect(await run('make-key', ...args)).toMatchObject({ code: 2, told: refusal('OPTION_RELEASE_COMMAND') });
  });
});

it.each([[[]], [['heal']], [['doctor', '--fix']], [['toString']]])('refuses %j', async (args) => {
  expect(await run(...args)).toMatchObject({ code: 2, told: refusal('OPTION_RELEASE_COMMAND') });
});

it('says what there is', async () => expect(await run('--help')).toMatchObject({ code: 0, printed: expect.stringContaining('doctor [--json]') }));

describe('doctor in a workspace', () => {
  let workspace: NxWorkspace;
  const doctor = (...args: string[]): { code: number | null; stdout: string; stderr: string } => {
    const command = join(__dirname, '../../dist/commands/main.js');
    const env = { PATH: process.env['PATH']!, HOME: workspace.root, NX_DAEMON: 'false', RELEASE_KEY: 'very secret' };
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, 'doctor', ...args], { cwd: workspace.root, env, encoding: 'utf8' });
    return { code: status, stdout, stderr };
  };

  beforeAll(async () => {
    await buildPackages();
    workspace = createNxWorkspace(
      {
        'package.json': { name: 'workspace', private: true },
        'nx.json': { plugins: ['@waybill/release'], analytics: false, neverConnectToCloud: true },
        '.gitignore': 'node_modules\n.nx\n',
        'app/project.json': {
          name: 'app',
          targets: {
            'sign-checksums': {
              executor: '@waybill/signing:sign',
              cache: true,
              options: { keyEnv: 'RELEASE_KEY' },
              outputs: ['{workspaceRoot}/dist/{projectRoot}/sign-checksums'],
            },
          },
        },
      },
      false,
    );
  }, 120_000);
  afterAll(() => workspace.close());

  it('ends with 1 for faults, as text and as JSON, and shows no secret', () => {
    const { code, stdout } = doctor('--json');
    const report = JSON.parse(stdout) as { verdict: string; findings: { check: string }[]; versions: object };
    expect(code).toBe(1);
    expect(report).toMatchObject({ schema: 'waybill/doctor/1', verdict: 'faults', versions: { nx: expect.stringMatching(/^\d+\./) } });
    expect(report.findings.map(({ check }) => check)).toEqual(['GRAPH_CACHED_EFFECT', 'npm-updates', 'git']);
    expect(stdout).not.toContain('very secret');
  });

  it('ends with 0 when all is well', () => {
    workspace.write({
      'app/project.json': { name: 'app', targets: { 'sign-checksums': { executor: '@waybill/signing:sign', options: { keyEnv: 'RELEASE_KEY' } } } },
    });
    expect(doctor()).toMatchObject({ code: 0, stdout: expect.stringMatching(/✓ RELEASE_KEY is set: app:sign-checksums[^]*All is well\./) });
  });

  it('ends with 2 when it cannot look', () => {
    workspace.write({ 'app/project.json': '{ "name": ' });
    expect(doctor()).toMatchObject({ code: 2, stderr: refusal('GRAPH_WORKSPACE') });
  });
});

it('the catalog holds', () => expect(problemsOfCatalog(commandErrors, join(__dirname, '..'))).toEqual([]));

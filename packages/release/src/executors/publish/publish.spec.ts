import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProcesses } from '@waybill/core';
import { runExecutor, type ExecutorRequest, type ExecutorRun } from '@waybill/plugin-kit/testing';
import { CHECKS } from '@waybill/relocation';
import { publishFileOf } from '../../publishing/publish-file';
import { withReleaseLocks } from '../../publishing/with-release-locks';
import { ARCHIVE, SUMS, releasedFiles, type ReleasedFiles } from '../../testing/released-files';
import { publishStage } from './publish';

const FOLDER = { type: 'folder', path: 'channel' };
const runs: ExecutorRun[] = [];

async function run(options: object = {}, released: ReleasedFiles = { signed: true }, more: Partial<ExecutorRequest> = {}): Promise<ExecutorRun> {
  const done = await runExecutor(publishStage, {
    options: { to: [FOLDER], ...options },
    upstream: releasedFiles(released),
    processes: createProcesses(),
    environment: { PATH: process.env['PATH'] ?? '' },
    ...more,
  });
  if (!more.again) runs.push(done);
  return done;
}
afterEach(async () => {
  for (const done of runs.splice(0)) await done.remove();
});

const FILES = [SUMS, `${SUMS}.minisig`, ARCHIVE, 'release.json'].sort();
const channel = (done: ExecutorRun, ...parts: string[]): string => join(done.workspaceRoot, 'channel', ...parts);
const receiptOf = (done: ExecutorRun): string => readFileSync(join(done.folder, 'receipt.json'), 'utf8');

describe('publish to a folder', () => {
  it('puts everything that ships there, writes a receipt, and sends nothing when it runs again', async () => {
    const first = await run();
    expect(first.output).toContain(`folder: \`${ARCHIVE}\` sent`);
    expect(first.success).toBe(true);
    expect(first.output).toContain('receipt: dist/apps/app/publish/receipt.md');
    expect(readdirSync(channel(first, 'app/0.3.0')).sort()).toEqual(FILES);
    expect(readdirSync(channel(first, 'app'))).toEqual(['0.3.0', 'stable.json']);
    expect(JSON.parse(readFileSync(channel(first, 'app/stable.json'), 'utf8'))).toMatchObject({ version: '0.3.0', channel: 'stable' });
    expect(first.record).toMatchObject({ facts: { channel: 'stable', destinations: [{ id: 'folder', type: 'folder', files: 4 }] } });
    expect(readFileSync(join(first.folder, 'receipt.md'), 'utf8')).toContain(`| \`${ARCHIVE}\` | 5 |`);
    const before = receiptOf(first);
    expect(JSON.parse(before)).toMatchObject({
      destinations: [{ verify: [`sha256sum --check --ignore-missing ${SUMS}`] }],
    });
    const again = await run({}, {}, { again: first });
    expect(again.success).toBe(true);
    expect(again.output).toContain('folder: 4 files, nothing was sent, all were there');
    expect(receiptOf(again)).toBe(before);
    const elsewhere = await run();
    expect([elsewhere.workspaceRoot === first.workspaceRoot, receiptOf(elsewhere)]).toEqual([false, before]);
  });

  it('the manifest beside an archive goes with it, and needs no proof of its own', async () => {
    const beside = `${ARCHIVE}.manifest.json`;
    const done = await run({}, { signed: true, more: { [beside]: 'entries' } });
    expect(done.success ? '' : done.output).toBe('');
    expect(readdirSync(channel(done, 'app/0.3.0')).sort()).toEqual([...FILES, beside].sort());
  });

  it('keeps its ledger where no cache and no git finds it, and does without', async () => {
    const done = await run();
    const ledger = join(done.workspaceRoot, '.waybill/ledger/app/0.3.0/folder.jsonl');
    expect(readFileSync(ledger, 'utf8').trim().split('\n')).toHaveLength(2 + 3 * FILES.length + 1);
    expect(readFileSync(join(done.workspaceRoot, '.waybill/.gitignore'), 'utf8')).toBe('*\n');
    writeFileSync(ledger, `${readFileSync(ledger, 'utf8')}{"torn`);
    expect((await run({}, {}, { again: done })).success).toBe(true);
    expect(readFileSync(ledger, 'utf8')).not.toContain('torn');
    const aside = await run({ resume: false }, {}, { again: done });
    expect([aside.success, existsSync(`${ledger}.1`)]).toEqual([true, true]);
  });

  it('waits while somebody else writes to one of its places, and nothing is written anywhere meanwhile', async () => {
    const first = await run();
    const around = { workspaceRoot: first.workspaceRoot, timeoutMs: 20_000, progress: { line: () => undefined } as never };
    const places = [{ identity: `folder ${realpathSync(first.workspaceRoot)}/second` }] as never;
    const to = ['first', 'second'].map((path) => ({ ...FOLDER, id: path, path }));
    const written = (): boolean[] => to.map(({ path }) => existsSync(join(first.workspaceRoot, path)));
    const [other] = await withReleaseLocks(around, places, async () => {
      const started = run({ to }, {}, { again: first });
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(written()).toEqual([false, false]);
      return [started];
    });
    const done = await other!;
    expect([done.success, written()]).toEqual([true, [true, true]]);
    expect(done.output).toMatch(/waiting for process \d+, which publishes to the same place/);
  });

  it('`PUBLISH_CONFLICT`: refuses other bytes under a name, before anything moves', async () => {
    const done = await run();
    writeFileSync(channel(done, 'app/0.3.0', ARCHIVE), 'other');
    writeFileSync(channel(done, 'app/stable.json'), 'as it was');
    const other = await run({ to: [FOLDER, { ...FOLDER, id: 'second', path: 'second' }] }, {}, { again: done });
    expect(other.success).toBe(false);
    expect(other.output).toContain('PUBLISH_CONFLICT');
    expect([existsSync(join(done.workspaceRoot, 'second')), readFileSync(channel(done, 'app/stable.json'), 'utf8')]).toEqual([false, 'as it was']);
  });

  it('replaces a release that was made without a tag, says so, and leaves one with a tag alone', async () => {
    const trial = await run({}, { signed: true, trial: true });
    writeFileSync(channel(trial, 'app/0.3.0', ARCHIVE), 'other');
    writeFileSync(channel(trial, 'app/0.3.0/stranger'), 'x');
    mkdirSync(channel(trial, 'app/.0.3.0.incomplete'));
    writeFileSync(channel(trial, 'app/.0.3.0.incomplete', SUMS), 'of a run that was killed');
    writeFileSync(channel(trial, 'app/.0.3.0.incomplete/rest'), 'x');
    const again = await run({}, {}, { again: trial });
    expect(again.output).toContain('other bytes of 0.3.0 stand there; they were made without a release tag and are replaced');
    expect([again.success, readdirSync(channel(trial, 'app/0.3.0')).sort(), readdirSync(channel(trial, 'app'))]).toEqual([
      true,
      FILES,
      ['0.3.0', 'stable.json'],
    ]);
    expect((await run({}, {}, { again: trial })).output).toContain('nothing was sent, all were there');
  });

  it('lists wheels and sdists for pip when asked', async () => {
    const more = { 'word_tally-0.3.0-py3-none-any.whl': 'wheel', 'word_tally-0.3.0.tar.gz': 'sdist' };
    const done = await run({ to: [{ ...FOLDER, simpleIndex: true }] }, { signed: true, more });
    const page = readFileSync(channel(done, 'simple/word-tally/index.html'), 'utf8');
    expect(page.match(/href="[^"]*"/g)).toHaveLength(2);
    expect(page).toContain('href="../../app/0.3.0/word_tally-0.3.0-py3-none-any.whl#sha256=');
    expect(existsSync(join(channel(done, 'simple/word-tally'), '../../app/0.3.0/word_tally-0.3.0-py3-none-any.whl'))).toBe(true);
    expect(readFileSync(channel(done, 'simple/index.html'), 'utf8')).toContain('<a href="word-tally/">');
    expect(receiptOf(done)).toContain('pip install --index-url \\"file://$PWD/channel/simple/\\" word-tally==0.3.0');
    expect(receiptOf(done)).toContain('"cd channel/app/0.3.0"');
  });

  it('`PUBLISH_FOLDER`: a project that is called as the index is does not go where the index stands', async () => {
    const refused = await run({ to: [{ ...FOLDER, simpleIndex: true }], name: 'simple' });
    expect(refused.output).toMatch(/its `simple\/` is the index[^]*fix: give the release another name/);
    expect([refused.success, existsSync(channel(refused))]).toEqual([false, false]);
    expect((await run({ name: 'simple' })).success).toBe(true);
  });

  it('records that a bundle was never started, and why that is enough', async () => {
    const platform = 'windows-x86_64';
    const checksRun = CHECKS.filter(({ kind }) => kind === 'static').map(({ id }) => id);
    const released = releasedFiles({ signed: true, proof: { isolation: 'none', checksRun, checksSkipped: [] } });
    const upstream = released.map((one) =>
      one.stage === 'package' ? { ...one, artifacts: one.artifacts!.map((of) => ({ ...of, platform })) } : one,
    );
    const done = await run({ proof: { staticOnly: [{ platform, reason: 'no Windows here' }] } }, {}, { upstream });
    expect(done.success ? '' : done.output).toBe('');
    expect(done.record!.facts).toMatchObject({ staticOnly: [`\`${ARCHIVE}\` was checked, but never started: no Windows here`] });
  });

  it('a dry run shows the plan and writes nothing; `--plan` too, also as JSON', async () => {
    const first = await run();
    const dry = await run({}, {}, { again: first, dryRun: true });
    expect(dry.output).toMatch(new RegExp(`${ARCHIVE.replaceAll('.', '\\.')} +5 +[0-9a-f]{12} +folder +same`));
    const plan = await run({ plan: true, to: [{ ...FOLDER, id: 'fresh', path: 'fresh' }] }, {}, { again: first });
    expect(plan.success).toBe(true);
    const json = plan.lines.find((line) => line.startsWith('{'))!;
    expect(JSON.parse(json)).toMatchObject({ destinations: [{ id: 'fresh', rows: [{ state: 'absent' }, {}, {}, {}] }] });
    expect(existsSync(join(first.workspaceRoot, 'fresh'))).toBe(false);
    writeFileSync(channel(first, 'app/0.3.0', ARCHIVE), 'other');
    const refused = await run({}, {}, { again: first, dryRun: true });
    expect([refused.success, refused.output.includes('PUBLISH_CONFLICT'), / conflict$/m.test(refused.output)]).toEqual([false, true, true]);
  });
});

describe('which destinations', () => {
  it('routes by channel, `only` and `skip`, and says why', async () => {
    const to = [FOLDER, { ...FOLDER, id: 'beta', path: 'beta', channels: ['prerelease'] }];
    const done = await run({ to });
    expect(done.output).toContain('skipped beta: takes prerelease, this is stable');
    const forced = await run({ to, channel: 'prerelease', only: ['beta'] }, {}, { again: done });
    expect(forced.output).toContain('skipped folder: left out by `only`');
    expect(existsSync(join(done.workspaceRoot, 'beta/app/prerelease.json'))).toBe(true);
    const stated = await run({ to, skip: ['beta'], skipReason: 'not ready' }, {}, { again: done });
    expect(JSON.parse(receiptOf(stated))).toMatchObject({ skipped: [{ id: 'beta', reason: 'left out by `skip`: not ready' }] });
    const none = await run({ to, skip: ['folder'] }, {}, { again: done });
    expect(none.success).toBe(true);
    expect(none.report).toMatchObject({ outcome: 'skipped', reason: 'left out by `skip`; takes prerelease, this is stable' });
  });

  it.each([
    [{ only: ['fodler'] }, 'PUBLISH_ID_UNKNOWN'],
    [{ to: [FOLDER, FOLDER] }, 'PUBLISH_ID_TWICE'],
    [{ to: [FOLDER, { ...FOLDER, id: 'other', path: './channel/' }] }, 'PUBLISH_SAME_PLACE'],
    [{ to: [{ type: 'ftp' }] }, 'OPTION_INVALID'],
    [{ to: [] }, 'OPTION_INVALID'],
  ])('refuses %j: %s', async (options, code) => {
    const done = await run(options);
    expect([done.success, done.output.includes(code)]).toEqual([false, true]);
    expect(existsSync(channel(done))).toBe(false);
  });

  it.each<[object, string]>([
    [{ only: ['fodler'] }, 'PUBLISH_ID_UNKNOWN'],
    [{ to: [FOLDER, FOLDER] }, 'PUBLISH_ID_TWICE'],
    [{ to: [{ type: 's3', bucket: 'abc', endpoint: 's3.test' }] }, 'PUBLISH_S3_SETTING'],
    [{ to: [{ type: 'index', repository: 'pipy' }] }, 'PUBLISH_ADDRESS'],
    [{ to: [{ type: 'index', repository: 'github-packages' }] }, 'PUBLISH_NO_REGISTRY'],
    [{ to: [{ type: 'oci', repository: 'https://registry.test/a' }] }, 'PUBLISH_OCI_SETTING'],
    [{ to: [FOLDER, { type: 'index', repository: 'pipy' }], skip: ['index'] }, 'RECORD_MISSING'],
    [{ to: [{ type: 's3', endpoint: 's3.test' }] }, 'RECORD_MISSING'],
    [{}, 'RECORD_MISSING'],
  ])('tells %j before it asks for what was made: %s', async (options, code) => {
    const first = await run();
    rmSync(join(first.workspaceRoot, 'dist/apps/app/sign-checksums/artifacts.json'));
    const done = await run(options, {}, { again: first });
    expect(done.report!.errors.map((error) => error.code)).toEqual([code]);
  });

  it.each<[string, object, object]>([
    ['a port that goes without saying', { type: 's3', bucket: 'abc', endpoint: 'https://s3.test' }, { endpoint: 'https://s3.test:443/' }],
    ['capital letters of a host', { type: 's3', bucket: 'abc', endpoint: 'https://s3.test' }, { endpoint: 'https://S3.Test' }],
    ['a port of a registry', { type: 'oci', repository: 'registry.test/a', auth: 'none' }, { repository: 'Registry.test:443/a' }],
    ['capital letters of an owner', { type: 'github-release', repository: 'team/app', apiUrl: 'https://hub.test/api' }, { repository: 'Team/App' }],
    ['a user in an address', { type: 'index', repository: 'https://index.test/a', auth: 'none' }, { repository: 'https://me@index.test:443/a/' }],
    ['a link to a folder', FOLDER, { path: 'apps/link/channel' }],
  ])('`PUBLISH_SAME_PLACE`: %s makes no other place', async (_, one, other) => {
    const environment = { PATH: process.env['PATH'] ?? '', R2_ACCESS_KEY_ID: 'a', R2_SECRET_ACCESS_KEY: 'b', GITHUB_TOKEN: 'c' };
    const done = await run({ to: [FOLDER] });
    symlinkSync(done.workspaceRoot, join(done.workspaceRoot, 'apps/link'));
    const twice = await run({ requireTag: false, to: [one, { ...one, ...other, id: 'twin' }] }, {}, { again: done, environment });
    expect([twice.success, twice.output]).toEqual([false, expect.stringMatching(/PUBLISH_SAME_PLACE|are the same place/)]);
  });

  it('`PUBLISH_FOLDER`: a folder that cannot be written to is found before anything is written anywhere', async () => {
    const done = await run({ to: [FOLDER, { ...FOLDER, id: 'bad', path: 'apps/app/pyproject.toml/x' }] });
    expect(done.output).toContain('PUBLISH_PREFLIGHT');
    expect(done.output).toContain('it is, or lies below, a file');
    expect(existsSync(channel(done))).toBe(false);
    // the folder itself can be written to, that of this project cannot
    const below = await run({ to: [FOLDER, { ...FOLDER, id: 'bad', path: 'shared' }] }, {}, { files: { 'shared/app': 'a file' } });
    expect([below.output.includes('PUBLISH_PREFLIGHT'), existsSync(channel(below))]).toEqual([true, false]);
    // nor can its index, which is written last
    const to = [FOLDER, { ...FOLDER, id: 'bad', path: 'shared', simpleIndex: true }];
    const index = await run({ to }, {}, { files: { 'shared/simple': 'a file' } });
    expect([index.output.includes('PUBLISH_PREFLIGHT'), existsSync(channel(index))]).toEqual([true, false]);
    expect(index.output).toContain('`bad` cannot write to the folder `shared/simple`');
    const both = await run({ to: to.map((one) => ({ ...one, path: `${one.path}/x` })) }, {}, { files: { shared: 'a file' } });
    expect(both.output.match(/cannot write to the folder/g)).toHaveLength(1);
  });
});

describe('the target that `nx release` calls', () => {
  const called = async (options: object, publish?: Record<string, unknown>): Promise<ExecutorRun> => {
    const executor = '@waybill/release:publish';
    const targets = publish && { publish: { executor, options: publish } };
    const nodes = { app: { name: 'app', data: { root: 'apps/app', ...(targets && { targets }) } } };
    return run({}, {}, { target: 'nx-release-publish', options, nodes });
  };
  const places = (done: ExecutorRun): boolean[] => ['channel', 'other'].map((folder) => existsSync(join(done.workspaceRoot, folder, 'app/0.3.0')));

  it.each<[string, object, Record<string, unknown> | undefined, boolean[]]>([
    ['goes where `publish` goes', {}, { to: [FOLDER] }, [true, false]],
    ['takes its other options along', {}, { to: [FOLDER, { ...FOLDER, id: 'o', path: 'other' }], skip: ['folder'] }, [false, true]],
    ['keeps places of its own', { to: [{ ...FOLDER, path: 'other' }] }, { to: [FOLDER] }, [false, true]],
    ['takes what Nx gives it', { firstRelease: true, nxReleaseVersionData: { app: { newVersion: '0.3.0' } } }, { to: [FOLDER] }, [true, false]],
  ])('%s', async (_, options, publish, expected) => {
    const done = await called(options, publish);
    expect([done.success, places(done)]).toEqual([true, expected]);
  });

  it('skips what got no new version, and says so', async () => {
    const done = await called({ nxReleaseVersionData: { app: { newVersion: null } } }, { to: [FOLDER] });
    expect([done.success, places(done)]).toEqual([true, [false, false]]);
    expect(done.report).toMatchObject({ outcome: 'skipped', reason: '`nx release` gave it no new version' });
  });

  it.each([
    ['there is no `publish`', {}, undefined, 'OPTION_INVALID'],
    ['`publish` has none either', {}, {}, 'OPTION_INVALID'],
    ['npm alone would know it', { otp: 123456 }, { to: [FOLDER] }, 'OPTION_UNKNOWN'],
  ])('is refused where %s', async (_, options, publish, code) => {
    const done = await called(options, publish);
    expect([done.success, done.output.includes(code)]).toEqual([false, true]);
  });
});

describe('gates', () => {
  it.each<[string, ReleasedFiles, string]>([
    ['sums over other bytes', { sums: `${'0'.repeat(64)}  ${ARCHIVE}\n` }, 'PUBLISH_SUMS'],
    ['a red proof', { verdict: 'failed' }, 'PUBLISH_PROOF'],
    ['a proof of other bytes', { tested: `sha256:${'0'.repeat(64)}` }, 'PUBLISH_PROOF'],
    ['a proof with few checks', { proof: { checksRun: ['rpath'] } }, 'PUBLISH_PROOF'],
    ['a proof with too little isolation', { proof: { isolation: 'magic' } }, 'PUBLISH_PROOF'],
    ['a finding that was let pass without a reason', { proof: { allow: [{ check: 'rpath', path: 'x' }] } }, 'PUBLISH_PROOF'],
  ])('refuses %s', async (_, released, code) => {
    const done = await run({}, released);
    expect([done.success, done.output.includes(code), existsSync(channel(done))]).toEqual([false, true, false]);
  });

  it('`PUBLISH_NOTHING` and `PUBLISH_NO_SUMS`', async () => {
    const none = await run({}, {}, { upstream: [{ target: 'smoke-linux', stage: 'smoke' }] });
    expect(none.output).toContain('PUBLISH_NOTHING');
    const unsummed = await run({}, {}, { upstream: releasedFiles({ tested: undefined }).slice(0, 2) });
    expect(unsummed.output).toContain('PUBLISH_NO_SUMS');
  });

  it('a folder takes unsigned files of a tree with changes, and warns', async () => {
    const done = await run({}, { facts: { dirty: true, commit: 'a'.repeat(40) } });
    expect(done.success).toBe(true);
    expect(done.output).toContain('warning signature');
    expect(done.output).toContain('warning tree');
  });

  it('`PUBLISH_DIRTY`: files that git does not know count, but not what it ignores and what releases write', async () => {
    const remote = { type: 'oci', repository: 'localhost:1/app', auth: 'none' };
    const first = await run({ to: [{ ...FOLDER, path: './channel/' }] });
    const at = (...parts: string[]): string => join(first.workspaceRoot, ...parts);
    const git = (...args: string[]): string =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: first.workspaceRoot, encoding: 'utf8' });
    git('init', '--quiet');
    writeFileSync(at('.gitignore'), 'ignored/\n.nx/\nnode_modules/\n');
    git('add', 'apps', '.gitignore');
    git('commit', '--quiet', '-m', 'one');
    git('tag', 'app@0.3.0');
    mkdirSync(at('ignored'));
    writeFileSync(at('ignored/x'), '');
    const clean = await run({ to: [FOLDER, remote] }, {}, { again: first });
    expect([clean.success, clean.output]).toEqual([false, expect.stringContaining('NETWORK_')]);
    expect(clean.output).not.toContain('warning tree');
    writeFileSync(at('apps/app/new.py'), '');
    const dirty = await run({ to: [FOLDER, remote] }, {}, { again: first });
    expect(dirty.output).toMatch(/PUBLISH_DIRTY[^]*\?\? apps\/app\/new\.py/);
  });

  it('names commit and tag in the receipt', async () => {
    const first = await run();
    const git = (...args: string[]): string =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: first.workspaceRoot, encoding: 'utf8' }).trim();
    git('init', '--quiet');
    git('add', 'apps');
    git('commit', '--quiet', '-m', 'one');
    git('tag', 'v9.9');
    const other = await run({}, {}, { again: first });
    expect(other.output).toContain('no tag at HEAD names this version; there is v9.9');
    git('tag', 'app@0.3.0');
    await run({}, {}, { again: first });
    expect(JSON.parse(receiptOf(first))).toMatchObject({ tag: 'app@0.3.0', commit: git('rev-parse', 'HEAD') });
    expect(git('status', '--porcelain')).not.toContain('.waybill');
  });

  it('says where the tag of the version stands, if not at HEAD', async () => {
    const first = await run();
    const git = (...args: string[]): string =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: first.workspaceRoot, encoding: 'utf8' }).trim();
    git('init', '--quiet');
    for (const message of ['one', 'two']) {
      git('commit', '--quiet', '--allow-empty', '-m', message);
      if (message === 'one') git('tag', '-a', '-m', 'released', 'app@0.3.0');
    }
    const to = [FOLDER, { type: 'oci', repository: 'registry.test/app', auth: 'none' }];
    const behind = await run({ to }, {}, { again: first });
    expect(behind.output).toContain(`skipped oci: no release tag here: app@0.3.0 stands for commit ${git('rev-parse', 'HEAD~1').slice(0, 12)}`);
    git('tag', '--delete', 'app@0.3.0');
    expect((await run({ to }, {}, { again: first })).lines).toContain('skipped oci: no release tag');
  });
});

it('`PUBLISH_CHANGED`: a file that changes while it is read is not published', async () => {
  const done = await run();
  const file = join(done.workspaceRoot, 'changing');
  writeFileSync(file, 'other');
  const artifact = { name: 'a', path: 'a', kind: 'sdist', ships: true, size: 5, sha256: '0', madeFrom: [], file, project: 'p', target: 't' } as never;
  const read = async (): Promise<void> => {
    for await (const chunk of publishFileOf(artifact).content.open()) void chunk;
  };
  await expect(read()).rejects.toMatchObject({ code: 'PUBLISH_CHANGED' });
});

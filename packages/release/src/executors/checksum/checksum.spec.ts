import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseRelease } from '@waybill/artifacts';
import { createProcesses, hashBytes } from '@waybill/core';
import { CHECKS } from '@waybill/relocation';
import { runExecutor, type ExecutorRequest, type ExecutorRun, type UpstreamSpec } from '@waybill/plugin-kit/testing';
import { proofFacts } from '../../testing/released-files';
import { checksumStage } from './checksum';

const SUMS = 'app-0.3.0-SHA256SUMS';
const ARCHIVE = 'app-0.3.0-linux-x86_64.tar.gz';
const sha = (content: string): string => `sha256:${hashBytes(content)}`;

const packaged = (content = 'linux', os = 'linux'): UpstreamSpec => ({
  target: `package-${os}`,
  stage: 'package',
  facts: { python: '3.11.7' },
  artifacts: [
    { name: `app-0.3.0-${os}-x86_64.tar.gz`, kind: 'bundle-archive', platform: `${os}-x86_64`, content },
    { name: `app-0.3.0-${os}-x86_64`, kind: 'bundle-folder', platform: `${os}-x86_64`, content: { a: 'a' } },
    { name: `app-0.3.0-${os}-x86_64.symbols.tar`, kind: 'symbols', content: 's', ships: false },
  ],
});
const proved = (content = 'linux', os = 'linux', facts: UpstreamSpec['facts'] = {}): UpstreamSpec => ({
  target: `smoke-${os}`,
  stage: 'smoke',
  facts: proofFacts([sha(content)], {
    allow: [{ check: 'imports', path: 'python/**', reason: 'not\nneeded' }],
    toolVersion: '0.1.0',
    ...facts,
  }),
});
const signed = (over = 'linux', facts: UpstreamSpec['facts'] = {}): UpstreamSpec => ({
  target: 'sign-linux',
  stage: 'sign',
  facts,
  artifacts: [{ name: `${ARCHIVE}.minisig`, kind: 'signature', content: 'signature', madeFrom: [sha(over)] }],
});

/** What signing writes beside an archive with an `.app` in it. */
const listed = (of = 'linux', archive = ARCHIVE): UpstreamSpec => {
  const artifacts = [{ name: `${archive}.manifest.json`, kind: 'delivery' as const, content: 'entries', madeFrom: [sha(of)] }];
  return { target: 'sign-apps', stage: 'sign', artifacts };
};

/** The sdist and a wheel of one machine, and a wheel of another one that was made from the sdist with that content. */
const distributions = (from = 'sources', target = 'build-wheel-macos-aarch64', wheel = 'macosx_11_0_arm64'): UpstreamSpec[] => [
  {
    target: 'build-wheel',
    stage: 'build-wheel',
    facts: { fromSdist: true },
    artifacts: [
      { name: 'app-0.3.0.tar.gz', kind: 'sdist', content: 'sources' },
      { name: 'app-0.3.0-cp311-cp311-linux_x86_64.whl', kind: 'wheel', platform: 'linux-x86_64', content: 'linux', madeFrom: [sha('sources')] },
    ],
  },
  {
    target,
    stage: 'build-wheel',
    facts: { fromSdist: true },
    artifacts: [{ name: `app-0.3.0-cp311-cp311-${wheel}.whl`, kind: 'wheel', platform: 'macos-aarch64', content: 'mac', madeFrom: [sha(from)] }],
  },
];

/** What `smoke` records of a bundle that cannot be started here, with only the static checks named. */
const STATIC = { isolation: 'none', checksRun: CHECKS.filter(({ kind }) => kind === 'static').map(({ id }) => id), checksSkipped: [] };

const runs: ExecutorRun[] = [];
async function run(upstream: readonly UpstreamSpec[], more: Partial<ExecutorRequest> = {}): Promise<ExecutorRun> {
  const done = await runExecutor(checksumStage, {
    upstream,
    processes: createProcesses(),
    environment: { PATH: process.env['PATH'] ?? '' },
    ...more,
  });
  runs.push(done);
  return done;
}
afterEach(async () => {
  for (const done of runs.splice(0)) await done.remove();
});

const textOf = (done: ExecutorRun, name: string): string => readFileSync(join(done.folder, name), 'utf8');
const namesIn = (sums: string): string[] =>
  sums
    .split('\n')
    .slice(0, -1)
    .map((line) => line.slice(66));

/** What a user downloads: everything that ships, in one folder. */
function deliver(done: ExecutorRun): string {
  const delivery = join(done.workspaceRoot, 'delivery');
  mkdirSync(delivery, { recursive: true });
  for (const target of readdirSync(join(done.workspaceRoot, 'dist/apps/app'))) {
    const folder = join(done.workspaceRoot, 'dist/apps/app', target);
    const { artifacts } = JSON.parse(readFileSync(join(folder, 'artifacts.json'), 'utf8')) as {
      artifacts: { name: string; ships: boolean; kind: string }[];
    };
    for (const { name, ships, kind } of artifacts) if (ships && kind !== 'bundle-folder') copyFileSync(join(folder, name), join(delivery, name));
  }
  return delivery;
}

describe('checksum', () => {
  it('sums what ships and nothing else, sorted, so that sha256sum -c accepts it', async () => {
    const done = await run([packaged(), proved(), signed()]);
    expect(done.output).toContain('smoke-linux: passed (22 checks, isolation root-namespace)');
    expect(done.success).toBe(true);
    expect(namesIn(textOf(done, SUMS))).toEqual([ARCHIVE, 'release.json']);
    execFileSync('sha256sum', ['--strict', '-c', SUMS], { cwd: deliver(done), stdio: 'pipe' });
    expect(done.record?.artifacts.map(({ name, kind, ships }) => [name, kind, ships])).toEqual([
      [SUMS, 'checksums', true],
      ['release.json', 'delivery', true],
    ]);
  });

  it('sums the manifest beside an archive, and tells in release.json what it is', async () => {
    const done = await run([packaged(), proved(), listed()]);
    expect(done.success ? '' : done.output).toBe('');
    expect(namesIn(textOf(done, SUMS))).toEqual([ARCHIVE, `${ARCHIVE}.manifest.json`, 'release.json']);
    expect(parseRelease(textOf(done, 'release.json')).artifacts).toContainEqual(
      expect.objectContaining({ name: `${ARCHIVE}.manifest.json`, kind: 'delivery' }),
    );
  });

  it('tells in release.json where everything comes from, and carries what proofs and signing said', async () => {
    const done = await run([packaged(), proved(), signed('linux', { allowUnsigned: 'no key yet', notNotarized: 'internal build' })]);
    const release = parseRelease(textOf(done, 'release.json'));
    const recordOf = (target: string): string => hashBytes(readFileSync(join(done.workspaceRoot, 'dist/apps/app', target, 'artifacts.json')));
    expect(release).toMatchObject({
      project: 'app',
      version: '0.3.0',
      tools: { waybill: '0.1.0', python: '3.11.7' },
      sums: [SUMS],
      artifacts: [{ name: ARCHIVE, kind: 'bundle-archive', platform: 'linux-x86_64', size: 5, sha256: hashBytes('linux') }],
      signatures: [{ name: `${ARCHIVE}.minisig`, of: ARCHIVE, sha256: hashBytes('signature') }],
      proofs: [
        { target: 'smoke-linux', verdict: 'passed', tested: [ARCHIVE], allow: [{ check: 'imports', path: 'python/**', reason: 'not needed' }] },
      ],
      unsigned: [
        { target: 'app:sign-linux', reason: 'no key yet' },
        { target: 'app:sign-linux', reason: 'not notarized: internal build' },
      ],
      records: ['package-linux', 'sign-linux', 'smoke-linux'].map((target) => ({ project: 'app', target, sha256: recordOf(target) })),
    });
    expect(release.commit).toBeUndefined();
    expect(done.output).toContain('warning signature: app:sign-linux let it through unsigned: no key yet');
    expect(done.output).toContain('info proof python/**: smoke-linux let a finding of imports pass: not needed');
  });

  it('names commit, tag and changes', async () => {
    const first = await run([packaged(), proved()]);
    const git = (...args: string[]): string =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: first.workspaceRoot, encoding: 'utf8' }).trim();
    git('init', '--quiet');
    writeFileSync(join(first.workspaceRoot, '.gitignore'), '.nx/\nnode_modules/\n');
    git('add', 'apps', '.gitignore');
    git('commit', '--quiet', '-m', 'one');
    git('tag', 'app@0.3.0');
    git('tag', 'v0.2.0');
    const clean = parseRelease(textOf(await run([], { again: first }), 'release.json'));
    expect(clean).toMatchObject({ commit: git('rev-parse', 'HEAD'), tag: 'app@0.3.0' });
    expect(clean.dirty).toBeUndefined();
    const dirty = async (): Promise<unknown> => parseRelease(textOf(await run([], { again: first }), 'release.json')).dirty;
    writeFileSync(join(first.workspaceRoot, 'apps/app/new.py'), '');
    expect(await dirty()).toBe(true);
    rmSync(join(first.workspaceRoot, 'apps/app/new.py'));
    expect(await dirty()).toBeUndefined();
    appendFileSync(join(first.workspaceRoot, 'apps/app/pyproject.toml'), '# more\n');
    expect(await dirty()).toBe(true);
  });

  it('gives the same bytes twice', async () => {
    const first = await run([packaged(), proved(), signed()]);
    const texts = [SUMS, 'release.json', 'artifacts.json'].map((name) => textOf(first, name));
    const second = await run([], { again: first });
    expect([SUMS, 'release.json', 'artifacts.json'].map((name) => textOf(second, name))).toEqual(texts);
  });

  it('sums with other algorithms too', async () => {
    const done = await run([packaged(), proved()], { options: { algorithms: ['sha256', 'sha512', 'blake2b', 'sha384'] } });
    const delivery = deliver(done);
    for (const [program, label] of [
      ['sha256sum', 'SHA256'],
      ['sha512sum', 'SHA512'],
      ['b2sum', 'BLAKE2B'],
      ['sha384sum', 'SHA384'],
    ] as const) {
      execFileSync(program, ['--strict', '-c', `app-0.3.0-${label}SUMS`], { cwd: delivery, stdio: 'pipe' });
    }
    expect(parseRelease(textOf(done, 'release.json')).sums).toHaveLength(4);
  });

  it('merges the records of several machines', async () => {
    const done = await run([
      packaged(),
      proved(),
      packaged('mac', 'macos'),
      proved('mac', 'macos'),
      packaged('win', 'windows'),
      proved('win', 'windows'),
    ]);
    expect(done.output).not.toContain('CHECKSUM_');
    expect(namesIn(textOf(done, SUMS))).toEqual([ARCHIVE, 'app-0.3.0-macos-x86_64.tar.gz', 'app-0.3.0-windows-x86_64.tar.gz', 'release.json']);
  });

  it('merges wheels of several machines that come from one sdist, and one that comes from a tree', async () => {
    const [own, other] = distributions();
    const fromTree: UpstreamSpec = {
      ...other!,
      target: 'build-wheel-windows-x86_64',
      facts: { fromSdist: false },
      artifacts: [{ name: 'app-0.3.0-cp311-cp311-win_amd64.whl', kind: 'wheel', platform: 'windows-x86_64', content: 'win', madeFrom: [] }],
    };
    const done = await run([own!, other!, fromTree]);
    expect(done.report?.errors).toEqual([]);
    expect(namesIn(textOf(done, SUMS))).toEqual([
      ...['linux_x86_64', 'macosx_11_0_arm64', 'win_amd64'].map((tag) => `app-0.3.0-cp311-cp311-${tag}.whl`),
      'app-0.3.0.tar.gz',
      'release.json',
    ]);
  });

  it('leaves to other projects what they made, but a project that makes nothing sums what it depends on', async () => {
    const wheel: UpstreamSpec = {
      project: 'lib',
      target: 'build-wheel',
      stage: 'build-wheel',
      artifacts: [{ name: 'lib-1.0.tar.gz', kind: 'sdist', content: 'x' }],
    };
    expect(namesIn(textOf(await run([wheel, packaged(), proved()]), SUMS))).toEqual([ARCHIVE, 'release.json']);
    expect(namesIn(textOf(await run([wheel]), SUMS))).toEqual(['lib-1.0.tar.gz', 'release.json']);
  });

  it('prints its plan in a dry run and writes nothing', async () => {
    const done = await run([packaged(), proved()], { dryRun: true });
    expect({ success: done.success, files: done.files }).toEqual({ success: true, files: [] });
    expect(done.output).toContain(`sum \`${ARCHIVE}\` of package-linux`);
    expect(done.planned?.artifacts.map(({ name }) => name)).toEqual([SUMS, 'release.json']);
  });

  it('says that an archive was not proved, when nothing proves', async () => {
    expect((await run([packaged()])).output).toContain(`warning proof ${ARCHIVE}: it was not proved`);
  });
});

describe('checksum refuses', () => {
  it.each<[string, string, readonly UpstreamSpec[], Partial<ExecutorRequest>]>([
    ['nothing that ships', 'CHECKSUM_NOTHING', [{ target: 'smoke-linux', stage: 'smoke' }], {}],
    [
      'sums behind sums',
      'CHECKSUM_ORDER',
      [packaged(), { target: 'sums', stage: 'checksum', artifacts: [{ name: 'X', kind: 'checksums', content: 'x' }] }],
      {},
    ],
    [
      'a byte changing stage behind a later one',
      'CHECKSUM_ORDER',
      [
        packaged('one'),
        { ...packaged('two'), target: 'sign-linux', stage: 'sign', artifacts: [packaged('two').artifacts![0]!] },
        packaged('three', 'linux'),
      ].map((spec, index) => ({ ...spec, target: `${spec.target}-${index}` })),
      {},
    ],
    ['a bundle made by a proof', 'CHECKSUM_ORDER', [packaged(), { ...proved(), artifacts: [packaged('other').artifacts![0]!] }], {}],
    [
      'packaging made from what signing makes',
      'CHECKSUM_ORDER',
      [signed(), { ...packaged(), artifacts: [{ ...packaged().artifacts![0]!, madeFrom: [sha('signature')] }] }],
      {},
    ],
    ['a wheel of another machine, made from another sdist', 'CHECKSUM_SDIST', distributions('other sources'), {}],
    ['a wheel of one name from two machines, in other bytes', 'CHECKSUM_ORDER', distributions('sources', 'build-wheel-again', 'linux_x86_64'), {}],
    ['a signature over other bytes', 'CHECKSUM_SIGNATURE_STALE', [packaged(), proved(), signed('before')], {}],
    ['a manifest of other bytes', 'CHECKSUM_MANIFEST_STALE', [packaged(), proved(), listed('before')], {}],
    ['a manifest of nothing that ships', 'CHECKSUM_MANIFEST_STALE', [packaged(), proved(), listed('linux', 'other.zip')], {}],
    ['a proof that failed', 'CHECKSUM_PROOF_FAILED', [packaged(), proved('linux', 'linux', { verdict: 'failed' })], {}],
    ['an archive that changed after its proof', 'CHECKSUM_UNPROVED', [packaged(), proved('other')], {}],
    ['a proof with few checks', 'CHECKSUM_PROOF_WEAK', [packaged(), proved('linux', 'linux', { checksRun: ['rpath'] })], {}],
    ['a proof with less isolation than asked', 'CHECKSUM_PROOF_WEAK', [packaged(), proved('linux', 'linux', { isolation: 'copy' })], {}],
    [
      'static checks alone where that is allowed for another platform',
      'CHECKSUM_PROOF_WEAK',
      [packaged(), proved('linux', 'linux', STATIC)],
      { options: { proof: { staticOnly: [{ platform: 'windows-x86_64', reason: 'no Windows here' }] } } },
    ],
    [
      'a static check that is left out',
      'CHECKSUM_PROOF_WEAK',
      [packaged('windows', 'windows'), proved('windows', 'windows', { ...STATIC, checksRun: ['rpath'] })],
      { options: { proof: { staticOnly: [{ platform: 'windows-x86_64', reason: 'no Windows here' }] } } },
    ],
    [
      'static checks alone of what this machine can start',
      'CHECKSUM_PROOF_WEAK',
      [packaged(), proved('linux', 'linux', STATIC)],
      { options: { proof: { staticOnly: [{ platform: 'linux-x86_64', reason: 'too slow' }] } } },
    ],
    ['a check that is asked for', 'CHECKSUM_PROOF_WEAK', [packaged(), proved()], { options: { proof: { checks: ['bare-root'] } } }],
    ['a record of another version', 'CHECKSUM_VERSION', [packaged(), proved()], { options: { releaseVersion: '0.4.0' } }],
    ['a name of its own that is taken', 'CHECKSUM_NAME_TWICE', [packaged(), proved()], { options: { fileName: ARCHIVE.toUpperCase() } }],
    [
      'one name for two sums files',
      'CHECKSUM_NAME_TWICE',
      [packaged(), proved()],
      { options: { algorithms: ['sha256', 'sha512'], fileName: 'SUMS' } },
    ],
    ['an unknown token', 'CHECKSUM_FILE_NAME', [packaged(), proved()], { options: { fileName: '{nam}-SUMS' } }],
    ['a name that is a path', 'OPTION_NAME', [packaged(), proved()], { options: { fileName: 'a/SUMS' } }],
    ['algorithms without sha256', 'OPTION_INVALID', [packaged(), proved()], { options: { algorithms: ['sha512'] } }],
    ['a release file that nobody would find', 'OPTION_INVALID', [packaged(), proved()], { options: { releaseFileName: 'about.json' } }],
  ])('%s: %s', async (_, code, upstream, more) => {
    const done = await run(upstream, more);
    expect(done.output).toContain(code);
    expect(done.success).toBe(false);
    expect(done.files.filter((name) => name !== 'report.json')).toEqual([]);
  });

  it('a platform that nothing here can start needs a reason, which is told', async () => {
    const proof = { staticOnly: [{ platform: 'windows-x86_64', reason: 'no Windows here' }] };
    const done = await run([packaged('windows', 'windows'), proved('windows', 'windows', STATIC)], { options: { proof } });
    expect(done.success).toBe(true);
    expect(done.report!.findings).toContainEqual(
      expect.objectContaining({ level: 'warning', message: `\`app-0.3.0-windows-x86_64.tar.gz\` was checked, but never started: no Windows here` }),
    );
    expect(done.record!.facts).toMatchObject({ staticOnly: [`\`app-0.3.0-windows-x86_64.tar.gz\` was checked, but never started: no Windows here`] });
    const full = await run([packaged('windows', 'windows'), proved('windows', 'windows')], { options: { proof } });
    expect(full.record!.facts).not.toHaveProperty('staticOnly');
    expect(full.report!.findings.filter(({ level }) => level === 'warning')).toEqual([]);
  });

  it('a reason lets a weak proof pass, and stands in record and report', async () => {
    const done = await run([packaged(), proved('linux', 'linux', { isolation: 'copy' })], { options: { allowUnproved: 'no namespaces here' } });
    expect(done.record?.facts).toMatchObject({ allowUnproved: 'no namespaces here' });
    expect(done.report?.findings).toEqual(
      expect.arrayContaining([expect.objectContaining({ message: expect.stringMatching(/isolation was copy.*no namespaces here/) })]),
    );
  });

  it('a release from which a chain of the project is missing, by name', async () => {
    const mac = { executor: '@waybill/bundle:package-dist', dependsOn: [] };
    const node = { name: 'app', data: { root: 'apps/app', targets: { 'package-macos': mac } } };
    const done = await run([packaged(), proved()], { nodes: { app: node } });
    expect(done.report?.errors).toMatchObject([{ code: 'CHECKSUM_PLATFORM_MISSING', message: expect.stringContaining('package-macos is missing') }]);
  });

  it('an artifact that changed after its record', async () => {
    const first = await run([packaged(), proved()]);
    writeFileSync(join(first.workspaceRoot, 'dist/apps/app/package-linux', ARCHIVE), 'LINUX');
    const done = await run([], { again: first });
    expect(done.output).toMatch(/RECORD_DIGEST .*package-linux/);
    expect(done.success).toBe(false);
  });

  it('an artifact that changes while it is summed', async () => {
    const whileSummed: typeof checksumStage = {
      ...checksumStage,
      apply: (context, plan, outputDir) => {
        writeFileSync(plan.files[0]!.file, 'LINUX');
        return checksumStage.apply(context, plan, outputDir);
      },
    };
    const done = await runExecutor(whileSummed, {
      upstream: [packaged(), proved()],
      processes: createProcesses(),
      options: { algorithms: ['sha256', 'sha512'] },
    });
    runs.push(done);
    expect(done.output).toContain('CHECKSUM_CHANGED');
    expect(done.files).toEqual(['report.json']);
  });
});

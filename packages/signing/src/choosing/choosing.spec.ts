import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toolPlatform } from '@waybill/core';
import { skipUnless } from '@waybill/core/testing';
import { noteMadeHere } from '@waybill/plugin-kit/testing';
import { CHECKS } from '@waybill/relocation';
import { ARCHIVE, PACKAGED, PROVED, removeRuns, runSign, smoked } from '../testing/run-sign';
import { sshKey, toolWorks, type TestKey } from '../testing/test-keys';

const withSsh = skipUnless(toolWorks('ssh', ['-V']), 'ssh-keygen is not installed');
let key: TestKey | undefined;
const options = { backend: 'ssh', keyEnv: 'K' };
const environment = (): Record<string, string> => ({ K: (key ??= sshKey()).secret });
afterEach(removeRuns);

const RED: readonly [what: string, upstream: Parameters<typeof runSign>[2], policy: object, said: string][] = [
  ['no proof', { upstream: [PACKAGED] }, {}, `\`${ARCHIVE}\`: no smoke target before it`],
  ['a red proof', { upstream: [PACKAGED, smoked({ ...PROVED, verdict: 'failed' })] }, {}, 'the verdict is failed'],
  [
    'a proof of other bytes',
    { upstream: [PACKAGED, smoked({ ...PROVED, tested: [`sha256:${'a'.repeat(64)}`] })] },
    {},
    '`smoke-linux` proved other bytes',
  ],
  ['little isolation', { upstream: [PACKAGED, smoked({ ...PROVED, isolation: 'copy' })] }, {}, 'isolation was copy, expected at least namespace'],
  [
    'an unknown isolation',
    { upstream: [PACKAGED, smoked({ ...PROVED, isolation: 'magic' })] },
    { proof: { minIsolation: 'copy' } },
    'isolation was magic',
  ],
  ['few checks', { upstream: [PACKAGED, smoked({ ...PROVED, checksRun: ['moved-copy'] })] }, {}, 'were left out'],
  ['a check that was skipped', {}, { proof: { checks: ['bare-root'] } }, 'the checks bare-root did not run'],
  ['facts of another shape', { upstream: [PACKAGED, smoked({ ...PROVED, checksSkipped: null, checksRun: 'all' })] }, {}, 'were left out'],
];

for (const [what, request, policy, said] of RED) {
  withSsh(`refuses ${what}, unless a reason is given`, async () => {
    const refused = await runSign({ ...options, ...policy }, environment(), request);
    expect(refused).toMatchObject({ success: false, output: expect.stringContaining('SIGN_UNPROVED') });
    expect(refused.output).toContain(said);
    expect(refused.files).toEqual(['report.json']);
    const nevertheless = await runSign({ ...options, ...policy, allowUnproved: 'emergency fix' }, environment(), request);
    expect(nevertheless.success).toBe(true);
    expect(nevertheless.record!.facts).toMatchObject({ allowUnproved: 'emergency fix' });
    expect(nevertheless.report!.warnings).toEqual(expect.arrayContaining([expect.stringContaining('emergency fix'), expect.stringContaining(said)]));
  });
}

withSsh('a second proof of the same bytes that looks at less takes nothing away, and a red one does', async () => {
  const narrow = { ...PROVED, checksRun: ['glibc-matrix'], isolation: 'copy' };
  const run = await runSign(options, environment(), { upstream: [PACKAGED, smoked(PROVED), { ...smoked(narrow), target: 'smoke-linux-glibc' }] });
  expect(run.success).toBe(true);
  const red = await runSign(options, environment(), {
    upstream: [PACKAGED, smoked(PROVED), { ...smoked({ ...narrow, verdict: 'failed' }), target: 'smoke-linux-glibc' }],
  });
  expect(red).toMatchObject({ success: false, output: expect.stringContaining('the verdict is failed') });
});

withSsh('a weaker policy takes a weaker proof; what a proof was told to accept is shown', async () => {
  const allow = [{ check: 'rpath', path: 'lib/x.so', reason: 'vendor file' }];
  const upstream = [PACKAGED, smoked({ ...PROVED, isolation: 'copy', allow })];
  const run = await runSign({ ...options, proof: { minIsolation: 'copy' }, allowUnproved: 'not needed' }, environment(), { upstream });
  expect(run.success).toBe(true);
  expect(run.record!.facts).not.toHaveProperty('allowUnproved');
  expect(run.report!.warnings).toEqual(expect.arrayContaining(['`smoke-linux` accepted rpath at `lib/x.so`: vendor file']));
});

withSsh('static checks alone, with a reason, are enough for a platform; the reason is shown and stands in the record', async () => {
  const platform = toolPlatform().startsWith('windows') ? 'macos-aarch64' : 'windows-x86_64';
  const foreign = { ...PACKAGED, artifacts: PACKAGED.artifacts!.map((artifact) => ({ ...artifact, platform })) };
  const staticOnly = [{ platform, reason: 'none here' }];
  const checksRun = CHECKS.filter(({ kind }) => kind === 'static').map(({ id }) => id);
  const onlyStatic = smoked({ ...PROVED, isolation: 'none', checksRun, checksSkipped: [] });
  const run = await runSign({ ...options, proof: { staticOnly } }, environment(), { upstream: [foreign, onlyStatic] });
  expect(run.success ? '' : run.output).toBe('');
  const said = `\`${ARCHIVE}\` was checked, but never started: none here`;
  expect(run.record!.facts).toMatchObject({ staticOnly: [said] });
  expect(run.report!.warnings).toContain(said);
  for (const [more, before] of [
    [{}, smoked()],
    [{ allowUnproved: 'urgent' }, smoked({ ...PROVED, tested: [] })],
  ] as const) {
    const other = await runSign({ ...options, ...more, proof: { staticOnly } }, environment(), { upstream: [foreign, before] });
    expect(other.record!.facts).not.toHaveProperty('staticOnly');
  }
  const own = { ...foreign, artifacts: foreign.artifacts.map((artifact) => ({ ...artifact, platform: toolPlatform() })) };
  const policy = { staticOnly: [{ platform: toolPlatform(), reason: 'too slow' }] };
  const refused = await runSign({ ...options, proof: policy }, environment(), { upstream: [own, onlyStatic] });
  expect(refused).toMatchObject({ success: false, output: expect.stringContaining('SIGN_UNPROVED') });
  expect(refused.output).toContain(`(\`staticOnly\` does not count for ${toolPlatform()}: this machine is one, and can start it)`);
});

withSsh('refuses what may have come from a remote cache, unless it was made here or a reason is given', async () => {
  const cached = { ...environment(), NX_SELF_HOSTED_REMOTE_CACHE_SERVER: 'http://127.0.0.1:9' };
  const refused = await runSign(options, cached);
  expect(refused).toMatchObject({ success: false, output: expect.stringContaining('SIGN_REMOTE_CACHE') });
  expect(refused.output).toContain('actual from elsewhere: `app:package-linux`, `app:smoke-linux`');
  const allowed = await runSign({ ...options, allowRemoteCache: 'read-only for CI' }, cached, { again: refused });
  expect(allowed.record!.facts).toMatchObject({ allowRemoteCache: 'read-only for CI' });
  // without a remote cache nothing is asked
  expect((await runSign(options, environment(), { again: refused })).success).toBe(true);

  for (const target of ['package-linux', 'smoke-linux']) {
    await noteMadeHere(refused.workspaceRoot, await readFile(join(refused.workspaceRoot, 'dist/apps/app', target, 'artifacts.json'), 'utf8'));
  }
  const made = await runSign(options, cached, { again: refused });
  expect(made.success).toBe(true);
  expect(made.record!.facts).not.toHaveProperty('allowRemoteCache');
});

withSsh('says what it finds when nothing fits, and takes no folder', async () => {
  const nothing = await runSign({ ...options, artifacts: ['bundle-archive', '*.dmg'] }, environment());
  expect(nothing.output).toContain('SIGN_NOTHING');
  expect(nothing.output).toContain('expected an artifact of kind or name `*.dmg`');
  expect(nothing.output).toContain(`actual \`${ARCHIVE} (bundle-archive)\``);
  expect((await runSign(options, environment(), { upstream: [] })).output).toContain('SIGN_NOTHING');
  const upstream = [
    { target: 'package-macos', stage: 'package', artifacts: [{ name: 'App.app', kind: 'app' as const, content: { 'Contents/x': 'x' } }] },
  ];
  expect((await runSign({ ...options, artifacts: ['app'] }, environment(), { upstream })).output).toContain('SIGN_FOLDER');
});

import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { skipUnless } from '@waybill/core/testing';
import { detachedSignatureFormats } from '@waybill/signatures';
import { createProcesses } from '@waybill/core';
import { runExecutor } from '@waybill/plugin-kit/testing';
import { ARCHIVE, CONTENT, DIGEST, removeRuns, runSign } from '../../testing/run-sign';
import { gpgKey, minisignKey, sshKey, toolWorks, type TestKey } from '../../testing/test-keys';
import { signChecksums, signStageOf } from './sign';

afterEach(removeRuns);

const KEYS: readonly [id: 'gpg' | 'minisign' | 'ssh', tool: string, works: boolean, make: () => TestKey][] = [
  ['gpg', 'gpgv', toolWorks('gpgv', ['--version']) && toolWorks('gpg', ['--version']), () => gpgKey({ password: 'correct horse' })],
  ['minisign', 'minisign', toolWorks('minisign', ['-v']), minisignKey],
  ['ssh', 'ssh-keygen', toolWorks('ssh', ['-V']), () => sshKey()],
];
const withSsh = skipUnless(toolWorks('ssh', ['-V']), 'ssh-keygen is not installed');

for (const [backend, tool, works, make] of KEYS) {
  skipUnless(works, `${tool} is not installed`)(`${backend}: signs, verifies twice, keeps what it made, and makes the same bytes again`, async () => {
    const { secret, publicKey, fingerprint, password } = make();
    const { suffix } = detachedSignatureFormats[backend];
    const options = { backend, keyEnv: 'RELEASE_KEY', fingerprint, ...(password !== undefined && { passwordEnv: 'RELEASE_PASSWORD' }) };
    const environment = { RELEASE_KEY: secret, ...(password !== undefined && { RELEASE_PASSWORD: password }) };
    const first = await runSign(options, environment);
    expect({ success: first.success, output: first.output }).toMatchObject({ success: true });
    const name = `${ARCHIVE}${suffix}`;
    expect(first.files).toEqual([name, 'artifacts.json', 'report.json'].sort());
    const bytes = readFileSync(join(first.folder, name));
    expect(first.record).toMatchObject({
      stage: 'sign',
      artifacts: [{ name, kind: 'signature', platform: 'linux-x86_64', ships: true, size: bytes.length, madeFrom: [DIGEST] }],
      facts: { signatures: [{ name, of: DIGEST, backend, fingerprint, publicKey: expect.any(String) }] },
    });
    expect(Object.keys(first.record!.facts)).toEqual(['signatures']);
    expect(first.report!.report).toMatchObject({ signatures: [{ name, kept: false, verifiedBy: ['waybill', tool] }] });
    expect(await detachedSignatureFormats[backend].verify(bytes, publicKey, [Buffer.from(CONTENT)])).toMatchObject({ ok: true, fingerprint });

    const again = await runSign(options, environment, { again: first });
    expect(again.report!.report).toMatchObject({ signatures: [{ kept: true }] });
    await rm(first.folder, { recursive: true });
    const fresh = await runSign(options, environment, { again: first });
    expect(fresh.report!.report).toMatchObject({ signatures: [{ kept: false }] });
    expect(readFileSync(join(first.folder, name))).toEqual(bytes);
    expect(fresh.record).toEqual(first.record);
  });
}

withSsh('an earlier signature by another key, or a damaged one, is made again', async () => {
  const [one, other] = [sshKey(), sshKey()];
  const options = { backend: 'ssh', keyEnv: 'RELEASE_KEY' };
  const first = await runSign(options, { RELEASE_KEY: one.secret });
  const second = await runSign(options, { RELEASE_KEY: other.secret }, { again: first });
  expect(second.report!.report).toMatchObject({ signatures: [{ kept: false }] });
  expect(second.record!.facts).toMatchObject({ signatures: [{ fingerprint: other.fingerprint }] });
  expect(second.report!.warnings).toEqual([expect.stringContaining(other.fingerprint)]);
});

withSsh('signs the sums in `sign-checksums`, and other artifacts when they are named', async () => {
  const { secret } = sshKey();
  const upstream = [
    {
      target: 'checksum',
      stage: 'checksum',
      artifacts: [
        { name: 'app-0.3.0-SHA256SUMS', kind: 'checksums' as const, content: 'sums' },
        { name: 'app-0.3.0-py3-none-any.whl', kind: 'wheel' as const, content: 'no zip at all: it is never opened' },
        { name: 'app-0.3.0-symbols.tar.gz', kind: 'symbols' as const, content: 'x', ships: false },
      ],
    },
  ];
  const request = { target: 'sign-checksums', upstream, environment: { PATH: process.env['PATH']!, K: secret }, processes: createProcesses() };
  const sums = await runExecutor(signChecksums, { ...request, options: { backend: 'ssh', keyEnv: 'K' } });
  expect(sums.record).toMatchObject({ stage: 'sign-checksums', artifacts: [{ name: 'app-0.3.0-SHA256SUMS.sig' }] });
  const named = await runExecutor(signChecksums, {
    ...request,
    again: sums,
    options: { backend: 'ssh', keyEnv: 'K', artifacts: ['checksums', '*.whl'] },
  });
  expect(named.record!.artifacts.map(({ name }) => name)).toEqual(['app-0.3.0-SHA256SUMS.sig', 'app-0.3.0-py3-none-any.whl.sig']);
  await sums.remove();
});

it('takes the stage from the target’s name', () => {
  expect(['sign-linux', 'sign-checksums', 'sign-checksums-minisign', 'sign-checksumsy'].map((name) => signStageOf(name).stage)).toEqual([
    'sign',
    'sign-checksums',
    'sign-checksums',
    'sign',
  ]);
});

it('without a key it goes on only for a reason, which the record carries', async () => {
  const refused = await runSign({ backend: 'gpg', keyEnv: 'RELEASE_KEY' });
  expect(refused).toMatchObject({ success: false, output: expect.stringContaining('SIGN_KEY_MISSING') });
  expect(refused.output).toContain('the variable RELEASE_KEY is not set');
  expect(refused.output).toContain('fix: put the secret key itself (not a path) into RELEASE_KEY');
  expect((await runSign({})).output).toContain('SIGN_KEY_MISSING');
  const unsigned = await runSign({ backend: 'gpg', keyEnv: 'RELEASE_KEY', allowUnsigned: 'no key yet' });
  expect(unsigned.success).toBe(true);
  expect(unsigned.report).toMatchObject({ outcome: 'skipped', reason: 'unsigned: no key yet' });
  expect(unsigned.record).toMatchObject({ artifacts: [], facts: { signatures: [], allowUnsigned: 'no key yet' } });
  expect(unsigned.output).toContain('UNSIGNED: no key yet');
});

withSsh('a key that is there is used although `allowUnsigned` has a reason', async () => {
  const { secret } = sshKey();
  const run = await runSign({ backend: 'ssh', keyEnv: 'K', allowUnsigned: 'no key yet' }, { K: secret });
  expect(run.record!.artifacts).toHaveLength(1);
  expect(run.record!.facts).not.toHaveProperty('allowUnsigned');
});

withSsh('a dry run prints what would be signed and writes nothing, key or none', async () => {
  const options = { backend: 'ssh', keyEnv: 'K' };
  const without = await runSign(options, {}, { dryRun: true });
  expect(without).toMatchObject({ success: true, files: [] });
  expect(without.output).toContain('the variable K is not set');
  expect(without.planned!.artifacts.map(({ name }) => name)).toEqual([`${ARCHIVE}.sig`]);
  const { secret, fingerprint } = sshKey();
  const withKey = await runSign(options, { K: secret }, { dryRun: true });
  expect(withKey.output).toContain(fingerprint);
  expect(withKey.output).toContain(`sign \`${ARCHIVE}\` of \`package-linux\` as \`${ARCHIVE}.sig\``);
});

it.each([
  [
    'a backend that is not built',
    { backend: 'jsign', keyEnv: 'K' },
    'OPTION_INVALID',
    'expected one of `gpg`, `minisign`, `ssh`, `sigstore`, `authenticode`, `apple`',
  ],
  ['an option that is not built', { backend: 'gpg', keyEnv: 'K', pkcs11: 'a' }, 'OPTION_UNKNOWN', 'pkcs11'],
  ['a key of no kind', { keyEnv: 'K' }, 'OPTION_INVALID', 'backend'],
  ['a password where none is taken', { backend: 'ssh', keyEnv: 'K', passwordEnv: 'P' }, 'OPTION_INVALID', 'passwordEnv'],
  ['one variable for both', { backend: 'gpg', keyEnv: 'K', passwordEnv: 'K' }, 'OPTION_INVALID', 'passwordEnv'],
  ['an empty reason', { allowUnsigned: ' ' }, 'OPTION_INVALID', 'allowUnsigned'],
  ['a key in place of its name', { backend: 'gpg', keyEnv: '-----BEGIN PGP' }, 'OPTION_INVALID', 'keyEnv'],
])('refuses %s', async (_, options, code, said) => {
  const { success, output } = await runSign(options, { K: 'x' });
  expect({ success, output }).toMatchObject({ success: false, output: expect.stringContaining(code) });
  expect(output).toContain(said);
});

import { skipUnless } from '@waybill/core/testing';
import { removeRuns, runSign } from '../testing/run-sign';
import { gpgKey, minisignKey, sshKey, toolWorks } from '../testing/test-keys';

afterEach(removeRuns);

const withGpg = skipUnless(toolWorks('gpg', ['--version']), 'gpg is not installed');
const withSsh = skipUnless(toolWorks('ssh', ['-V']), 'ssh-keygen is not installed');
const withMinisign = skipUnless(toolWorks('minisign', ['-v']), 'minisign is not installed');

async function refusal(options: object, environment: Record<string, string>): Promise<string> {
  const { success, output, files } = await runSign({ keyEnv: 'K', ...options }, environment);
  expect({ success, left: files.filter((file) => file !== 'report.json'), output }).toMatchObject({ success: false, left: [] });
  return output;
}

withGpg('gpg: says what is wrong with a key', async () => {
  const { secret, publicKey, fingerprint } = gpgKey({ password: 'correct horse' });
  const gpg = { backend: 'gpg', passwordEnv: 'P' };
  expect(await refusal(gpg, { K: secret, P: 'battery' })).toContain('SIGN_PASSWORD_WRONG');
  expect(await refusal(gpg, { K: secret, P: 'correct horse\n' })).toContain('SIGN_PASSWORD_WRONG');
  expect(await refusal(gpg, { K: secret })).toContain('SIGN_PASSWORD_MISSING');
  expect(await refusal({ backend: 'gpg' }, { K: secret })).toContain('no password was named');
  expect(await refusal(gpg, { K: publicKey })).toContain('SIGN_KEY_PUBLIC');
  expect(await refusal(gpg, { K: 'hello' })).toContain('SIGN_KEY_FORMAT');
  expect(await refusal(gpg, { K: secret.slice(0, 300) })).toContain('SIGN_KEY_FORMAT');
  expect(await refusal({ ...gpg, passEnv: ['P'] }, { K: secret, P: 'correct horse' })).toContain('SIGN_SECRET_PASSED');
  const other = fingerprint.replace(/^./, (digit) => (digit === 'A' ? 'B' : 'A'));
  const wrong = await refusal({ ...gpg, fingerprint: other }, { K: secret, P: 'correct horse' });
  expect(wrong).toContain('SIGN_FINGERPRINT');
  expect(wrong).toContain(`expected ${other}\n  actual ${fingerprint}`);
  const grouped = fingerprint.toLowerCase().replace(/(.{4})(?=.)/g, '$1 ');
  expect(await runSign({ ...gpg, keyEnv: 'K', fingerprint: grouped }, { K: secret, P: 'correct horse' })).toMatchObject({ success: true });
});

withGpg('gpg: keys that may not sign', async () => {
  const expired = gpgKey({ madeAt: '20200101T000000', expires: 'seconds=86400' });
  expect(await refusal({ backend: 'gpg' }, { K: expired.secret })).toContain('SIGN_KEY_UNUSABLE');
  const curve = await refusal({ backend: 'gpg' }, { K: gpgKey({ algorithm: 'nistp256' }).secret });
  expect(curve).toContain('SIGN_KEY_UNUSABLE');
  expect(curve).toContain('use Ed25519 (EdDSA) or RSA');
});

withGpg('gpg: RSA, and a subkey whose primary key stays at home', async () => {
  for (const request of [{ algorithm: 'rsa2048' }, { offlinePrimary: true, password: 'correct horse' }]) {
    const { secret, fingerprint, password } = gpgKey(request);
    const options = { backend: 'gpg', keyEnv: 'K', fingerprint, ...(password !== undefined && { passwordEnv: 'P' }) };
    const run = await runSign(options, { K: secret, ...(password !== undefined && { P: password }) });
    expect({ success: run.success, output: run.output }).toMatchObject({ success: true });
    expect(run.report!.report).toMatchObject({ signatures: [{ verifiedBy: ['waybill', 'gpgv'] }] });
  }
});

withGpg('gpg: signs with the date of the release, but never one before the key', async () => {
  const old = gpgKey({ madeAt: '20190101T000000' });
  const run = await runSign({ backend: 'gpg', keyEnv: 'K' }, { K: old.secret });
  expect(run.record!.facts).toMatchObject({ signatures: [{ time: 1_580_601_600 }] });
  const later = await runSign({ backend: 'gpg', keyEnv: 'K' }, { K: old.secret, SOURCE_DATE_EPOCH: '1700000000' });
  expect(later.record!.facts).toMatchObject({ signatures: [{ time: 1_700_000_000 }] });
  const young = gpgKey({ madeAt: '20210101T000000' });
  const run2021 = await runSign({ backend: 'gpg', keyEnv: 'K' }, { K: young.secret });
  expect(run2021.record!.facts).toMatchObject({ signatures: [{ time: expect.any(Number) }] });
  const [{ time }] = run2021.record!.facts['signatures'] as unknown as [{ time: number }];
  expect(Math.abs(time - 1_609_459_200)).toBeLessThan(60);
});

withSsh('ssh: says what is wrong with a key', async () => {
  expect(await refusal({ backend: 'ssh' }, { K: sshKey({ password: 'open sesame' }).secret })).toContain('SIGN_KEY_ENCRYPTED');
  expect(await refusal({ backend: 'ssh' }, { K: sshKey().publicKey })).toContain('SIGN_KEY_PUBLIC');
  expect(await refusal({ backend: 'ssh' }, { K: sshKey({ type: 'ecdsa' }).secret })).toContain('SIGN_KEY_FORMAT');
  expect(await refusal({ backend: 'ssh', fingerprint: 'SHA256:abc' }, { K: sshKey().secret })).toContain('SIGN_FINGERPRINT');
});

withMinisign('minisign: says what is wrong with a key', async () => {
  const { secret, publicKey } = minisignKey();
  expect(await refusal({ backend: 'minisign' }, { K: publicKey })).toContain('SIGN_KEY_PUBLIC');
  expect(await refusal({ backend: 'minisign' }, { K: secret.slice(0, 90) })).toContain('SIGN_KEY_FORMAT');
  expect(await refusal({ backend: 'minisign', fingerprint: minisignKey().fingerprint }, { K: secret })).toContain('SIGN_FINGERPRINT');
});

it.each(['gpg', 'minisign', 'ssh', 'sigstore'])(
  '%s: says that it takes the text of the key where the variable holds a path, which is not shown',
  async (backend) => {
    for (const path of [__filename, '/home/me/none.key', './none.key']) {
      const output = await refusal({ backend }, { K: path });
      expect(output).toContain('SIGN_KEY_FORMAT');
      expect(output).toContain('it looks like a path, and the text of the file is what it takes');
      expect(output).not.toContain(path);
    }
  },
);

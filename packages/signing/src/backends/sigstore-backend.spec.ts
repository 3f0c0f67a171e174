import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sigstoreFormat } from '@waybill/signatures';
import { ARCHIVE, CONTENT, removeRuns, runSign } from '../testing/run-sign';
import { sigstoreKey } from '../testing/test-keys';

afterEach(removeRuns);

const options = { backend: 'sigstore', keyEnv: 'K', passwordEnv: 'P' };

it('signs with a key of one’s own, and keeps the bundle that holds', async () => {
  const { secret, publicKey } = sigstoreKey('correct horse');
  const read = sigstoreFormat.readPublicKey(publicKey);
  const fingerprint = read.ok ? read.facts.fingerprint : '';
  const first = await runSign({ ...options, fingerprint }, { K: secret, P: 'correct horse' });
  expect({ success: first.success, output: first.output }).toMatchObject({ success: true });
  const path = join(first.folder, `${ARCHIVE}.sigstore.json`);
  const bytes = readFileSync(path);
  expect(await sigstoreFormat.verify(bytes, publicKey, [Buffer.from(CONTENT)])).toMatchObject({ ok: true, fingerprint });
  expect(first.report!.report).toMatchObject({ signatures: [{ kept: false, verifiedBy: ['waybill'], notVerifiedBy: 'no other program is asked' }] });
  const again = await runSign({ ...options, fingerprint }, { K: secret, P: 'correct horse' }, { again: first });
  expect(again.report!.report).toMatchObject({ signatures: [{ kept: true }] });
  expect(readFileSync(path)).toEqual(bytes);
});

it.each([
  ['no password', () => ({ K: sigstoreKey('correct horse').secret }), 'SIGN_PASSWORD_MISSING'],
  ['a wrong password', () => ({ K: sigstoreKey('correct horse').secret, P: 'battery' }), 'SIGN_PASSWORD_WRONG'],
  ['a public key', () => ({ K: sigstoreKey().publicKey }), 'SIGN_KEY_PUBLIC'],
  ['another curve', () => ({ K: sigstoreKey(undefined, 'P-384').secret }), 'SIGN_KEY_UNUSABLE'],
  [
    'cosign’s own encryption',
    () => ({ K: '-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n' }),
    'SIGN_KEY_FORMAT',
  ],
  ['rubbish', () => ({ K: 'hello' }), 'SIGN_KEY_FORMAT'],
])('refuses %s', async (_, environment, code) => {
  const { success, output, files } = await runSign(options, environment());
  expect({ success, output, files }).toMatchObject({ success: false, output: expect.stringContaining(code), files: ['report.json'] });
});

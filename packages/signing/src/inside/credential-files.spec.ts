import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import type { ExecutorRun } from '@waybill/plugin-kit/testing';
import { codeCertificate, type CodeCertificate } from '../testing/code-certificates';
import { archiveMacos, unsignedBundle } from '../testing/macos-bundle';
import { placeRcodesign, RECORDED_ENTITLEMENTS, recordedKey, runApple, WITH_ENTITLEMENTS } from '../testing/rcodesign-under-test';
import { runAuthenticode } from '../testing/run-authenticode';
import { removeRuns } from '../testing/run-sign';
import { contentsBelow, formsOf } from '../testing/seen-secrets';
import { startTimestampAuthority, type TimestampAuthority } from '../testing/timestamp-authority';
import { toolWorks } from '../testing/test-keys';
import { archiveBundle, bundleFiles } from '../testing/windows-bundle';

const works = toolWorks('osslsigncode', ['--version']) && toolWorks('openssl', ['version']);
const withTool = skipUnless(works, 'osslsigncode or openssl is not installed');
const folder = temporaryFolder();
const PASSWORD = 'never seen: pä+ss';
let authority: TimestampAuthority;
let windows: CodeCertificate;
beforeAll(async () => {
  if (works) authority = await startTimestampAuthority();
  windows = codeCertificate();
});
afterAll(() => authority?.stop());
afterEach(removeRuns);

/** A file beside the workspace; gives its absolute path. */
function place(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder.path, name), content, { mode: 0o600 });
  return join(folder.path, name);
}

const derOf = (pem: string): Buffer => Buffer.from(pem.split('-----')[2]!.replace(/\s/g, ''), 'base64');
const pfx = (): Buffer => Buffer.from(windows.pkcs12(PASSWORD), 'base64');

const authenticode = async (options: object, environment: Record<string, string>, request: object = {}): Promise<ExecutorRun> =>
  runAuthenticode({ certificateEnv: 'CERT', timestampUrls: [authority.url], ...options }, environment, await archiveBundle(bundleFiles()), request);

const apple = async (environment: Record<string, string>, request: object = {}): Promise<ExecutorRun> => {
  const options = { certificateEnv: 'CERT', keyEnv: 'KEY', timestampUrls: ['http://127.0.0.1:1/recorded'], entitlements: RECORDED_ENTITLEMENTS };
  return runApple(options, environment, await archiveMacos(unsignedBundle()), { bin: placeRcodesign(folder.path), ...WITH_ENTITLEMENTS, ...request });
};

describe('authenticode: a variable that holds the path of a file', () => {
  const CASES: readonly (readonly [what: string, options: object, environment: () => Record<string, string>])[] = [
    ['PKCS#12, with its password', { passwordEnv: 'PW' }, () => ({ CERT: place('certificate.pfx', pfx()), PW: PASSWORD })],
    ['PEM with the key in it', {}, () => ({ CERT: place('both.pem', windows.chain + windows.key) })],
    [
      'a certificate, and one of its key',
      { keyEnv: 'KEY' },
      () => ({ CERT: place('certificate.pem', windows.chain), KEY: place('key.pem', windows.key) }),
    ],
    [
      'a certificate in DER, beside a key in the variable',
      { keyEnv: 'KEY' },
      () => ({ CERT: place('certificate.cer', derOf(windows.chain)), KEY: windows.key }),
    ],
  ];
  for (const [what, options, environment] of CASES)
    withTool(`is read: ${what}`, async () => {
      const run = await authenticode({ fingerprint: windows.fingerprint, ...options }, environment(), { dryRun: true });
      expect(run.success ? '' : run.output).toBe('');
    });

  withTool('may be relative to the workspace, and nothing of what the file holds is left anywhere', async () => {
    const files = { 'keys/certificate.p12': pfx() };
    const run = await authenticode({ passwordEnv: 'PW' }, { CERT: 'keys/certificate.p12', PW: PASSWORD, NX_VERBOSE_LOGGING: 'true' }, { files });
    expect(run.success ? '' : run.output).toBe('');
    const secrets = [PASSWORD, pfx().toString('base64')].flatMap(formsOf);
    const seen = [Buffer.from(run.output), ...contentsBelow(run.folder)];
    for (const secret of secrets) expect(seen.filter((text) => text.includes(secret))).toEqual([]);
  });

  const REFUSED: readonly (readonly [what: string, value: () => string, said: string])[] = [
    ['a path where nothing is', () => '/home/me/certificate.p12', 'it looks like a path, and no such file is there'],
    ['a relative path where nothing is', () => 'keys/missing.pfx', 'it looks like a path, and no such file is there'],
    ['a folder', () => folder.path, 'it is the path of a folder'],
    ['a file of something else', () => place('notes.txt', 'notes'), 'the file that it names is neither PEM nor PKCS#12'],
    ['a file that is too large', () => place('large.p12', Buffer.alloc(4 * 1024 * 1024 + 1)), 'more than any key or certificate'],
    ['what is nothing of all that', () => 'a certificate', 'it is neither PEM, nor base64, nor the path of a file that is there'],
  ];
  for (const [what, value, said] of REFUSED)
    withTool(`is refused: ${what} (\`SIGN_KEY_FORMAT\`)`, async () => {
      const CERT = value();
      const run = await authenticode({}, { CERT });
      expect(run).toMatchObject({ success: false, output: expect.stringMatching(/SIGN_KEY_FORMAT.* CERT /) });
      expect(run.output).toContain(said);
      expect(run.output).not.toContain(CERT);
    });
});

describe('apple: variables that hold paths of files', () => {
  const { certificates, key } = recordedKey();

  it('are read, relative to the workspace too', async () => {
    mkdirSync(join(folder.path, 'keys'), { recursive: true });
    const environment = { CERT: place('developer-id.pem', certificates), KEY: 'keys/developer-id.key' };
    const run = await apple(environment, { files: { ...WITH_ENTITLEMENTS.files, 'keys/developer-id.key': key } });
    expect(run.success ? '' : run.output).toBe('');
    expect(run.record!.facts).toMatchObject({ signatures: [{ backend: 'apple', files: 6 }] });
    for (const secret of key.split('\n').filter((line) => line.length > 20 && !line.startsWith('-')))
      expect([run.output, readFileSync(join(run.folder, 'report.json'), 'utf8')].filter((text) => text.includes(secret))).toEqual([]);
  });

  it('are refused when no such file is there (`SIGN_KEY_FORMAT`)', async () => {
    const run = await apple({ CERT: certificates, KEY: './developer-id.key' });
    expect(run).toMatchObject({ success: false, output: expect.stringMatching(/SIGN_KEY_FORMAT.* KEY /) });
    expect(run.output).toContain('no such file is there');
  });
});

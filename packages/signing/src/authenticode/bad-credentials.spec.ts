import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { DAY_MS, TIME_STAMPING } from '@waybill/binary/testing';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import { codeCertificate, type CodeCertificate } from '../testing/code-certificates';
import { placeProgram } from '../testing/place-program';
import { runAuthenticode } from '../testing/run-authenticode';
import { removeRuns } from '../testing/run-sign';
import { toolWorks } from '../testing/test-keys';
import { archiveBundle, bundleFiles } from '../testing/windows-bundle';

const works = toolWorks('osslsigncode', ['--version']) && toolWorks('openssl', ['version']);
const withTool = skipUnless(works, 'osslsigncode or openssl is not installed');
const folder = temporaryFolder();
const DEAD = 'http://127.0.0.1:9/';
const PAIR = { certificateEnv: 'CERT', keyEnv: 'KEY', passwordEnv: 'PW' };
const PFX = { certificateEnv: 'CERT', passwordEnv: 'PW' };
let archive: Buffer;
let good: CodeCertificate;
beforeAll(async () => {
  archive = await archiveBundle(bundleFiles());
  good = codeCertificate();
});
afterEach(removeRuns);

/** A failed run leaves its report alone. */
async function refusal(options: object, environment: Record<string, string>, request = {}): Promise<string> {
  const { success, output, files } = await runAuthenticode({ timestampUrls: [DEAD], ...options }, environment, archive, request);
  expect({ success, left: files.filter((file) => file !== 'report.json'), output }).toMatchObject({ success: false, left: [] });
  return output;
}

const EACH: readonly [what: string, options: object, environment: () => Record<string, string>, ...said: string[]][] = [
  ['a PKCS#12 file with a wrong password', PFX, () => ({ CERT: good.pkcs12('right one'), PW: 'wrong one' }), 'SIGN_PASSWORD_WRONG', 'password in PW'],
  ['a PKCS#12 file without its password', PFX, () => ({ CERT: good.pkcs12('right one') }), 'SIGN_PASSWORD_MISSING', 'PW is not set'],
  ['a PKCS#12 file that is cut off', PFX, () => ({ CERT: good.pkcs12('x').slice(0, 1200), PW: 'x' }), 'SIGN_KEY_FORMAT', 'damaged'],
  ['a PKCS#12 file without a key', PFX, () => ({ CERT: good.pkcs12('x', '-nokeys'), PW: 'x' }), 'SIGN_KEY_PUBLIC'],
  ['a PKCS#12 file and a key', PAIR, () => ({ CERT: good.pkcs12('x'), KEY: good.key, PW: 'x' }), 'SIGN_KEY_FORMAT', 'has its key inside'],
  ['a PKCS#12 file as the key of a certificate', PAIR, () => ({ CERT: good.chain, KEY: good.pkcs12('x') }), 'SIGN_KEY_FORMAT', 'certificate inside'],
  ['base64 of something else', PFX, () => ({ CERT: Buffer.alloc(300, 7).toString('base64') }), 'SIGN_KEY_FORMAT', 'no PKCS#12 file'],
  ['no certificate', PAIR, () => ({ CERT: good.key, KEY: good.key }), 'SIGN_KEY_FORMAT', 'no certificate in it'],
  ['a damaged certificate', PAIR, () => ({ CERT: good.chain.replace(/\n\w{8}/, '\nAAAAAAAA'), KEY: good.key }), 'SIGN_KEY_FORMAT', 'is damaged'],
  ['a certificate without a key', { certificateEnv: 'CERT' }, () => ({ CERT: good.chain }), 'SIGN_KEY_FORMAT', 'no private key in it'],
  [
    'a variable that is not set',
    PAIR,
    () => ({ CERT: good.chain }),
    'SIGN_KEY_MISSING',
    'KEY is not set',
    'the text of the key file (PEM), or its path',
  ],
  ['a certificate that is not set', PFX, () => ({}), 'SIGN_KEY_MISSING', 'put the certificate (the path of the file, or `base64 -w0'],
  ['a key without its private part', PAIR, () => ({ CERT: good.chain, KEY: publicOf(good.key) }), 'SIGN_KEY_PUBLIC', 'variable KEY'],
  ['a damaged key', PAIR, () => ({ CERT: good.chain, KEY: good.key.replace(/\n\w{40}/, '\n') }), 'SIGN_KEY_FORMAT', 'private key in it is damaged'],
  ['two keys', PAIR, () => ({ CERT: good.chain, KEY: good.key + good.key }), 'SIGN_KEY_FORMAT', '2 private keys'],
  ['a key of another pair', PAIR, () => ({ CERT: good.chain, KEY: otherKey() }), 'SIGN_KEY_MISMATCH'],
  ['a PEM key with a wrong password', PAIR, () => ({ CERT: good.chain, KEY: good.encryptedKey('right'), PW: 'wrong' }), 'SIGN_PASSWORD_WRONG'],
  ['a PEM key without its password', PAIR, () => ({ CERT: good.chain, KEY: good.encryptedKey('right') }), 'SIGN_PASSWORD_MISSING'],
  [
    'another signer than the expected one',
    { ...PAIR, fingerprint: 'ab'.repeat(32) },
    () => ({ CERT: good.chain, KEY: good.key }),
    'SIGN_FINGERPRINT',
  ],
  ['a secret that other programs would see', { ...PFX, passEnv: ['CERT'] }, () => ({ CERT: good.pkcs12('x'), PW: 'x' }), 'SIGN_SECRET_PASSED'],
];
for (const [what, options, environment, ...said] of EACH) {
  withTool(`refuses ${what}`, async () => {
    const output = await refusal(options, environment());
    for (const text of said) expect(output).toContain(text);
  });
}

const publicOf = (key: string): string => createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
const otherKey = (): string => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const DATES = { notBefore: Date.now() - 90 * DAY_MS, notAfter: Date.now() - 2 * DAY_MS };
const CERTIFICATES: readonly [what: string, request: Parameters<typeof codeCertificate>[0], said: string][] = [
  ['that has expired', DATES, 'is valid from'],
  ['of tomorrow', { notBefore: Date.now() + 2 * DAY_MS }, 'is valid from'],
  ['with a short key', { keys: 'rsa-1024' }, 'an RSA key of 1024 bits'],
  ['for another purpose', { purposes: [TIME_STAMPING] }, 'is not made for this purpose'],
];
for (const [what, request, said] of CERTIFICATES) {
  withTool(`refuses a certificate ${what}: SIGN_CERTIFICATE, before anything is asked or signed`, async () => {
    const { chain, key } = codeCertificate(request);
    const output = await refusal(PAIR, { CERT: chain, KEY: key });
    expect(output).toContain('SIGN_CERTIFICATE');
    expect(output).toContain(said);
  });
}

it('without a certificate it goes on only for a reason, which the record carries; no tool is needed then', async () => {
  const run = await runAuthenticode({ ...PFX, timestampUrls: [DEAD], allowUnsigned: 'no certificate yet' }, { PATH: folder.path }, archive);
  expect({ success: run.success, output: run.output }).toMatchObject({ success: true });
  expect(run.report).toMatchObject({ outcome: 'skipped', reason: 'unsigned: no certificate yet' });
  expect(run.record).toMatchObject({ artifacts: [], facts: { signatures: [], allowUnsigned: 'no certificate yet' } });
});

withTool('warns when the certificate ends soon, and when its issuer is not beside it', async () => {
  const { chain, key } = codeCertificate({ notAfter: Date.now() + 10.5 * DAY_MS });
  const alone = chain.slice(0, chain.indexOf('-----END CERTIFICATE-----') + 26);
  const run = await runAuthenticode({ ...PAIR, timestampUrls: [DEAD] }, { CERT: alone, KEY: key }, archive, { dryRun: true });
  expect(run.success).toBe(true);
  expect(run.output).toContain('sign every PE file, installer and script inside of');
  expect(run.output).toContain(`timestamps by ${DEAD}`);
  const refused = await runAuthenticode({ ...PAIR, timestampUrls: ['http://127.0.0.1:9/'] }, { CERT: alone, KEY: key }, archive);
  expect(refused.report!.warnings).toEqual(
    expect.arrayContaining([expect.stringContaining('valid for 10 more days'), expect.stringContaining('Windows may not find out')]),
  );
});

const ODD = '-a "b\' ü€ \\ $HOME `id`\tc ';
const ODD_PASSWORDS: readonly [what: string, options: object, environment: () => Record<string, string>][] = [
  ['of a PKCS#12 file, in base64 with line breaks', PFX, () => ({ CERT: good.pkcs12(ODD).replace(/(.{76})/g, '$1\r\n'), PW: ODD })],
  ['of a PEM key', PAIR, () => ({ CERT: good.chain, KEY: good.encryptedKey(`${ODD}\nd\n`), PW: `${ODD}\nd\n` })],
];
for (const [what, options, environment] of ODD_PASSWORDS) {
  withTool(`takes an odd password ${what}`, async () => {
    const run = await runAuthenticode({ timestampUrls: [DEAD], ...options }, environment(), archive, { dryRun: true });
    expect(run.success ? '' : run.output).toBe('');
  });
}

const program = (text: string): string => placeProgram(folder.path, 'osslsigncode', text);

it('refuses a tool that is missing, too old or crashing', async () => {
  const { chain, key } = codeCertificate();
  const pair = { CERT: chain, KEY: key };
  expect(await refusal(PAIR, { ...pair, PATH: folder.path })).toContain('TOOL_MISSING');
  const old = await refusal(PAIR, { ...pair, PATH: `${program('#!/bin/sh\necho "osslsigncode 2.3, using:"\n')}:/bin` });
  expect(old).toContain('TOOL_VERSION');
  expect(old).toContain('apt-get install osslsigncode');
  const version = 'case "$1" in --version) echo "osslsigncode 2.9, using:"; exit 0;; esac';
  const crashing = await refusal(PAIR, { ...pair, PATH: `${program(`#!/bin/sh\n${version}\nkill -SEGV $$\n`)}:/bin` });
  expect(crashing).toContain('PROCESS_FAILED');
  expect(crashing).toContain('SIGSEGV');
  const named = { ...PAIR, osslsigncode: join(folder.path, 'no-such-program') };
  expect(await refusal(named, pair)).toContain('TOOL_MISSING');
});

it('a tool that says yes and signs nothing is found out', async () => {
  const { chain, key } = codeCertificate();
  const copies = `#!/bin/sh\ncase "$1" in --version) echo "osslsigncode 2.9, using:"; exit 0;; esac\nwhile [ $# -gt 1 ]; do case "$1" in -in) i=$2;; -out) o=$2;; esac; shift; done\ncp "$i" "$o"\n`;
  const output = await refusal(PAIR, { CERT: chain, KEY: key, PATH: `${program(copies)}:/bin` });
  expect(output).toContain('SIGN_VERIFY');
});

it.each([
  ['a certificate for another backend', { backend: 'gpg', certificateEnv: 'CERT' }, 'certificateEnv'],
  ['timestamps for another backend', { backend: 'gpg', keyEnv: 'K', timestampUrls: [DEAD] }, 'timestampUrls'],
  ['no timestamp server', { ...PAIR, timestampUrls: undefined }, 'timestampUrls'],
  ['an address of no server', { ...PAIR, timestampUrls: ['timestamp.example'] }, 'timestampUrls'],
  ['a rule without a reason', { ...PAIR, replace: [{ glob: '*', reason: ' ' }] }, 'replace\\[0\\].reason'],
  ['one variable for two', { certificateEnv: 'CERT', keyEnv: 'CERT' }, 'keyEnv'],
  ['the password in the variable of the key', { certificateEnv: 'CERT', passwordEnv: 'CERT' }, 'passwordEnv'],
])('refuses %s', async (_, options, said) => {
  expect(await refusal(options, { CERT: 'x' })).toMatch(new RegExp(`OPTION_[\\s\\S]*${said}`));
});

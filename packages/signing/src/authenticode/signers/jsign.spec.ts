import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildPe } from '@waybill/binary/testing';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import type { ExecutorRun } from '@waybill/plugin-kit/testing';
import { archiveFiles } from '../../testing/archive-files';
import { codeCertificate, type CodeCertificate } from '../../testing/code-certificates';
import { jsignStandIn, type JsignStandIn } from '../../testing/jsign-under-test';
import { placeProgram } from '../../testing/place-program';
import { runAuthenticode, unpackSigned } from '../../testing/run-authenticode';
import { removeRuns } from '../../testing/run-sign';
import { toolWorks } from '../../testing/test-keys';
import { useTimestampAuthority } from '../../testing/timestamp-authority';
import { archiveBundle, bundleFiles, TOP } from '../../testing/windows-bundle';
import { verifyByOsslsigncode } from '../../testing/verify-by-osslsigncode';

const works = toolWorks('osslsigncode', ['--version']) && toolWorks('openssl', ['version']);
const withTool = skipUnless(works, 'osslsigncode or openssl is not installed');
const folder = temporaryFolder();
const certificate = codeCertificate();
const DEAD = 'http://127.0.0.1:9/';
const TOKEN = 'token+of/the=vault';
const VAULT = { type: 'AZUREKEYVAULT', name: 'release-vault', alias: 'code' };
const PATHS = '/usr/bin:/bin';
const authority = useTimestampAuthority(works);
afterAll(async () => {
  if (jar !== undefined) rmSync(dirname(jar), { recursive: true });
  await removeRuns();
});

const placeJsign = (state: object = {}, key: CodeCertificate = certificate): JsignStandIn => {
  const placed = jsignStandIn(folder.path, { ...VAULT, password: TOKEN, hasCertificates: true, ...state }, key);
  return { ...placed, PATH: `${placed.PATH}:${PATHS}` };
};

const sign = async (options: object, environment: Record<string, string>, files = bundleFiles()): Promise<ExecutorRun> => {
  const base = { keystore: VAULT, passwordEnv: 'TOKEN', timestampUrls: [authority()?.url ?? DEAD] };
  return runAuthenticode({ ...base, ...options }, environment, await archiveBundle(files));
};

const verifiedBy = (file: string, by: CodeCertificate): number | null => verifyByOsslsigncode(file, by, authority(), folder.path);

withTool('signs programs and scripts with a key in a vault; the token is on no command line and in no variable of another program', async () => {
  const tool = placeJsign();
  const run = await sign({ fingerprint: certificate.fingerprint }, { PATH: tool.PATH, TOKEN }, bundleFiles({ 'a [1]*.ps1': Buffer.from('1\n2\n') }));
  expect(run.success ? '' : run.output).toBe('');
  expect(run.record!.facts).toMatchObject({ signatures: [{ files: 6, fingerprint: certificate.fingerprint }] });
  expect(run.report!.report).toMatchObject({ tool: 'jsign 7.4' });
  const root = await unpackSigned(run, folder.path);
  for (const name of ['app.exe', 'python/vendor/fast/_fast.pyd']) expect([name, verifiedBy(join(root, name), certificate)]).toEqual([name, 0]);
  expect(tool.calls()).not.toContain(TOKEN);
  const [, first] = tool.calls().split('\n');
  const { args } = JSON.parse(first!) as { args: string[] };
  expect(args.map((text) => text.replace(/\/.*\//, '/…/'))).toEqual([
    ...['sign', '--keystore', 'release-vault', '--storetype', 'AZUREKEYVAULT', '--alias', 'code', '--storepass', 'file:/…/password'],
    ...['--alg', 'SHA-256', '--replace', '/…/file.dll'],
  ]);
});

withTool('signs a file that nobody may write, which is so again behind that', async () => {
  const tool = placeJsign();
  const content = await archiveFiles({ top: TOP, files: { 'app.exe': buildPe({}).bytes }, format: 'tar.gz', modeOf: () => 0o555 });
  const options = { keystore: VAULT, passwordEnv: 'TOKEN', timestampUrls: [authority().url] };
  const run = await runAuthenticode(options, { PATH: tool.PATH, TOKEN }, content);
  expect(run.success ? '' : run.output).toBe('');
  const file = join(await unpackSigned(run, folder.path, `${TOP}.tar.gz`), 'app.exe');
  expect([statSync(file).mode & 0o777, verifiedBy(file, certificate)]).toEqual([0o555, 0]);
});

withTool('certificates come from a variable where the store holds keys alone', async () => {
  const keystore = { type: 'AWS', name: 'eu-west-3', alias: 'code' };
  const tool = placeJsign({ ...keystore, hasCertificates: false });
  const environment = { PATH: tool.PATH, TOKEN, CHAIN: certificate.chain };
  const run = await sign({ keystore, certificateEnv: 'CHAIN' }, environment, { 'app.exe': buildPe({}).bytes });
  expect(run.success ? '' : run.output).toBe('');
  const key = await sign({ keystore, certificateEnv: 'CHAIN' }, { ...environment, CHAIN: certificate.key });
  expect(key.output).toContain('no certificate in PEM in it');
});

const REFUSED: readonly [what: string, options: object, environment: () => Record<string, string>, ...said: string[]][] = [
  ['a wrong token', {}, () => ({ TOKEN: 'other-token' }), 'SIGN_PASSWORD_WRONG', 'password in TOKEN', 'the key store `release-vault`'],
  ['a variable that is not set', {}, () => ({}), 'SIGN_PASSWORD_MISSING', 'TOKEN is not set'],
  ['a store without its password', { passwordEnv: undefined }, () => ({}), 'SIGN_PASSWORD_MISSING', 'no password was named'],
  ['another alias', { keystore: { ...VAULT, alias: 'nope' } }, () => ({ TOKEN }), 'SIGN_STORE', 'available aliases: code'],
  ['a vault out of reach', { keystore: { ...VAULT, name: 'gone' } }, () => ({ TOKEN }), 'SIGN_STORE', 'gone.vault.azure.net'],
  ['another signer than the expected one', { fingerprint: 'ab'.repeat(32) }, () => ({ TOKEN }), 'SIGN_FINGERPRINT', 'the key store `release-vault`'],
  ['a token that other programs would see', { passEnv: ['TOKEN'] }, () => ({ TOKEN }), 'SIGN_SECRET_PASSED'],
  ['a tool that is missing', {}, () => ({ TOKEN, PATH: folder.path }), 'TOOL_MISSING', 'jsign'],
];
for (const [what, options, environment, ...said] of REFUSED) {
  withTool(`refuses ${what}`, async () => {
    const run = await sign(options, { PATH: placeJsign().PATH, ...environment() });
    expect({ success: run.success, files: run.files }).toEqual({ success: false, files: ['report.json'] });
    for (const text of said) expect(run.output).toContain(text);
    expect(run.output).not.toContain('other-token');
  });
}

withTool('what a service refuses it for is told without the secret, which jsign says', async () => {
  const keystore = { type: 'AWS', name: 'eu-west-3', alias: 'code' };
  const run = await sign({ keystore }, { PATH: placeJsign({ ...keystore, hasCertificates: true }).PATH, TOKEN: 'AKIA|other/secret' });
  expect(run.output).toContain('Invalid AWS credentials: ******');
  expect(run.output).not.toContain('other/secret');
});

withTool('a dead timestamp server is an error, and a certificate that has expired', async () => {
  const dead = await sign({ timestampUrls: [DEAD] }, { PATH: placeJsign().PATH, TOKEN }, { 'app.exe': buildPe({}).bytes });
  expect(dead.output).toContain('SIGN_TIMESTAMP');
  const DAY_MS = 86_400_000;
  const expired = codeCertificate({ notBefore: Date.now() - 90 * DAY_MS, notAfter: Date.now() - 2 * DAY_MS });
  expect((await sign({}, { PATH: placeJsign({}, expired).PATH, TOKEN })).output).toContain('SIGN_CERTIFICATE');
});

it.each([
  ['a key beside the store', { keyEnv: 'KEY' }, 'keyEnv'],
  ['a store of another kind', { keystore: { type: 'SHOEBOX', name: 'x' } }, 'keystore'],
  ['an option in place of a name', { keystore: { type: 'AWS', name: '--help' } }, 'keystore'],
  ['the other program', { osslsigncode: 'osslsigncode' }, 'osslsigncode'],
  ['the program without a store', { keystore: undefined, certificateEnv: 'C', passwordEnv: undefined, jsign: 'jsign' }, 'jsign'],
  ['a store for another backend', { backend: 'gpg', timestampUrls: undefined, passwordEnv: undefined }, 'keystore'],
])('refuses %s', async (_, options, said) => {
  expect((await sign(options, { TOKEN })).output).toMatch(new RegExp(`OPTION_[\\s\\S]*${said}`));
});

/** jsign itself, as Maven gets it; it needs Java. */
function fetchJsign(): string | undefined {
  if (process.env['WAYBILL_TEST_FULL'] !== '1' || !works || !toolWorks('java', ['-version']) || !toolWorks('mvn', ['--version'])) return undefined;
  const place = mkdtempSync('/tmp/waybill-jsign-');
  const copy = ['org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy', '-Dartifact=net.jsign:jsign:7.4', `-DoutputDirectory=${place}`];
  if (spawnSync('mvn', ['-q', '-B', ...copy], { cwd: place, timeout: 150_000 }).status !== 0) return undefined;
  const jar = join(place, 'jsign-7.4.jar');
  const sha256 = createHash('sha256').update(readFileSync(jar)).digest('hex');
  if (sha256 !== '2abf2ade9ea322acc2d60c24794eadc465ff9380938fca4c932d09e0b25f1c28') throw new Error(`jsign-7.4.jar has sha256 ${sha256}`);
  return jar;
}
const jar = fetchJsign();

skipUnless(jar !== undefined, 'a run that is not full, or no java and mvn here')(
  '[full] jsign 7.4 itself signs programs and scripts, with a PKCS#12 store that lies here; osslsigncode verifies each',
  async () => {
    const bin = placeProgram(folder.path, 'jsign', `#!/bin/sh\nexec java -jar '${jar}' "$@"\n`);
    const store = join(folder.path, 'store.p12');
    writeFileSync(store, Buffer.from(certificate.pkcs12('p "ss+%w', '-name', 'code'), 'base64'));
    const keystore = { type: 'PKCS12', name: store, alias: 'code' };
    const scripts = { 'lf.ps1': Buffer.from('Write-Host 1\n'), 'wide.ps1': Buffer.from('\ufeffWrite-Host "hü"\r\n', 'utf16le') };
    const run = await sign({ keystore }, { PATH: `${bin}:${PATHS}`, TOKEN: 'p "ss+%w' }, bundleFiles(scripts));
    expect(run.success ? '' : run.output).toBe('');
    const root = await unpackSigned(run, folder.path);
    for (const name of ['app.exe', 'python/runtime/python312.dll', 'lf.ps1', 'wide.ps1'])
      expect([name, verifiedBy(join(root, name), certificate)]).toEqual([name, 0]);
    const wrong = await sign({ keystore }, { PATH: `${bin}:${PATHS}`, TOKEN: 'other-token' });
    expect(wrong.output).toContain('SIGN_PASSWORD_WRONG');
    const alias = await sign({ keystore: { ...keystore, alias: 'nope' } }, { PATH: `${bin}:${PATHS}`, TOKEN: 'p "ss+%w' });
    expect(alias.output).toContain('available aliases: code');
  },
);

import { join } from 'node:path';
import { buildPe } from '@waybill/binary/testing';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import type { ExecutorRun } from '@waybill/plugin-kit/testing';
import { codeCertificate, type CodeCertificate } from '../../testing/code-certificates';
import { placeProgram } from '../../testing/place-program';
import { runAuthenticode, unpackSigned } from '../../testing/run-authenticode';
import { removeRuns } from '../../testing/run-sign';
import { signtoolStandIn, withVersion } from '../../testing/signtool-under-test';
import { toolWorks } from '../../testing/test-keys';
import { useTimestampAuthority } from '../../testing/timestamp-authority';
import { archiveBundle, bundleFiles } from '../../testing/windows-bundle';
import { verifyByOsslsigncode } from '../../testing/verify-by-osslsigncode';

const works = toolWorks('osslsigncode', ['--version']) && toolWorks('openssl', ['version']);
const withTool = skipUnless(works, 'osslsigncode or openssl is not installed');
const folder = temporaryFolder();
const certificate = codeCertificate();
const DEAD = 'http://127.0.0.1:9/';
const PATHS = '/usr/bin:/bin';
const authority = useTimestampAuthority(works);
afterAll(removeRuns);

const sign = async (options: object, environment: Record<string, string>, files = bundleFiles()): Promise<ExecutorRun> => {
  const base = { identityEnv: 'THUMBPRINT', timestampUrls: [authority()?.url ?? DEAD] };
  return runAuthenticode({ ...base, ...options }, environment, await archiveBundle(files));
};
const ONE = { 'app.exe': buildPe({}).bytes };
const IN_FILE = { identityEnv: undefined, certificateEnv: 'CERT' };

const verifiedBy = (file: string, by: CodeCertificate): number | null => verifyByOsslsigncode(file, by, authority(), folder.path);

withTool('signs programs and scripts with a certificate of the store, whatever letters its thumbprint came with', async () => {
  const { PATH, thumbprint, calls } = signtoolStandIn(folder.path, certificate);
  const pasted = `\u200e${thumbprint.toLowerCase().replace(/(..)/g, '$1 ')}`;
  const environment = { PATH: `${PATH}:${PATHS}`, THUMBPRINT: pasted };
  const run = await sign({ fingerprint: certificate.fingerprint }, environment, bundleFiles({ 'a [1]*.ps1': Buffer.from('1\r\n2\r\n') }));
  expect(run.success ? '' : run.output).toBe('');
  expect(run.record!.facts).toMatchObject({ signatures: [{ files: 6, fingerprint: certificate.fingerprint, backend: 'authenticode' }] });
  expect(run.report!.report).toMatchObject({ tool: 'signtool 10.0.22621.3233', files: [{ verifiedBy: ['waybill'] }] });
  const root = await unpackSigned(run, folder.path);
  for (const name of ['app.exe', 'python/runtime/noext', 'python/vendor/fast/_fast.pyd'])
    expect([name, verifiedBy(join(root, name), certificate)]).toEqual([name, 0]);
  const args = calls()
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { args: string[] }).args.map((text) => text.replace(/^\/.*\//, '/…/')));
  expect(args[0]).toEqual(['sign', '/s', 'My', '/sha1', thumbprint, '/fd', 'SHA256', '/…/probe.dll'.replace('probe', 'file')]);
  expect(args[1]!.slice(0, 11)).toEqual(['sign', '/s', 'My', '/sha1', thumbprint, '/fd', 'SHA256', '/tr', authority().url, '/td', 'SHA256']);
});

withTool('signs with a certificate of the machine’s store, when it is named; each store has its own', async () => {
  const { PATH, thumbprint, calls } = signtoolStandIn(folder.path, certificate, 'machine');
  const environment = { PATH: `${PATH}:${PATHS}`, THUMBPRINT: thumbprint };
  const run = await sign({ identityStore: 'machine' }, environment, ONE);
  expect(run.success ? '' : run.output).toBe('');
  expect((JSON.parse(calls().split('\n')[0]!) as { args: string[] }).args.slice(0, 6)).toEqual(['sign', '/sm', '/s', 'My', '/sha1', thumbprint]);
  expect(verifiedBy(join(await unpackSigned(run, folder.path), 'app.exe'), certificate)).toBe(0);
  const other = await sign({}, environment, ONE);
  expect(other.output).toMatch(/SIGN_STORE[^]*of this user’s store[^]*Cert:\\CurrentUser\\My[^]*identityStore/);
  const user = signtoolStandIn(folder.path, certificate);
  const refused = await sign({ identityStore: 'machine' }, { PATH: `${user.PATH}:${PATHS}`, THUMBPRINT: user.thumbprint }, ONE);
  expect(refused.output).toMatch(/SIGN_STORE[^]*of this machine’s store[^]*Cert:\\LocalMachine\\My/);
});

withTool('signs with a PKCS#12 file without a password, which lies in a file that only this user may read', async () => {
  const { PATH, calls } = signtoolStandIn(folder.path, codeCertificate());
  const file = certificate.pkcs12('');
  const run = await sign({ ...IN_FILE, signtool: join(PATH, 'signtool') }, { PATH: PATHS, CERT: file }, ONE);
  expect(run.success ? '' : run.output).toBe('');
  expect(run.record!.facts).toMatchObject({ signatures: [{ files: 1, fingerprint: certificate.fingerprint }] });
  expect(verifiedBy(join(await unpackSigned(run, folder.path), 'app.exe'), certificate)).toBe(0);
  expect(calls()).toContain('"/f"');
  expect(calls()).not.toContain(file.slice(200, 260));
});

withTool('a server of timestamps that fails is asked again, the next one in its place', async () => {
  const { PATH, thumbprint } = signtoolStandIn(folder.path, certificate);
  const environment = { PATH: `${PATH}:${PATHS}`, THUMBPRINT: thumbprint };
  const run = await sign({ timestampUrls: [DEAD, authority().url] }, environment, ONE);
  expect(run.success ? '' : run.output).toBe('');
  const dead = await sign({ timestampUrls: [DEAD] }, environment, ONE);
  expect(dead).toMatchObject({ success: false, files: ['report.json'], output: expect.stringContaining('SIGN_TIMESTAMP') });
  expect(dead.output).toContain('could not be reached');
});

const thumb = (): string => signtoolStandIn(folder.path, certificate).thumbprint;
const REFUSED: readonly [what: string, options: () => object, environment: () => Record<string, string>, ...said: string[]][] = [
  ['a certificate that is not in the store', () => ({}), () => ({ THUMBPRINT: 'ab'.repeat(20) }), 'SIGN_STORE', 'signtool cannot sign', 'criteria'],
  ['what is no thumbprint', () => ({}), () => ({ THUMBPRINT: certificate.fingerprint }), 'SIGN_IDENTITY', '40 hexadecimal digits'],
  ['a variable that is not set', () => ({}), () => ({}), 'SIGN_KEY_MISSING', 'THUMBPRINT is not set'],
  ['another signer than the expected one', () => ({ fingerprint: 'ab'.repeat(32) }), () => ({ THUMBPRINT: thumb() }), 'SIGN_FINGERPRINT'],
  [
    'a PKCS#12 file with a password',
    () => ({ ...IN_FILE, signtool: 'signtool' }),
    () => ({ CERT: certificate.pkcs12('pw') }),
    'SIGN_KEY_TOOL',
    'Import-PfxCertificate',
  ],
  [
    'a PKCS#12 file without a key',
    () => ({ ...IN_FILE, signtool: 'signtool' }),
    () => ({ CERT: certificate.pkcs12('', '-nokeys') }),
    'SIGN_KEY_TOOL',
  ],
  ['a key in PEM', () => ({ ...IN_FILE, signtool: 'signtool' }), () => ({ CERT: certificate.chain + certificate.key }), 'SIGN_KEY_TOOL', 'it is PEM'],
  ['a tool that is missing', () => ({}), () => ({ THUMBPRINT: 'ab'.repeat(20), PATH: folder.path }), 'TOOL_MISSING', 'Windows SDK'],
  [
    'a tool of Windows 8',
    () => ({}),
    () => ({ THUMBPRINT: thumb(), PATH: placeProgram(folder.path, 'signtool', withVersion('#!/bin/sh\n', '6.3.9600.17298')) }),
    'TOOL_VERSION',
    '6.3.9600',
  ],
  [
    'a tool that crashes',
    () => ({}),
    () => ({ THUMBPRINT: thumb(), PATH: placeProgram(folder.path, 'signtool', withVersion('#!/bin/sh\nkill -ABRT $$')) }),
    'PROCESS_FAILED',
    'SIGABRT',
  ],
  [
    'a tool that does nothing',
    () => ({}),
    () => ({ THUMBPRINT: thumb(), PATH: placeProgram(folder.path, 'signtool', withVersion('#!/bin/sh')) }),
    'SIGN_VERIFY',
    'it has no signer',
  ],
];
for (const [what, options, environment, ...said] of REFUSED) {
  withTool(`refuses ${what}`, async () => {
    const run = await sign(options(), { PATH: `${signtoolStandIn(folder.path, certificate).PATH}:${PATHS}`, ...environment() });
    expect({ success: run.success, files: run.files, output: run.output }).toMatchObject({ success: false, files: ['report.json'] });
    for (const text of said) expect(run.output).toContain(text);
  });
}

it.each<[string, object, string]>([
  ['a password, which would stand on a command line', { ...IN_FILE, passwordEnv: 'PW', signtool: 'signtool' }, 'passwordEnv'],
  ['a key of its own', { ...IN_FILE, keyEnv: 'KEY', signtool: 'signtool' }, 'keyEnv'],
  ['another program beside it', { ...IN_FILE, osslsigncode: 'osslsigncode', signtool: 'signtool' }, 'osslsigncode'],
  ['two keys', { certificateEnv: 'CERT' }, 'certificateEnv'],
  ['a store of jsign', { identityEnv: undefined, keystore: { type: 'AWS', name: 'x' }, signtool: 'signtool' }, 'signtool'],
  ['no server of timestamps', { timestampUrls: undefined }, 'timestampUrls'],
  ['another backend', { backend: 'gpg', timestampUrls: undefined }, 'identityEnv'],
  ['a store without a certificate', { ...IN_FILE, identityStore: 'machine' }, 'identityEnv'],
  ['a store of nobody', { identityStore: 'CurrentService' }, 'identityStore'],
])('refuses %s', async (_, options, said) => {
  expect((await sign(options, { THUMBPRINT: 'ab'.repeat(20) })).output).toMatch(new RegExp(`OPTION_[\\s\\S]*${said}`));
});

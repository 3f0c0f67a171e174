import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { hashBytes } from '@waybill/core';
import { temporaryFolder } from '@waybill/core/testing';
import type { ExecutorRun } from '@waybill/plugin-kit/testing';
import { codeCertificate } from '../../testing/code-certificates';
import { placeMac, type MacStandIn } from '../../testing/codesign-under-test';
import { buildDiskImage, buildPackage } from '../../testing/images';
import { TEAM } from '../../testing/macos-bundle';
import { pkcs12Of } from '../../testing/pkcs12';
import { realRcodesign, recordedInstallerKey, recordedKey, runApple } from '../../testing/rcodesign-under-test';
import { removeRuns } from '../../testing/run-sign';
import { useRecordedServers } from '../../testing/timestamp-authority';

const folder = temporaryFolder();
const recording = process.env['WAYBILL_RECORD'] === '1' ? realRcodesign() : undefined;
const INSTALLER = recordedInstallerKey();
const APPLICATION = recordedKey();
const CONTENT = { dmg: buildDiskImage(), pkg: buildPackage() };
type Kind = keyof typeof CONTENT;
const servers = useRecordedServers(recording !== undefined);
let mac: MacStandIn;
let temporary: string;
beforeEach(() => {
  mac = placeMac(folder.path, recording, { ...(recording !== undefined && { timestamps: servers()[0]! }) });
  temporary = mkdtempSync(join(folder.path, 'tmp-'));
  jest.spyOn(os, 'tmpdir').mockReturnValue(temporary);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await removeRuns();
});

const IN_PEM = { certificateEnv: 'CERT', keyEnv: 'KEY' };
const pairOf = ({ certificates: CERT, key: KEY }: { certificates: string; key: string }): Record<string, string> => ({ CERT, KEY });

/** A disk image gets its timestamp of the server that is named, a package of Apple’s. */
function sign(kind: Kind, options: object, environment: Record<string, string>, request: object = {}): Promise<ExecutorRun> {
  const name = `app-1.0.${kind}`;
  const upstream = [{ target: 'package-macos', stage: 'package', artifacts: [{ name, kind, content: CONTENT[kind], platform: 'macos-aarch64' }] }];
  const base = { codesign: join(mac.bin, 'codesign'), artifacts: [kind], ...(kind === 'dmg' && { timestampUrls: servers() }) };
  return runApple({ ...base, ...options }, environment, Buffer.from('unused'), { bin: mac.bin, upstream, ...request });
}

function expectNothingLeft(): void {
  const { searchList, keychains } = mac.state();
  expect({ searchList, keychains: Object.keys(keychains) }).toEqual({ searchList: [mac.loginKeychain], keychains: [mac.loginKeychain] });
  expect(readdirSync(temporary).filter((name) => /keychain|key/.test(name))).toEqual([]);
}

/** The command line of the last call of a program. */
const lastCall = (program: string): readonly string[] =>
  mac
    .calls()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { program: string; args: string[] })
    .findLast((call) => call.program === program)?.args ?? [];

/** Puts a certificate with its key into the keychain of the user, for both programs. */
function importForUser({ certificates, key }: { certificates: string; key: string }): void {
  for (const [name, text] of Object.entries({ 'user.key': key, 'user.pem': certificates })) {
    writeFileSync(join(folder.path, name), text, { mode: 0o600 });
    const args = ['import', join(folder.path, name), '-k', mac.loginKeychain, '-T', '/usr/bin/codesign', '-T', '/usr/bin/productsign'];
    expect(spawnSync(join(mac.bin, 'security'), args).status).toBe(0);
  }
  const input = `set-key-partition-list -S apple-tool:,apple:,codesign: -s -k "of the user" ${mac.loginKeychain}\n`;
  expect(spawnSync(join(mac.bin, 'security'), ['-i'], { input, encoding: 'utf8' }).stderr).toBe('');
}

const sha1Of = (name: RegExp): string => mac.state().keychains[mac.loginKeychain]!.identities.find((one) => name.test(one.name))!.sha1;

it('a package is signed by productsign, with a key in a keychain of its own that is gone afterwards', async () => {
  const run = await sign('pkg', IN_PEM, pairOf(INSTALLER));
  expect(run.success ? '' : run.output).toBe('');
  expectNothingLeft();
  const [, sha1, , keychain, , ...rest] = lastCall('productsign');
  expect(lastCall('productsign')).toEqual(['--sign', sha1, '--keychain', keychain, '--timestamp', ...rest]);
  expect([sha1!.length, keychain!.startsWith(temporary), rest.map((path) => path.endsWith('.pkg'))]).toEqual([40, true, [true, true]]);
  const bytes = readFileSync(join(run.folder, 'app-1.0.pkg'));
  expect(run.record).toMatchObject({
    artifacts: [{ name: 'app-1.0.pkg', kind: 'pkg', sha256: hashBytes(bytes) }],
    facts: { signatures: [{ backend: 'apple', team: TEAM, files: 1 }] },
  });
  expect(run.output).toContain('pkgutil says of `app-1.0.pkg`: signed by untrusted certificate');
  const again = await sign('pkg', IN_PEM, pairOf(INSTALLER), { again: run });
  expect(again.report!.report).toMatchObject({ files: [{ made: [], kept: ['app-1.0.pkg'] }] });
});

it('a disk image is signed by codesign', async () => {
  const run = await sign('dmg', IN_PEM, pairOf(APPLICATION));
  expect(run.success ? '' : run.output).toBe('');
  expectNothingLeft();
  expect(lastCall('codesign')).toEqual([
    ...['--force', '--sign', expect.stringMatching(/^[0-9A-F]{40}$/), '--keychain', expect.any(String)],
    ...[expect.stringMatching(/^--timestamp=http/), '--identifier', 'app-1.0', expect.stringMatching(/app-1\.0\.dmg$/)],
  ]);
  expect(run.record!.facts).toMatchObject({ signatures: [{ team: TEAM, files: 1 }] });
  expect(mac.commands()).not.toContain('pkgutil');
});

it('takes PKCS#12 with its password, which stands on no command line', async () => {
  const P12 = pkcs12Of({ ...INSTALLER, password: 'pä ss', legacy: true });
  const run = await sign('pkg', { certificateEnv: 'P12', passwordEnv: 'PW' }, { P12, PW: 'pä ss' });
  expect(run.success ? '' : run.output).toBe('');
  expect(mac.calls()).not.toContain('pä ss');
  expectNothingLeft();
});

describe('with certificates of the user’s keychain', () => {
  beforeEach(() => [APPLICATION, INSTALLER].forEach(importForUser));

  it.each<[Kind, string, () => string]>([
    ['pkg', 'its name', () => `Developer ID Installer: Example Ltd (${TEAM})`],
    ['pkg', 'its SHA-1', () => sha1Of(/Installer/)],
    ['pkg', 'a part of its name', () => 'ID Installer'],
    ['dmg', 'a name that both have in part', () => TEAM],
  ])('signs a %s by %s', async (kind, _, identity) => {
    const run = await sign(kind, { identityEnv: 'IDENTITY' }, { IDENTITY: identity() });
    expect(run.success ? '' : run.output).toBe('');
    expect(lastCall(kind === 'pkg' ? 'productsign' : 'codesign')).not.toContain('--keychain');
  });

  it('that productsign may not use, or that is locked, says what to do (`SIGN_KEYCHAIN`)', async () => {
    const login = mac.state().keychains[mac.loginKeychain]!;
    const identities = login.identities.map((identity) => ({ ...identity, partitioned: false }));
    mac.set({ keychains: { [mac.loginKeychain]: { ...login, identities } } });
    const run = await sign('pkg', { identityEnv: 'IDENTITY' }, { IDENTITY: 'ID Installer' });
    expect(run).toMatchObject({ success: false, files: ['report.json'], output: expect.stringContaining('SIGN_KEYCHAIN') });
    expect(run.output).toContain('User interaction is not allowed');
  });
});

describe('refuses, and leaves nothing', () => {
  const expired = codeCertificate({ purposes: ['1.2.840.113635.100.4.13'], notBefore: Date.now() - 9e9, notAfter: Date.now() - 1e9 });
  const forMail = codeCertificate({ purposes: ['1.3.6.1.5.5.7.3.4'] });
  it.each<[string, Kind, object, Record<string, string>, string, string]>([
    ['a certificate for applications for a package', 'pkg', IN_PEM, pairOf(APPLICATION), 'SIGN_CERTIFICATE_KIND', 'Developer ID Installer'],
    ['a certificate for packages for a disk image', 'dmg', IN_PEM, pairOf(INSTALLER), 'SIGN_CERTIFICATE_KIND', 'Developer ID Application'],
    ['an expired certificate', 'pkg', IN_PEM, pairOf({ certificates: expired.chain, key: expired.key }), 'SIGN_CERTIFICATE', 'it is valid from'],
    [
      'one for something else',
      'pkg',
      IN_PEM,
      pairOf({ certificates: forMail.chain, key: forMail.key }),
      'SIGN_CERTIFICATE',
      'neither for code signing',
    ],
    [
      'another server of timestamps',
      'pkg',
      { ...IN_PEM, timestampUrls: ['http://127.0.0.1:1/'] },
      pairOf(INSTALLER),
      'SIGN_TIMESTAMP_SERVER',
      'Apple’s',
    ],
    ['another signer than expected', 'pkg', { ...IN_PEM, fingerprint: 'ab'.repeat(32) }, pairOf(INSTALLER), 'SIGN_FINGERPRINT', 'abab'],
    ['a disk image without a key', 'dmg', { adHoc: true, timestampUrls: undefined }, {}, 'SIGN_FILE_KIND', 'app-1.0.dmg'],
  ])('%s', async (_, kind, options, environment, code, said) => {
    const run = await sign(kind, options, environment);
    expect(run).toMatchObject({ success: false, files: ['report.json'], output: expect.stringContaining(code) });
    expect(run.output).toContain(said);
    expectNothingLeft();
  });

  const program = (name: string, text: string): void => writeFileSync(join(mac.bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const service = 'echo "CMS signature encoding failed: The timestamp service is not available. (-67885)" >&2; exit 1';
  it.each<[string, () => void, string, string]>([
    ['a productsign that does nothing', () => program('productsign', 'for last; do :; done; cp "$6" "$last"'), 'SIGN_VERIFY', 'is not signed'],
    ['a productsign that gets no timestamp', () => program('productsign', service), 'SIGN_TIMESTAMP', 'not available'],
    [
      'a productsign that fails',
      () => program('productsign', 'echo "productsign: error: so" >&2; exit 1'),
      'PROCESS_FAILED',
      'productsign: error: so',
    ],
    [
      'a package that macOS finds changed',
      () => mac.set({ status: 'package is invalid (checksum did not verify)' }),
      'SIGN_VERIFY',
      'checksum did not',
    ],
    ['a security that shows no certificate', () => mac.set({ hidesCertificates: true }), 'SIGN_CERTIFICATE', 'does not show it'],
    ['a Mac without pkgutil', () => program('sw_vers', 'echo 10.15'), 'TOOL_VERSION', '10.15'],
  ])('%s', async (_, place, code, said) => {
    place();
    const run = await sign('pkg', IN_PEM, pairOf(INSTALLER));
    expect(run).toMatchObject({ success: false, files: ['report.json'], output: expect.stringContaining(code) });
    expect(run.output).toContain(said);
    expectNothingLeft();
  });

  it('nothing is said where macOS takes the package', async () => {
    mac.set({ status: 'signed by a developer certificate issued by Apple for distribution' });
    const run = await sign('pkg', IN_PEM, pairOf(INSTALLER));
    expect(run).toMatchObject({ success: true });
    expect(run.output).not.toContain('pkgutil says');
  });
});

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { dirname, join } from 'node:path';
import { createProcesses, extractArchive, ownedName, Secret } from '@waybill/core';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import type { ExecutorRun } from '@waybill/plugin-kit/testing';
import { certificateDigest, codeDirectoryOf, readCodeFile } from '../../macho/read-code-file';
import { archiveFiles } from '../../testing/archive-files';
import { placeMac, type MacStandIn } from '../../testing/codesign-under-test';
import { archiveMacos, CODE, linkerSigned, MACOS_ARCHIVE, MACOS_TOP, TEAM, unsignedBundle } from '../../testing/macos-bundle';
import { pkcs12Of } from '../../testing/pkcs12';
import { realRcodesign, RECORDED_ENTITLEMENTS, recordedKey, runApple, WITH_ENTITLEMENTS } from '../../testing/rcodesign-under-test';
import { removeRuns } from '../../testing/run-sign';
import { useRecordedServers } from '../../testing/timestamp-authority';
import { APP, APP_LINKS, unsignedApp } from '../../testing/unsigned-app';
import { KEYCHAIN_FILE } from '../keychain/search-list';
import { withTemporaryKeychain } from '../keychain/temporary-keychain';
import { codeToolOf } from './code-signer';

const folder = temporaryFolder();
const recording = process.env['WAYBILL_RECORD'] === '1' ? realRcodesign() : undefined;
const { certificates: CERT, key: KEY } = recordedKey();
const DER = Buffer.from(CERT.split('-----')[2]!.replace(/\s/g, ''), 'base64');
const FINGERPRINT = certificateDigest(DER);
const NAME = `Developer ID Application: Example Ltd (${TEAM})`;
const PAIR = { CERT, KEY };
const IN_PEM = { certificateEnv: 'CERT', keyEnv: 'KEY', fingerprint: FINGERPRINT };
const PASSWORD = 'pä ss\'"$\\ w';
const legacy = (password = PASSWORD): string => pkcs12Of({ certificates: CERT, key: KEY, password, legacy: true });
const servers = useRecordedServers(recording !== undefined);
let mac: MacStandIn;
let temporary: string;
beforeEach(() => {
  mac = placeMac(folder.path, recording);
  temporary = mkdtempSync(join(folder.path, 'tmp-'));
  jest.spyOn(os, 'tmpdir').mockReturnValue(temporary);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await removeRuns();
});

const sign = async (options: object, environment: Record<string, string>, content?: Uint8Array, request: object = {}): Promise<ExecutorRun> => {
  const base = { codesign: join(mac.bin, 'codesign'), timestampUrls: servers(), ...options };
  return runApple(base, environment, content ?? (await small()), { bin: mac.bin, ...request });
};
/** One program, for what does not depend on more. */
const small = (): Promise<Buffer> => archiveMacos({ app: linkerSigned(CODE['app']!) });

async function unpack(run: ExecutorRun): Promise<string> {
  const destination = mkdtempSync(join(folder.path, 'signed-'));
  await extractArchive({ archive: join(run.folder, MACOS_ARCHIVE), destination });
  return join(destination, MACOS_TOP);
}

/** All is as it was before. */
function expectNothingLeft(): void {
  const { searchList, keychains } = mac.state();
  expect({ searchList, keychains: Object.keys(keychains) }).toEqual({ searchList: [mac.loginKeychain], keychains: [mac.loginKeychain] });
  expect(readdirSync(temporary).filter((name) => /keychain|key/.test(name))).toEqual([]);
}

/** Puts the certificate with its key into the keychain of the user, and lets codesign use it. */
function importForUser(certificates = CERT): void {
  const files = { 'user.key': KEY, 'user.pem': certificates };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder.path, name), text, { mode: 0o600 });
    const args = ['import', join(folder.path, name), '-k', mac.loginKeychain, '-T', '/usr/bin/codesign'];
    expect(spawnSync(join(mac.bin, 'security'), args).status).toBe(0);
  }
  const input = `set-key-partition-list -S apple-tool:,apple:,codesign: -s -k "of the user" ${mac.loginKeychain}\n`;
  expect(spawnSync(join(mac.bin, 'security'), ['-i'], { input, encoding: 'utf8' }).stderr).toBe('');
}

describe('codesign', () => {
  it('signs every file with a key from variables, in a keychain of its own that is gone afterwards', async () => {
    const options = { ...IN_PEM, entitlements: RECORDED_ENTITLEMENTS };
    const run = await sign(options, PAIR, await archiveMacos(unsignedBundle()), WITH_ENTITLEMENTS);
    expect(run.success ? '' : run.output).toBe('');
    expect(run.record!.facts).toMatchObject({ signatures: [{ backend: 'apple', fingerprint: FINGERPRINT, team: TEAM, files: 6 }] });
    expect(run.report!.report).toMatchObject({ tool: 'codesign 14.5' });
    const root = await unpack(run);
    for (const path of Object.keys(CODE)) {
      const code = readCodeFile(join(root, path), Date.now());
      const signature = code?.kind === 'macho' ? code.slices[0]!.signature : undefined;
      if (signature?.state !== 'read') throw new Error(`${path} is not signed`);
      const { flagNames, identifier, teamId } = codeDirectoryOf(signature.verification);
      expect({ path, problems: signature.verification.problems, identifier, teamId, runtime: flagNames.includes('runtime') }).toEqual({
        ...{ path, problems: [], identifier: path.split('/').at(-1), teamId: TEAM, runtime: /(^|\/)bin\/|^app$/.test(path) },
      });
      expect(signature.verification.signature.entitlements?.includes('allow-jit') ?? false).toBe(path.startsWith('python/runtime/bin/'));
    }
    expectNothingLeft();
    const imports = ['security import', 'security import', 'security import', 'security import'];
    const open = ['security -i', 'security set-keychain-settings', 'security -i', ...imports, 'security -i'];
    const ready = ['security list-keychains', 'security list-keychains', 'security find-identity', 'security find-identity', 'codesign'];
    const closed = ['security delete-keychain', 'security list-keychains'];
    expect(mac.commands().slice(0, 15)).toEqual([...open, ...ready, ...closed]);
    expect(mac.commands().filter((command) => command === 'codesign')).toHaveLength(7);
    expect(mac.commands().slice(-2)).toEqual(closed);
    const again = await sign(options, PAIR, await archiveMacos(unsignedBundle()), { again: run });
    expect(again.record).toEqual(run.record);
    expect(again.report!.report).toMatchObject({ files: [{ made: [] }] });
  });

  it('signs code that nobody may write, which is so again behind that', async () => {
    const content = await archiveFiles({ top: MACOS_TOP, files: { app: linkerSigned(CODE['app']!) }, format: 'tar.gz', modeOf: () => 0o555 });
    const run = await sign(IN_PEM, PAIR, content);
    expect(run.success ? '' : run.output).toBe('');
    expect(statSync(join(await unpack(run), 'app')).mode & 0o777).toBe(0o555);
  });

  it('opens a PKCS#12 file with its password, which stands on no command line', async () => {
    const run = await sign({ certificateEnv: 'P12', passwordEnv: 'PW', fingerprint: FINGERPRINT }, { P12: legacy(), PW: PASSWORD });
    expect(run.success ? '' : run.output).toBe('');
    expect(mac.calls()).not.toContain(JSON.stringify(PASSWORD).slice(1, -1));
    expectNothingLeft();
  });

  it('seals an .app inside out, never by --deep', async () => {
    const run = await sign(IN_PEM, PAIR, await archiveMacos({ ...unsignedApp(), 'README.txt': Buffer.from('read me\n') }, 'tar.gz', APP_LINKS));
    expect(run.success ? '' : run.output).toBe('');
    expect((run.record!.facts as { signatures: { bundles: string[] }[] }).signatures[0]!.bundles.at(-1)).toBe(APP);
    expect(mac.calls()).not.toContain('--deep');
    expectNothingLeft();
  });

  it('signs ad-hoc only when it is told to, with no keychain', async () => {
    const run = await sign({ adHoc: true, timestampUrls: undefined }, {}, await archiveMacos(unsignedBundle()));
    expect(run.success ? '' : run.output).toBe('');
    expect(run.record!.facts).toMatchObject({ allowUnsigned: expect.stringContaining('ad-hoc'), signatures: [{ adHoc: true }] });
    expect(new Set(mac.commands())).toEqual(new Set(['codesign']));
  });
});

describe('with a certificate of the user’s keychain', () => {
  beforeEach(() => importForUser());

  it.each([
    ['its SHA-1', { identityEnv: 'IDENTITY' }, () => ({ IDENTITY: mac.state().keychains[mac.loginKeychain]!.identities[0]!.sha1.toLowerCase() })],
    ['its name', { identityEnv: 'IDENTITY' }, () => ({ IDENTITY: NAME })],
    ['a part of its name', { identityEnv: 'IDENTITY' }, () => ({ IDENTITY: TEAM })],
    ['the usual variable', {}, () => ({ CSC_NAME: NAME })],
    ['the other usual variable', {}, () => ({ SIGN_ID: NAME })],
  ])('by %s: signs, and leaves the keychains alone', async (_, options, environment) => {
    const run = await sign({ fingerprint: FINGERPRINT, ...options }, environment());
    expect(run.success ? '' : run.output).toBe('');
    expect(run.record!.facts).toMatchObject({ signatures: [{ fingerprint: FINGERPRINT, team: TEAM }] });
    expect(mac.commands().filter((command) => /create|delete|list-keychains|-i$/.test(command))).toEqual(['security -i']);
  });

  it('that is locked, or that codesign may not use, says what to do (`SIGN_KEYCHAIN`)', async () => {
    const { keychains } = mac.state();
    const login = keychains[mac.loginKeychain]!;
    for (const changed of [
      { ...login, locked: true },
      { ...login, identities: login.identities.map((identity) => ({ ...identity, partitioned: false })) },
    ]) {
      mac.set({ keychains: { [mac.loginKeychain]: changed } });
      const run = await sign({ identityEnv: 'IDENTITY' }, { IDENTITY: NAME });
      expect(run).toMatchObject({ success: false, files: ['report.json'], output: expect.stringContaining('SIGN_KEYCHAIN') });
      expect(run.output).toMatch(/errSecInternalComponent|User interaction is not allowed/);
      expect(run.output).toContain('security unlock-keychain');
    }
  });

  it.each([
    ['none of that name', 'Nobody', `there is \`${NAME}\``],
    ['one of another SHA-1', 'AB'.repeat(20), 'none in the keychains'],
  ])('refuses %s', async (_, IDENTITY, said) => {
    const run = await sign({ identityEnv: 'IDENTITY' }, { IDENTITY });
    expect(run).toMatchObject({ success: false, output: expect.stringContaining('SIGN_IDENTITY') });
    expect(run.output).toContain(said);
  });

  it('refuses a name that two certificates have', async () => {
    const login = mac.state().keychains[mac.loginKeychain]!;
    const two = [...login.identities, { ...login.identities[0]!, sha1: 'C0'.repeat(20) }];
    mac.set({ keychains: { [mac.loginKeychain]: { ...login, identities: two } } });
    const run = await sign({ identityEnv: 'IDENTITY' }, { IDENTITY: NAME });
    expect(run.output).toMatch(/SIGN_IDENTITY[^]*2 in the keychains/);
  });
});

describe('refuses, and leaves no keychain', () => {
  const IN_P12 = { certificateEnv: 'P12', passwordEnv: 'PW' };
  it.each<[string, object, () => Record<string, string>, string, string]>([
    ['a wrong password', IN_P12, () => ({ P12: legacy(), PW: 'wrong' }), 'SIGN_PASSWORD_WRONG', 'PW'],
    ['no password', { certificateEnv: 'P12' }, () => ({ P12: legacy() }), 'SIGN_PASSWORD_MISSING', 'P12'],
    [
      'a file of OpenSSL 3',
      IN_P12,
      () => ({ P12: pkcs12Of({ certificates: CERT, key: KEY, password: 'x' }), PW: 'x' }),
      'SIGN_KEY_FORMAT',
      '-legacy',
    ],
    ['a damaged file', IN_P12, () => ({ P12: legacy('x').slice(0, 800), PW: 'x' }), 'SIGN_KEY_FORMAT', 'damaged'],
    [
      'a file without a key',
      IN_P12,
      () => ({ P12: pkcs12Of({ certificates: CERT, password: 'x', legacy: true }), PW: 'x' }),
      'SIGN_KEY_FORMAT',
      'with its key',
    ],
    ['a password with a line end', IN_P12, () => ({ P12: legacy(), PW: 'a\nb' }), 'SIGN_KEY_TOOL', 'another password'],
    ['another signer than expected', { ...IN_PEM, fingerprint: 'ab'.repeat(32) }, () => PAIR, 'SIGN_FINGERPRINT', FINGERPRINT],
    ['a dead server of timestamps', { ...IN_PEM, timestampUrls: ['http://127.0.0.1:9/'] }, () => PAIR, 'SIGN_TIMESTAMP', 'not available'],
    ['two programs', { ...IN_PEM, rcodesign: 'rcodesign' }, () => PAIR, 'OPTION_INVALID', 'rcodesign'],
    ['a keychain for rcodesign', { identityEnv: 'I', codesign: undefined, rcodesign: 'rcodesign' }, () => ({}), 'OPTION_INVALID', 'codesign alone'],
    ['a keychain beside a key', { ...IN_PEM, identityEnv: 'I' }, () => PAIR, 'OPTION_INVALID', 'certificateEnv'],
    ['ad-hoc with a keychain', { adHoc: true, identityEnv: 'I' }, () => ({}), 'OPTION_INVALID', 'adHoc'],
    ['codesign for another backend', { backend: 'gpg', timestampUrls: undefined }, () => ({}), 'OPTION_INVALID', 'codesign'],
  ])('%s', async (_, options, environment, code, said) => {
    const run = await sign(options, environment());
    expect({ success: run.success, output: run.output }).toMatchObject({ success: false, output: expect.stringContaining(code) });
    expect(run.output).toContain(said);
    expect(run.files.filter((file) => file !== 'report.json')).toEqual([]);
    expectNothingLeft();
  });

  const program = (name: string, text: string): void => writeFileSync(join(mac.bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  it.each<[string, () => void, string, string]>([
    ['a crash of codesign', () => program('codesign', 'kill -ABRT $$'), 'PROCESS_FAILED', 'SIGABRT'],
    ['a codesign that does nothing', () => program('codesign', ''), 'SIGN_VERIFY', 'not signed'],
    [
      'a security that cannot',
      () => program('security', 'echo "security: SecKeychainCreate x: Write permissions error." >&2'),
      'SIGN_KEYCHAIN',
      'Write permissions',
    ],
    ['a macOS that is too old', () => program('sw_vers', 'echo 10.15.7'), 'TOOL_VERSION', '10.15.7'],
    ['a machine that is no Mac', () => program('sw_vers', 'exit 1'), 'TOOL_VERSION', 'exit code 1'],
  ])('%s', async (_, place, code, said) => {
    place();
    const run = await sign(IN_PEM, PAIR);
    expect({ success: run.success, output: run.output }).toMatchObject({ success: false, output: expect.stringContaining(code) });
    expect(run.output).toContain(said);
    expectNothingLeft();
  });

  it('what is missing', async () => {
    const run = await sign({ ...IN_PEM, codesign: join(folder.path, 'codesign') }, PAIR);
    expect(run.output).toMatch(/TOOL_MISSING[^]*a part of macOS/);
  });
});

describe('a keychain of its own', () => {
  const names = { variable: 'CERT' };
  const credential = { kind: 'pem' as const, certificates: CERT, plainKey: new Secret(KEY) };
  const ports = () => {
    const tool = (id: string) => ({ id, path: join(mac.bin, id), prefixArgs: [], version: '14.5', source: 'path' as const });
    return {
      processes: createProcesses(),
      tool: tool('codesign'),
      security: tool('security'),
      productsign: tool('productsign'),
      environment: { PATH: process.env['PATH']! },
      timeoutMs: 60_000,
    };
  };

  it('goes when the work fails, and when a signal ends the process', async () => {
    const failing = withTemporaryKeychain(credential, ports(), names, async () => Promise.reject(new Error('broken')));
    await expect(failing).rejects.toThrow('broken');
    expectNothingLeft();
    const exits = process.listeners('exit');
    await withTemporaryKeychain(credential, ports(), names, async ({ keychain }) => {
      expect(mac.state().searchList).toEqual([keychain, mac.loginKeychain]);
      for (const listener of process.listeners('exit').filter((one) => !exits.includes(one))) listener(0);
      expectNothingLeft();
    });
    expect(process.listeners('exit')).toEqual(exits);
  });

  it('of a run that was killed outright goes with the next one, out of the list too; what others put there stays', async () => {
    const left = ownedName(join(temporary, 'waybill-keychain'), 'staging').replace(`-${process.pid}-`, '-4194999-');
    const keychain = join(left, KEYCHAIN_FILE);
    mkdirSync(dirname(keychain));
    writeFileSync(keychain, 'a keychain');
    const other = join(folder.path, 'other.keychain-db');
    mac.set({ searchList: [keychain, mac.loginKeychain] });
    await withTemporaryKeychain(credential, ports(), names, async (open) => {
      expect(mac.state().searchList).toEqual([open.keychain, mac.loginKeychain]);
      mac.set({ searchList: [...mac.state().searchList, other] });
    });
    expect(mac.state().searchList).toEqual([mac.loginKeychain, other]);
    expect(readdirSync(temporary)).toEqual([]);
  });
});

/** The package as it is built, so that a process of its own can be killed. */
const BUILT = join(__dirname, '../../../dist/apple/keychain/temporary-keychain.js');
skipUnless(existsSync(BUILT), 'the package is not built')(
  'a keychain of a process that was killed by SIGKILL goes with the next run',
  async () => {
    const tool = (id: string): object => ({ id, path: join(mac.bin, id), prefixArgs: [], version: '14.5', source: 'path' });
    const script = `
    const { createProcesses, Secret } = require('@waybill/core');
    const { withTemporaryKeychain } = require(${JSON.stringify(BUILT)});
    const [certificates, key] = ${JSON.stringify([CERT, KEY])};
    const programs = ${JSON.stringify({ tool: tool('codesign'), security: tool('security'), productsign: tool('productsign') })};
    const ports = { ...programs, processes: createProcesses(), environment: { PATH: process.env.PATH }, timeoutMs: 60_000 };
    withTemporaryKeychain({ kind: 'pem', certificates, plainKey: new Secret(key) }, ports, { variable: 'CERT' }, ({ keychain }) => {
      console.log(keychain);
      return new Promise(() => setInterval(() => undefined, 1_000));
    });`;
    const child = spawn(process.execPath, ['-e', script], {
      cwd: __dirname,
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    child.kill('SIGKILL');
    expect(await ended).toEqual([null, 'SIGKILL']);
    const keychain = line.toString().trim();
    expect([existsSync(keychain), mac.state().searchList]).toEqual([true, [keychain, mac.loginKeychain]]);
    expect(mac.state().keychains[keychain]!.identities).toHaveLength(1);
    const run = await sign(IN_PEM, PAIR);
    expect(run.success ? '' : run.output).toBe('');
    expect([existsSync(dirname(keychain)), mac.state().searchList]).toEqual([false, [mac.loginKeychain]]);
  },
  60_000,
);

it('is taken on a Mac, rcodesign elsewhere, unless an option names one', () => {
  const idOf = (options: object, system: string): string => codeToolOf(options, system).tool.id;
  expect(['darwin', 'linux', 'win32'].map((system) => idOf({}, system))).toEqual(['codesign', 'rcodesign', 'rcodesign']);
  expect(idOf({ rcodesign: 'rcodesign' }, 'darwin')).toBe('rcodesign');
  expect(idOf({ codesign: 'codesign' }, 'linux')).toBe('codesign');
  expect(idOf({ identityEnv: 'SIGN_ID' }, 'linux')).toBe('codesign');
});

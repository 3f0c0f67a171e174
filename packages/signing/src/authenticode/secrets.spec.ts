import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { skipUnless, temporaryFolder, versionResource } from '@waybill/core/testing';
import type { ExecutorRun } from '@waybill/plugin-kit/testing';
import { codeCertificate } from '../testing/code-certificates';
import { jsignStandIn } from '../testing/jsign-under-test';
import { placeProgram } from '../testing/place-program';
import { runAuthenticode } from '../testing/run-authenticode';
import { removeRuns } from '../testing/run-sign';
import { signtoolStandIn } from '../testing/signtool-under-test';
import { contentsBelow, formsOf, placeSpy } from '../testing/seen-secrets';
import { useTimestampAuthority } from '../testing/timestamp-authority';
import { toolWorks } from '../testing/test-keys';
import { archiveBundle, bundleFiles } from '../testing/windows-bundle';
import { withSecretFiles } from '../inside/secret-files';

const works = toolWorks('osslsigncode', ['--version']) && toolWorks('openssl', ['version']);
const withTool = skipUnless(works, 'osslsigncode or openssl is not installed');
const folder = temporaryFolder();
/** Jest's `process.env` is a copy, which Node's own modules do not see. */
const useTemporaryFolder = (path: string): unknown => jest.spyOn(os, 'tmpdir').mockReturnValue(path);
const authority = useTimestampAuthority(works);
afterEach(async () => {
  jest.restoreAllMocks();
  await removeRuns();
});

const PASSWORD = 'pä+ss w/ö"rd&never-seen';

withTool(
  'no secret is left anywhere: output, record, report, temporary files, variables and command lines of other programs',
  async () => {
    const certificate = codeCertificate();
    const real = spawnSync('sh', ['-c', 'command -v osslsigncode'], { encoding: 'utf8' }).stdout.trim();
    const archive = await archiveBundle(bundleFiles());
    const seen = join(folder.path, 'seen');
    mkdirSync(join(folder.path, 'tmp'));
    useTemporaryFolder(join(folder.path, 'tmp'));
    const pkcs12 = { CERT: certificate.pkcs12(PASSWORD), PW: PASSWORD };
    const pem = { CERT: certificate.chain, KEY: certificate.encryptedKey(PASSWORD), PW: PASSWORD };
    const base = { certificateEnv: 'CERT', passwordEnv: 'PW', timestampUrls: [authority().url] };
    const environment = { PATH: `${placeSpy({ folder: folder.path, seen, name: 'osslsigncode', real })}:/usr/bin:/bin`, NX_VERBOSE_LOGGING: 'true' };
    const runs: ExecutorRun[] = [];
    const run = async (options: object, variables: Record<string, string>): Promise<void> =>
      void runs.push(await runAuthenticode({ ...base, ...options }, { ...environment, ...variables }, archive));
    await run({}, pkcs12);
    await run({ keyEnv: 'KEY' }, pem);
    await run({}, { ...pkcs12, PW: `${PASSWORD}x` });
    await run({}, { ...pkcs12, CERT: pkcs12.CERT.slice(0, 1600) });
    await run({ keyEnv: 'KEY' }, { ...pem, KEY: pem.KEY.replace(/\n\w{20}/, '\n') });
    await run({ timestampUrls: ['http://127.0.0.1:9/'] }, pkcs12);
    const crash = placeProgram(
      folder.path,
      'osslsigncode',
      '#!/bin/sh\ncase "$1" in --version) echo "osslsigncode 2.9,";; *) echo "$@"; cat "$3"; kill -ABRT $$;; esac\n',
    );
    await run({}, { ...pkcs12, PATH: `${crash}:/usr/bin:/bin` });
    const store = { type: 'AWS', name: 'eu-west-3', alias: 'code' };
    const { PATH: signer } = jsignStandIn(folder.path, { ...store, password: PASSWORD, hasCertificates: true }, certificate);
    const spied = placeSpy({ folder: folder.path, seen, name: 'jsign', real: join(signer, 'jsign') });
    const inStore = { keystore: store, certificateEnv: undefined };
    await run(inStore, { PATH: `${spied}:/usr/bin:/bin`, PW: PASSWORD });
    await run(inStore, { PATH: `${spied}:/usr/bin:/bin`, PW: `${PASSWORD}x` });
    const bare = certificate.pkcs12('');
    const { PATH: ofWindows } = signtoolStandIn(folder.path, certificate);
    const behind = placeSpy({
      folder: folder.path,
      seen,
      name: 'signtool',
      real: join(ofWindows, 'signtool'),
      tail: versionResource('10.0.22621.1'),
    });
    const inFile = { signtool: 'signtool', passwordEnv: undefined };
    await run(inFile, { PATH: `${behind}:/usr/bin:/bin`, CERT: bare });
    await run(inFile, { PATH: `${behind}:/usr/bin:/bin`, CERT: pkcs12.CERT });
    expect(runs.map(({ success }) => success)).toEqual([true, true, false, false, false, false, false, true, false, true, false]);

    const noted = readFileSync(seen);
    expect(noted.toString()).toMatch(/osslsigncode sign/);
    expect(noted.toString()).toMatch(/jsign sign/);
    expect(noted.toString()).toMatch(/signtool sign \/f \S+\/key\.pfx/);
    expect(runs.at(-3)!.output).toContain('Invalid AWS credentials: ******');
    expect(runs.at(-1)!.output).toContain('SIGN_KEY_TOOL');
    expect(new Set(noted.toString().match(/^KEYFILE .*$/gm))).toEqual(new Set(['KEYFILE 600 700']));
    expect(readdirSync(join(folder.path, 'tmp'), { recursive: true }).filter((path) => String(path).includes('waybill-key'))).toEqual([]);
    const texts = [
      noted,
      ...runs.map(({ output }) => Buffer.from(output)),
      ...runs.flatMap(({ workspaceRoot }) => contentsBelow(workspaceRoot)),
      ...contentsBelow(join(folder.path, 'tmp')),
    ];
    const secrets = [PASSWORD, pkcs12.CERT, bare, pem.KEY, certificate.key];
    for (const form of secrets.flatMap(formsOf)) expect(texts.filter((text) => text.includes(form)).map(String)).toEqual([]);
  },
  120_000,
);

it('files of secrets are 0600, and gone when the work ends well, badly or by a signal', async () => {
  useTemporaryFolder(folder.path);
  let path = '';
  const mode = await withSecretFiles({ password: 'geheim' }, async ({ password }) => statSync((path = password)).mode & 0o777);
  expect(mode).toBe(0o600);
  expect(path.startsWith(folder.path)).toBe(true);
  expect(() => statSync(path)).toThrow('ENOENT');
  const failing = withSecretFiles({ key: 'geheim' }, async () => Promise.reject(new Error('broken')));
  await expect(failing).rejects.toThrow('broken');
  const exits = process.listeners('exit');
  const held = withSecretFiles({ key: 'geheim' }, async ({ key }) => {
    for (const listener of process.listeners('exit').filter((one) => !exits.includes(one))) listener(0);
    return statSync(key, { throwIfNoEntry: false });
  });
  expect(await held).toBeUndefined();
  expect(readdirSync(folder.path)).toEqual([]);
});

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import type { ExecutorRun } from '@waybill/plugin-kit/testing';
import { codeCertificate } from '../testing/code-certificates';
import { placeProgram } from '../testing/place-program';
import { runAuthenticode } from '../testing/run-authenticode';
import { removeRuns } from '../testing/run-sign';
import { startTimestampAuthority, type TimestampAuthority } from '../testing/timestamp-authority';
import { toolWorks } from '../testing/test-keys';
import { archiveBundle, bundleFiles } from '../testing/windows-bundle';
import { withSecretFiles } from '../inside/secret-files';

const works = toolWorks('osslsigncode', ['--version']) && toolWorks('openssl', ['version']);
const withTool = skipUnless(works, 'osslsigncode or openssl is not installed');
const folder = temporaryFolder();
/** Jest's `process.env` is a copy, which Node's own modules do not see. */
const useTemporaryFolder = (path: string): unknown => jest.spyOn(os, 'tmpdir').mockReturnValue(path);
let authority: TimestampAuthority;
beforeAll(async () => {
  if (works) authority = await startTimestampAuthority();
});
afterAll(() => authority?.stop());
afterEach(async () => {
  jest.restoreAllMocks();
  await removeRuns();
});

const PASSWORD = 'pä+ss w/ö"rd&never-seen';

/** Raw, URL-encoded and in base64; of keys pieces that can be found in a text, and of what base64 holds the bytes. */
function formsOf(secret: string): Buffer[] {
  const pieces = secret.includes('\n') ? secret.split('\n').filter((line) => line.length > 20 && !line.startsWith('-----')) : [secret];
  const short = pieces.flatMap((piece) => (piece.length > 200 ? [400, 800, 1200].map((at) => piece.slice(at, at + 48)) : [piece]));
  const texts = short.flatMap((piece) => [piece, encodeURIComponent(piece), Buffer.from(piece).toString('base64').replace(/=+$/, '').slice(0, -1)]);
  const packed = pieces.filter((piece) => /^[A-Za-z0-9+/]{200,}=*$/.test(piece)).map((piece) => Buffer.from(piece, 'base64').subarray(300, 340));
  return [...texts.map((text) => Buffer.from(text)), ...packed];
}

const below = (root: string): Buffer[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => join(root, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path));

/** The program itself, behind one that notes what it can see: its variables, every command line, every temporary file; the files of the key only by mode. */
function spy(seen: string, real: string): string {
  const look = `{ tr '\\0' '\\n' < /proc/$$/environ; for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline; echo; done
for f in $(find "${folder.path}/tmp" -type f); do case $f in */.waybill-key*) echo "KEYFILE $(stat -c %a "$f") $(stat -c %a "$(dirname "$f")")";; *) cat "$f";; esac; done; } >> ${seen} 2>/dev/null`;
  return placeProgram(folder.path, 'osslsigncode', `#!/bin/sh\n${look}\nexec ${real} "$@"\n`);
}

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
    const base = { certificateEnv: 'CERT', passwordEnv: 'PW', timestampUrls: [authority.url] };
    const environment = { PATH: `${spy(seen, real)}:/usr/bin:/bin`, NX_VERBOSE_LOGGING: 'true' };
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
    expect(runs.map(({ success }) => success)).toEqual([true, true, false, false, false, false, false]);

    const noted = readFileSync(seen);
    expect(noted.toString()).toMatch(/osslsigncode sign/);
    expect(new Set(noted.toString().match(/^KEYFILE .*$/gm))).toEqual(new Set(['KEYFILE 600 700']));
    expect(readdirSync(join(folder.path, 'tmp'), { recursive: true }).filter((path) => String(path).includes('waybill-key'))).toEqual([]);
    const texts = [
      noted,
      ...runs.map(({ output }) => Buffer.from(output)),
      ...runs.flatMap(({ workspaceRoot }) => below(workspaceRoot)),
      ...below(join(folder.path, 'tmp')),
    ];
    const secrets = [PASSWORD, pkcs12.CERT, pem.KEY, certificate.key];
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

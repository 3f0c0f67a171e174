import { chmodSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { Secret, createProcesses, hashBytes } from '@waybill/core';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import { backends, type DetachedSigner } from '../backends';
import { removeRuns, runSign } from '../testing/run-sign';
import { gpgKey, sshKey, toolWorks } from '../testing/test-keys';
import { signedFile } from './read-checked';
import { secondOpinion } from './second-opinion';

const folder = temporaryFolder();
afterEach(removeRuns);
const withSsh = skipUnless(toolWorks('ssh', ['-V']), 'ssh-keygen is not installed');
const withGpg = skipUnless(toolWorks('gpg', ['--version']), 'gpg is not installed');

/** A folder of PATH with one program that does what is said. */
function programs(name: string, script: string): string {
  mkdirSync(join(folder.path, 'bin'), { recursive: true });
  writeFileSync(join(folder.path, 'bin', name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder.path, 'bin', name), 0o755);
  return join(folder.path, 'bin');
}

withSsh('a second program that does not name the signer, or says no, stops it', async () => {
  const { secret } = sshKey();
  for (const script of ['exit 0', 'echo "Could not verify signature." >&2; exit 255']) {
    const run = await runSign({ backend: 'ssh', keyEnv: 'K' }, { K: secret, PATH: `${programs('ssh-keygen', script)}:/usr/bin:/bin` });
    expect(run).toMatchObject({ success: false, output: expect.stringContaining('SIGN_VERIFY') });
    expect(run.files).toEqual(['report.json']);
  }
});

withSsh('that no second program is there is said, not hidden', async () => {
  const run = await runSign({ backend: 'ssh', keyEnv: 'K' }, { K: sshKey().secret, PATH: '/nowhere' });
  expect(run.success).toBe(true);
  expect(run.report!.report).toMatchObject({ signatures: [{ verifiedBy: ['waybill'], notVerifiedBy: 'ssh-keygen is not installed' }] });
  expect(run.output).toContain('ssh-keygen is not installed');
});

async function gpgSigner(): Promise<DetachedSigner> {
  return backends.gpg.open({ key: new Secret(gpgKey().secret), variable: 'K', sourceDateEpoch: 1_580_601_600 });
}

withGpg('bytes that are not those that were recorded are not signed', async () => {
  writeFileSync(join(folder.path, 'app'), 'changed');
  const file = signedFile({ name: 'app', file: join(folder.path, 'app'), sha256: hashBytes('recorded') });
  await expect((await gpgSigner()).sign(file)).rejects.toMatchObject({ code: 'SIGN_CHANGED' });
  const ssh = await backends.ssh.open({ key: new Secret(sshKey().secret), variable: 'K', sourceDateEpoch: 1 });
  await expect(ssh.sign(file)).rejects.toMatchObject({ code: 'SIGN_CHANGED' });
});

withGpg('gpgv finds a flipped byte', async () => {
  const signer = await gpgSigner();
  const path = join(folder.path, 'app');
  writeFileSync(path, 'app');
  const signature = await signer.sign(signedFile({ name: 'app', file: path, sha256: hashBytes('app') }));
  const ports = { processes: createProcesses(), environment: { PATH: process.env['PATH']! } };
  expect(await secondOpinion(signer, { name: 'app', file: path, signature }, ports)).toEqual({ by: 'gpgv', held: true });
  writeFileSync(path, 'apq');
  await expect(secondOpinion(signer, { name: 'app', file: path, signature }, ports)).rejects.toMatchObject({ code: 'SIGN_VERIFY' });
});

/** Everything that the text, base64 and URL forms of a secret could be found by; of keys their long lines. */
function formsOf(secret: string): string[] {
  const pieces = secret.includes('\n') ? secret.split('\n').filter((line) => line.length > 20 && !line.startsWith('-----')) : [secret];
  return pieces.flatMap((piece) => [piece, encodeURIComponent(piece), Buffer.from(piece).toString('base64').replace(/=+$/, '').slice(0, -1)]);
}

withGpg('no secret is left anywhere: output, record, report, files, other programs', async () => {
  const password = 'pä+ss w/ö"rd&never-seen';
  const { secret } = gpgKey({ password });
  const seen = join(folder.path, 'seen');
  const spy = `{ env; for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline; echo; done; ls -R ${folder.path}; grep -r "" ${folder.path}/tmp; } >> ${seen} 2>&1; exec /usr/bin/gpgv "$@"`;
  mkdirSync(join(folder.path, 'tmp'));
  const environment = { PATH: `${programs('gpgv', spy)}:/usr/bin:/bin`, K: secret, P: password };
  // Jest's `process.env` is a copy, which Node's own modules do not see.
  const temporary = jest.spyOn(os, 'tmpdir').mockReturnValue(join(folder.path, 'tmp'));
  const options = { backend: 'gpg', keyEnv: 'K', passwordEnv: 'P' };
  const runs = [];
  try {
    runs.push(await runSign(options, environment));
    for (const faulty of [{ P: `${password}x` }, { K: secret.slice(0, 200) }, { K: `${secret}\n${secret}` }])
      runs.push(await runSign(options, { ...environment, ...faulty, NX_VERBOSE_LOGGING: 'true' }));
  } finally {
    temporary.mockRestore();
  }
  expect(runs.map(({ success }) => success)).toEqual([true, false, false, false]);
  const below = (root: string): string[] =>
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .map((name) => join(root, name))
      .filter((path) => statSync(path).isFile());
  const texts = [
    ...runs.map(({ output }) => output),
    ...runs.flatMap(({ workspaceRoot }) => below(workspaceRoot)).map((path) => readFileSync(path, 'utf8')),
    ...below(folder.path)
      .filter((path) => !path.includes('/bin/'))
      .map((path) => readFileSync(path, 'utf8')),
  ];
  expect(readFileSync(seen, 'utf8')).toContain('gpgv');
  for (const form of [...formsOf(secret), ...formsOf(password)]) expect(texts.filter((text) => text.includes(form))).toEqual([]);
});

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { Secret, createProcesses, hashBytes } from '@waybill/core';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import { backends, type DetachedSigner } from '../backends';
import { removeRuns, runSign } from '../testing/run-sign';
import { contentsBelow, formsOf, placeSpy } from '../testing/seen-secrets';
import { gpgKey, minisignKey, sigstoreKey, sshKey, toolWorks, type TestKey } from '../testing/test-keys';
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

const PASSWORD = 'pä+ss w/ö"rd&never-seen';

/** Of each backend a key, the program that gives the second opinion, and whether what is needed is there. */
const BACKENDS: readonly (readonly [backend: string, tool: string | undefined, works: boolean, make: () => TestKey])[] = [
  ['gpg', 'gpgv', toolWorks('gpg', ['--version']), () => gpgKey({ password: PASSWORD })],
  ['minisign', 'minisign', toolWorks('minisign', ['-v']), minisignKey],
  ['ssh', 'ssh-keygen', toolWorks('ssh', ['-V']), () => sshKey()],
  ['sigstore', undefined, true, () => ({ ...sigstoreKey(PASSWORD), fingerprint: '', password: PASSWORD })],
];

for (const [backend, tool, works, make] of BACKENDS) {
  skipUnless(works, `${tool} is not installed`)(`${backend}: no secret is left anywhere: output, record, report, files, other programs`, async () => {
    const { secret, password } = make();
    const seen = join(folder.path, 'seen');
    mkdirSync(join(folder.path, 'tmp'));
    const real = tool === undefined ? [] : [spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim()];
    const spies = real.map((program) => placeSpy({ folder: folder.path, seen, name: tool!, real: program }));
    const environment = { PATH: [...spies, '/usr/bin', '/bin'].join(':'), K: secret, P: password ?? '' };
    // Jest's `process.env` is a copy, which Node's own modules do not see.
    const temporary = jest.spyOn(os, 'tmpdir').mockReturnValue(join(folder.path, 'tmp'));
    const options = { backend, keyEnv: 'K', ...(password !== undefined && { passwordEnv: 'P' }) };
    const faults = [{ K: secret.slice(0, 200) }, { K: `${secret}\n${secret}` }, ...(password === undefined ? [] : [{ P: `${password}x` }])];
    const runs = [];
    try {
      runs.push(await runSign(options, environment));
      for (const fault of faults) runs.push(await runSign(options, { ...environment, ...fault, NX_VERBOSE_LOGGING: 'true' }));
    } finally {
      temporary.mockRestore();
    }
    expect(runs[0]!.success ? '' : runs[0]!.output).toBe('');
    expect(runs[1]!.success).toBe(false);
    if (tool !== undefined) expect(readFileSync(seen, 'utf8')).toContain(tool);
    const texts = [
      ...runs.map(({ output }) => Buffer.from(output)),
      ...runs.flatMap(({ workspaceRoot }) => contentsBelow(workspaceRoot)),
      ...contentsBelow(join(folder.path, 'tmp')),
      ...(tool === undefined ? [] : [readFileSync(seen)]),
    ];
    const forms = [secret, ...(password === undefined ? [] : [password])].flatMap(formsOf);
    for (const form of forms) expect(texts.filter((text) => text.includes(form)).map(String)).toEqual([]);
  });
}

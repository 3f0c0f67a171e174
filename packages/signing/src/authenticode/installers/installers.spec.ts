import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildInstaller, buildPe, canBuildInstaller } from '@waybill/binary/testing';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import type { ExecutorRun } from '@waybill/plugin-kit/testing';
import { codeCertificate } from '../../testing/code-certificates';
import { runAuthenticode, unpackSigned } from '../../testing/run-authenticode';
import { removeRuns } from '../../testing/run-sign';
import { toolWorks } from '../../testing/test-keys';
import { startTimestampAuthority, type TimestampAuthority } from '../../testing/timestamp-authority';
import { archiveBundle, bundleFiles } from '../../testing/windows-bundle';
import { problemOfSignature, type PeFile } from '../read-pe-file';
import { readInstaller } from './read-installer';

const works = toolWorks('osslsigncode', ['--version']) && toolWorks('openssl', ['version']) && canBuildInstaller();
const withTools = skipUnless(works, 'wixl, osslsigncode or openssl is not installed');
const folder = temporaryFolder();
const [certificate, other] = [codeCertificate(), codeCertificate()];
const NAME = 'app-0.3.0.msi';
let authority: TimestampAuthority;
let installer: Buffer;
beforeAll(async () => {
  if (!works) return;
  authority = await startTimestampAuthority();
  installer = buildInstaller('line of an application\n'.repeat(400));
});
afterAll(async () => {
  await authority?.stop();
  await removeRuns();
});

const sign = ({ chain: CERT, key: KEY } = certificate, content?: Uint8Array, more: object = {}): Promise<ExecutorRun> => {
  const artifacts = [{ name: NAME, kind: 'msi', content: content ?? installer, platform: 'windows-x86_64' }];
  const request = { upstream: [{ target: 'package-windows', stage: 'package', artifacts }], ...more } as object;
  return runAuthenticode({ certificateEnv: 'CERT', keyEnv: 'KEY', timestampUrls: [authority.url] }, { CERT, KEY }, Buffer.of(), request);
};

/** As our reader reads it. */
function read(bytes: Uint8Array): PeFile {
  const file = join(folder.path, NAME);
  writeFileSync(file, bytes);
  return readInstaller(file, Date.now(), NAME) as PeFile;
}

withTools('an installer is signed as a file, with names and times; osslsigncode verifies it, a flipped byte is found, and it is kept', async () => {
  const run = await sign();
  expect(run.success ? '' : run.output).toBe('');
  expect(run.record!.artifacts).toMatchObject([{ name: NAME, kind: 'msi', ships: true }]);
  const signed = readFileSync(join(run.folder, NAME));
  const wanted = { fingerprint: certificate.fingerprint, digest: read(installer).digest };
  expect(problemOfSignature(read(signed), wanted)).toBeUndefined();
  expect(signed.includes(Buffer.from('\u0005MsiDigitalSignatureEx', 'utf16le'))).toBe(true);
  writeFileSync(join(folder.path, 'root.pem'), certificate.root);
  const verify = ['verify', '-CAfile', join(folder.path, 'root.pem'), '-TSA-CAfile', authority.root, '-in', join(folder.path, NAME)];
  expect(spawnSync('osslsigncode', verify).status).toBe(0);
  const flipped = Buffer.from(signed);
  flipped[flipped.indexOf('MSCF') + 60]! ^= 1;
  expect(problemOfSignature(read(flipped), wanted)).toContain('the signature is about');
  expect(spawnSync('osslsigncode', verify).status).not.toBe(0);

  const again = await sign(certificate, installer, { again: run });
  expect(again.record).toEqual(run.record);
  expect(again.report!.report).toMatchObject({ files: [{ made: [], kept: [NAME] }] });
  const foreign = await sign(other, signed);
  expect(foreign.record!.facts).toMatchObject({ signatures: [{ files: 0, foreign: [{ path: NAME, fingerprint: certificate.fingerprint }] }] });
  const replaced = await sign(other, flipped);
  expect(replaced.record!.facts).toMatchObject({ signatures: [{ files: 1, replaced: [{ path: NAME }] }] });
});

withTools('one in a bundle is signed there; what is only called one stays as it is', async () => {
  const { chain: CERT, key: KEY } = certificate;
  const none = Buffer.from('no installer\n');
  const archive = await archiveBundle(bundleFiles({ 'extras/setup.msi': installer, 'extras/none.msi': none }));
  const run = await runAuthenticode({ certificateEnv: 'CERT', keyEnv: 'KEY', timestampUrls: [authority.url] }, { CERT, KEY }, archive);
  expect(run.success ? '' : run.output).toBe('');
  const root = await unpackSigned(run, folder.path);
  const wanted = { fingerprint: certificate.fingerprint, digest: read(installer).digest };
  expect(problemOfSignature(read(readFileSync(join(root, 'extras/setup.msi'))), wanted)).toBeUndefined();
  expect(readFileSync(join(root, 'extras/none.msi')).equals(none)).toBe(true);
});

withTools('refuses an installer that is cut off, and a file that is none', async () => {
  const cut = await sign(certificate, installer.subarray(0, 3_000));
  expect(cut.output).toContain('SIGN_PE_BROKEN');
  expect(cut.files).toEqual(['report.json']);
  expect((await sign(certificate, Buffer.from('no installer\n'))).output).toContain('SIGN_FILE_KIND');
  const program = await sign(certificate, buildPe({}).bytes);
  expect(program.success ? '' : program.output).toBe('');
});

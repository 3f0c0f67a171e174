import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import type { ExecutorRun } from '@waybill/plugin-kit/testing';
import { codeCertificate } from '../testing/code-certificates';
import { runAuthenticode, unpackSigned } from '../testing/run-authenticode';
import { removeRuns } from '../testing/run-sign';
import { startTimestampAuthority, type TimestampAuthority } from '../testing/timestamp-authority';
import { toolWorks } from '../testing/test-keys';
import { archiveBundle, bundleFiles } from '../testing/windows-bundle';
import { problemOfSignature } from './read-pe-file';
import { readSignable } from './read-script';

const works = toolWorks('osslsigncode', ['--version']) && toolWorks('openssl', ['version']);
const withTool = skipUnless(works, 'osslsigncode or openssl is not installed');
const folder = temporaryFolder();
const certificate = codeCertificate();
let authority: TimestampAuthority;
beforeAll(async () => {
  if (works) authority = await startTimestampAuthority();
});
afterAll(async () => {
  await authority?.stop();
  await removeRuns();
});

const TEXT = 'Write-Host "hü"\r\n';
const SCRIPTS: Readonly<Record<string, Buffer>> = {
  'python/runtime/Activate.ps1': Buffer.from('Write-Host "hi"\r\n'),
  'lf.ps1': Buffer.from('Write-Host "hi"\n'),
  'no end of line.psd1': Buffer.from('@{ A = 1 }'),
  'module.PSM1': Buffer.from(TEXT),
  'marked.ps1': Buffer.from(`\ufeff${TEXT}`),
  'wide.ps1': Buffer.from(`\ufeff${TEXT}`, 'utf16le'),
};
const OTHERS = { 'empty.ps1': Buffer.from('\r\n'), 'notes.txt': Buffer.from(TEXT) };

const sign = async (more: Readonly<Record<string, Uint8Array>>, request: object = {}): Promise<ExecutorRun> => {
  const { chain: CERT, key: KEY } = certificate;
  const options = { certificateEnv: 'CERT', keyEnv: 'KEY', timestampUrls: [authority.url] };
  return runAuthenticode(options, { CERT, KEY }, await archiveBundle(bundleFiles(more)), request);
};

/** By our reader. */
function problemOf(name: string, bytes: Uint8Array, wanted: { digest: string }): string | undefined {
  const file = join(folder.path, 'script');
  writeFileSync(file, bytes);
  const read = readSignable(file, Date.now(), name);
  if (read === undefined || 'broken' in read) return read?.broken ?? 'nothing';
  return problemOfSignature(read, { fingerprint: certificate.fingerprint, ...wanted });
}

/** Of what was not signed. */
function digestOf(name: string, bytes: Uint8Array): string {
  const file = join(folder.path, 'script');
  writeFileSync(file, bytes);
  return (readSignable(file, Date.now(), name) as { digest: string }).digest;
}

withTool('signs scripts of PowerShell in every encoding; osslsigncode verifies each, and a flipped character is found', async () => {
  const run = await sign({ ...SCRIPTS, ...OTHERS });
  expect(run.success ? '' : run.output).toBe('');
  const root = await unpackSigned(run, folder.path);
  writeFileSync(join(folder.path, 'root.pem'), certificate.root);
  for (const [name, before] of Object.entries(SCRIPTS)) {
    const bytes = readFileSync(join(root, name));
    const wanted = { digest: digestOf(name, before) };
    expect([name, bytes.subarray(0, before.length).equals(before), problemOf(name, bytes, wanted)]).toEqual([name, true, undefined]);
    const roots = ['-CAfile', join(folder.path, 'root.pem'), '-TSA-CAfile', authority.root];
    const lower = join(folder.path, name.replaceAll('/', '-').toLowerCase());
    writeFileSync(lower, bytes);
    expect([name, spawnSync('osslsigncode', ['verify', ...roots, '-in', lower]).status]).toEqual([name, 0]);
    for (const at of [before.length - 2, before.length + 40, Math.floor((bytes.length + before.length) / 2), bytes.length - 4]) {
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1;
      expect([name, at, problemOf(name, flipped, wanted) ?? 'nothing found']).not.toEqual([name, at, 'nothing found']);
    }
    const wide = name === 'wide.ps1' ? 'utf16le' : 'utf8';
    const longer = Buffer.concat([bytes, Buffer.from('Remove-Item x\r\n', wide)]);
    expect(problemOf(name, longer, wanted)).toBe('it is a script in which text stands behind the signature');
  }
  for (const [name, bytes] of Object.entries(OTHERS)) expect(readFileSync(join(root, name)).equals(bytes)).toBe(true);
  const again = await sign({ ...SCRIPTS, ...OTHERS }, { again: run });
  expect(again.record).toEqual(run.record);
  expect(again.report!.report).toMatchObject({ files: [{ made: [] }] });
});

withTool('keeps a foreign signature of a script that holds, and replaces one that does not', async () => {
  const other = codeCertificate();
  const { chain: CERT, key: KEY } = other;
  const options = { certificateEnv: 'CERT', keyEnv: 'KEY', timestampUrls: [authority.url] };
  const foreign = await runAuthenticode(options, { CERT, KEY }, await archiveBundle(bundleFiles(SCRIPTS)));
  const unpacked = await unpackSigned(foreign, folder.path);
  const signed = readFileSync(join(unpacked, 'lf.ps1'));
  const changed = Buffer.from(signed.toString('latin1').replace('hi', 'ho'), 'latin1');
  const unix = Buffer.from(readFileSync(join(unpacked, 'python/runtime/Activate.ps1'), 'latin1').replaceAll('\r\n', '\n'), 'latin1');
  const run = await sign({ 'good.ps1': signed, 'changed.ps1': changed, 'torn.ps1': signed.subarray(0, signed.length - 9), 'unix.ps1': unix });
  expect(run.success ? '' : run.output).toBe('');
  const [facts] = (run.record!.facts as { signatures: { foreign: { path: string }[]; replaced: { path: string; why: string }[] }[] }).signatures;
  expect(facts!.foreign).toMatchObject([{ path: 'good.ps1', fingerprint: other.fingerprint }]);
  expect(facts!.replaced.map(({ path, why }) => `${path}: ${why}`).sort()).toEqual([
    expect.stringContaining('changed.ps1: it does not hold: the file’s sha256 is'),
    'torn.ps1: it could not be read: its signature has no end',
    expect.stringMatching(/^unix\.ps1: it does not hold/),
  ]);
  const root = await unpackSigned(run, folder.path);
  for (const name of ['changed.ps1', 'torn.ps1', 'unix.ps1']) {
    const bytes = readFileSync(join(root, name));
    expect([name, problemOf(name, bytes, { digest: digestOf(name, bytes) })]).toEqual([name, undefined]);
  }
});

const BLOCK = '\r\n# SIG # Begin signature block\r\n';
it.each([
  ['text behind the block', `a\r\n${BLOCK}# AAAA\r\n# SIG # End signature block\r\nb\r\n`, 'text stands behind the signature'],
  ['a here-string that holds one', `$a = @'${BLOCK}# AAAA\r\n# SIG # End signature block\r\n'@\r\n`, 'text stands behind the signature'],
  ['the first line of a block alone', `a${BLOCK}Write-Host two\r\n`, 'something else stands where the signature should'],
])('a script with %s is not signed: what takes a signature off would take that too', (_, text, reason) => {
  const file = join(folder.path, 'script');
  writeFileSync(file, text);
  expect(readSignable(file, Date.now(), 'a.ps1')).toEqual({ broken: `it is a script in which ${reason}` });
});

withTool('refuses a script of which nobody knows the letters', async () => {
  const refused = await sign({ 'latin.ps1': Buffer.from(TEXT, 'latin1') });
  expect(refused).toMatchObject({ success: false, output: expect.stringContaining('SIGN_PE_BROKEN') });
  expect(refused.output).toContain('`latin.ps1`: it is a script in another encoding');
});

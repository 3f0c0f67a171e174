import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { skipUnless } from '@waybill/core/testing';
import type { Reading } from '../binary-refusal';
import { bytesAsSource } from '../byte-source';
import { buildInstaller, canBuildInstaller } from '../testing/build-installer';
import { fuzzReader } from '../testing/fuzz-reader';
import { looksLikeInstaller, verifyInstaller, type InstallerVerification } from './verify-installer';

const has = (command: string, args: readonly string[]): boolean => spawnSync(command, args).status === 0;
const works = canBuildInstaller() && has('osslsigncode', ['--version']) && has('openssl', ['version']);
const withTools = skipUnless(works, 'wixl, osslsigncode or openssl is not installed');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-msi-'));
  if (!works) return;
  writeFileSync(join(folder, 'plain.msi'), buildInstaller('line of an application\n'.repeat(400)));
  const run = (command: string, ...args: readonly string[]): unknown => execFileSync(command, args, { cwd: folder, stdio: 'pipe' });
  const names = ['-subj', '/CN=Ada', '-days', '30', '-addext', 'extendedKeyUsage=codeSigning'];
  run('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'key.pem', '-out', 'certificate.pem', ...names);
  const sign = ['sign', '-certs', 'certificate.pem', '-key', 'key.pem', '-h', 'sha256'];
  run('osslsigncode', ...sign, '-in', 'plain.msi', '-out', 'signed.msi');
  run('osslsigncode', ...sign, '-add-msi-dse', '-in', 'plain.msi', '-out', 'signed-metadata.msi');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (bytes: Uint8Array): Reading<InstallerVerification> => verifyInstaller(bytesAsSource(bytes), { now: Date.now() });
const file = (name: string): Buffer => readFileSync(join(folder, name));
/** Of a file that is read. */
function problemsOf(bytes: Uint8Array): readonly string[] {
  const reading = read(bytes);
  return reading.ok ? reading.facts.verification.signatures[0]!.problems.map(({ message }) => message) : [reading.refusal.message];
}

withTools('agrees with osslsigncode about what it signed, with the digest of names and times and without it', async () => {
  const plain = read(file('plain.msi'));
  expect(plain).toMatchObject({ ok: true, facts: { verification: { signatures: [], problems: [] } } });
  expect(looksLikeInstaller(file('plain.msi'))).toBe(true);
  for (const name of ['signed.msi', 'signed-metadata.msi']) {
    const signed = read(file(name));
    if (!plain.ok || !signed.ok) throw new Error(JSON.stringify([plain, signed]));
    expect([name, signed.facts.digest]).toEqual([name, plain.facts.digest]);
    const [signature] = signed.facts.verification.signatures;
    expect([name, signature!.digestAlgorithm, problemsOf(file(name))]).toEqual([name, 'sha256', []]);
  }
});

withTools('finds a byte that was changed in a stream, and in the names and times of what was signed with them', async () => {
  const cabinet = file('signed.msi').indexOf('MSCF');
  for (const at of [cabinet, cabinet + 100]) {
    const changed = file('signed.msi');
    changed[at]! ^= 1;
    expect([at, problemsOf(changed)]).toEqual([at, [expect.stringContaining('the signature is about')]]);
  }
  const [plain, whole] = [file('signed.msi'), file('signed-metadata.msi')].map((bytes) => {
    // the class of the root stands in both digests, its time of change in that of the metadata alone
    const root = bytes.indexOf(Buffer.from('Root Entry', 'utf16le'));
    bytes[root + 108]! ^= 1;
    bytes[root + 96]! ^= 1;
    return bytes;
  });
  expect(problemsOf(plain!)).toEqual([]);
  expect(problemsOf(whole!)).toEqual([expect.stringContaining('the signature is about')]);
});

const FIRST_SECTOR = 512;
const DIRECTORY_START = 48;
const REFUSED: readonly [what: string, change: (bytes: Buffer, directory: number) => void, said: string][] = [
  ['sectors of a size that there is not', (bytes) => bytes.writeUInt16LE(10, 30), 'none that compound files have'],
  ['a stream that is larger than the file', (bytes, at) => bytes.writeUInt32LE(0x7fffffff, at + 128 + 120), 'larger than the file'],
  ['an entry that stands in the directory twice', (bytes, at) => bytes.writeUInt32LE(0, at + 76), 'stands in it twice'],
  ['an entry behind the last', (bytes, at) => bytes.writeUInt32LE(0x1000, at + 76), 'the directory names entry 4096'],
  ['a stream behind its table', (bytes, at) => bytes.writeUInt32LE(0x100000, at + 116), 'leaves its table'],
];
for (const [what, change, said] of REFUSED) {
  withTools(`refuses ${what}`, async () => {
    const bytes = file('signed.msi');
    change(bytes, FIRST_SECTOR + bytes.readUInt32LE(DIRECTORY_START) * (1 << bytes.readUInt16LE(30)));
    expect(problemsOf(bytes).join()).toContain(said);
  });
}

withTools('answers mutated files with facts or a typed refusal, soon', async () => {
  const seen = fuzzReader([file('signed.msi')], (source) => verifyInstaller(source, { now: 0 }), 20_261_127);
  expect([...seen.keys()]).toEqual(expect.arrayContaining(['facts', 'bad-section', 'truncated']));
});

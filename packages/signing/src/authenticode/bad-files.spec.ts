import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPe, canFetchFixtures, fetchFixture, filesOf, SIGNED_BY_MICROSOFT } from '@waybill/binary/testing';
import { createProcesses, hashBytes, Secret, type ResolvedTool } from '@waybill/core';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import { codeCertificate } from '../testing/code-certificates';
import { runAuthenticode, unpackSigned } from '../testing/run-authenticode';
import { removeRuns } from '../testing/run-sign';
import { startTimestampAuthority, type TimestampAuthority } from '../testing/timestamp-authority';
import { toolWorks } from '../testing/test-keys';
import { archiveBundle, bundleFiles, VENDOR } from '../testing/windows-bundle';
import { timestampServers } from '../inside/timestamp-servers';
import { withOsslsigncode } from './osslsigncode';
import { problemOfSignature, readPeFile, type PeFile } from './read-pe-file';
import { signPeFile } from './sign-pe-file';

const works = toolWorks('osslsigncode', ['--version']) && toolWorks('openssl', ['version']);
const withTool = skipUnless(works, 'osslsigncode or openssl is not installed');
const folder = temporaryFolder();
const PAIR = { certificateEnv: 'CERT', keyEnv: 'KEY' };
const certificate = codeCertificate();
const pair = { CERT: certificate.chain, KEY: certificate.key };
const DEAD = 'http://127.0.0.1:9/';
const authorities: TimestampAuthority[] = [];
const authority = async (...args: readonly string[]): Promise<TimestampAuthority> => {
  const started = await startTimestampAuthority(...args);
  authorities.push(started);
  return started;
};
let url: string;
beforeAll(async () => {
  if (works) ({ url } = await authority());
});
afterAll(async () => {
  for (const one of authorities.splice(0)) await one.stop();
});
afterEach(removeRuns);

const TOOL: ResolvedTool = { id: 'osslsigncode', path: '/usr/bin/osslsigncode', prefixArgs: [], version: '2.9', source: 'path' };

/** Signs a file of its own in the folder, without the pauses of real life. */
async function signOne(timestampUrls: readonly string[], name = 'one.dll'): Promise<{ file: string; pe: PeFile; warnings: string[] }> {
  const file = join(folder.path, name);
  writeFileSync(file, buildPe({ codeBytes: 1_500 }).bytes);
  const { digest } = readPeFile(file, Date.now()) as PeFile;
  const warnings: string[] = [];
  const ports = { processes: createProcesses(), tool: TOOL, environment: { PATH: process.env['PATH']! }, timeoutMs: 60_000 };
  await withOsslsigncode({ kind: 'pem', certificates: certificate.chain, plainKey: new Secret(certificate.key) }, ports, (sign) =>
    signPeFile({
      sign,
      file,
      path: name,
      digest,
      fingerprint: certificate.fingerprint,
      servers: timestampServers(timestampUrls),
      pausesMs: [10, 10],
      warn: (line) => warnings.push(line),
    }),
  );
  return { file, pe: readPeFile(file, Date.now()) as PeFile, warnings };
}

withTool('a dead timestamp server: the next of the list is asked; without one it is an error, and the file is as it was', async () => {
  expect((await signOne([DEAD, url])).warnings).toEqual([]);
  await expect(signOne([DEAD], 'two.dll')).rejects.toMatchObject({
    code: 'SIGN_TIMESTAMP',
    details: expect.arrayContaining([`asked \`${DEAD}\``, expect.stringContaining('timestamping failed')]) as string[],
  });
  expect(readFileSync(join(folder.path, 'two.dll')).equals(buildPe({ codeBytes: 1_500 }).bytes)).toBe(true);
});

withTool(
  'a flaky timestamp server is asked again for each file that it failed',
  async () => {
    const flaky = await authority('--fail-every=2');
    const files = bundleFiles();
    const run = await runAuthenticode({ ...PAIR, timestampUrls: [flaky.url] }, pair, await archiveBundle(files));
    expect({ success: run.success, output: run.output }).toMatchObject({ success: true });
    expect(run.report!.warnings).toEqual(expect.arrayContaining([expect.stringMatching(/^no timestamp for .* \(try 1\), again in 1000 ms$/)]));
    expect(await flaky.requests()).toBeGreaterThan(5);
  },
  60_000,
);

withTool('a timestamp server that answers nonsense, or about other bytes: nothing is signed by it', async () => {
  for (const fault of ['garbage', 'other-bytes']) {
    const faulty = await authority(`--fault=${fault}`);
    await expect(signOne([faulty.url])).rejects.toMatchObject({ code: expect.stringMatching(/^SIGN_(TIMESTAMP|VERIFY)$/) as string });
  }
});

withTool('each fault of a signed file is told: other bytes, another signer, no timestamp, another file’s signature', async () => {
  const { file, pe } = await signOne([url]);
  const wanted = { fingerprint: certificate.fingerprint, digest: pe.digest };
  expect(problemOfSignature(pe, wanted)).toBeUndefined();
  expect(problemOfSignature(pe, { ...wanted, fingerprint: 'ab'.repeat(32) })).toContain('it is by ');
  expect(problemOfSignature(pe, { ...wanted, digest: 'cd'.repeat(32) })).toContain('about other bytes');
  const bytes = readFileSync(file);
  bytes[0x500]! ^= 1;
  writeFileSync(file, bytes);
  expect(problemOfSignature(readPeFile(file, Date.now()) as PeFile, wanted)).toContain('the signature is about');
  bytes[bytes.length - 200]! ^= 1;
  writeFileSync(file, bytes);
  expect(problemOfSignature(readPeFile(file, Date.now()) as PeFile, wanted)).toBeDefined();
  const plain = join(folder.path, 'plain.dll');
  writeFileSync(plain, buildPe({}).bytes);
  expect(problemOfSignature(readPeFile(plain, Date.now()) as PeFile, wanted)).toContain('0 signatures');
});

const REFUSED: readonly [what: string, files: () => Record<string, Uint8Array>, code: string, said: string][] = [
  ['a truncated PE file', () => bundleFiles({ 'python/cut.dll': buildPe({}).bytes.subarray(0, 1_500) }), 'SIGN_PE_BROKEN', '`python/cut.dll`: '],
  [
    'a PE file without place for a signature',
    () => bundleFiles({ 'tiny.dll': buildPe({ directories: 2 }).bytes }),
    'SIGN_PE_BROKEN',
    'no place for a signature',
  ],
  [
    'a signed program with a payload behind its signature',
    () => bundleFiles({ 'setup.exe': buildPe({ certificates: [Buffer.alloc(64)], behind: Buffer.from('PK payload') }).bytes }),
    'SIGN_PE_BROKEN',
    '`setup.exe`: 10 bytes lie behind its signature',
  ],
  ['a bundle without any', () => ({ 'app.sh': Buffer.from('#!/bin/sh\n') }), 'SIGN_NO_PE', 'holds no PE file'],
  [
    'a bundle for Linux, in which Python has a script for Windows',
    () => ({
      'app.sh': Buffer.from('#!/bin/sh\n'),
      'python/runtime/lib/python3.12/venv/scripts/common/Activate.ps1': Buffer.from('Write-Host 1\r\n'),
    }),
    'SIGN_NO_PE',
    'holds no PE file',
  ],
];
for (const [what, files, code, said] of REFUSED) {
  withTool(`refuses ${what}`, async () => {
    const run = await runAuthenticode({ ...PAIR, timestampUrls: [DEAD] }, pair, await archiveBundle(files()));
    expect({ success: run.success, files: run.files }).toEqual({ success: false, files: ['report.json'] });
    expect(run.output).toContain(code);
    expect(run.output).toContain(said);
  });
}

withTool('a single program is signed as it is; what is neither bundle nor program is SIGN_FILE_KIND', async () => {
  const artifact = (name: string, content: Uint8Array): object => ({
    upstream: [{ target: 'package-windows', stage: 'package', artifacts: [{ name, kind: 'installer', content, platform: 'windows-x86_64' }] }],
  });
  const run = await runAuthenticode({ ...PAIR, timestampUrls: [url] }, pair, Buffer.of(), artifact('setup.exe', buildPe({}).bytes));
  expect({ success: run.success, output: run.output }).toMatchObject({ success: true });
  const read = readPeFile(join(run.folder, 'setup.exe'), Date.now()) as PeFile;
  expect(problemOfSignature(read, { fingerprint: certificate.fingerprint, digest: read.digest })).toBeUndefined();
  expect(run.record!.artifacts[0]).toMatchObject({ kind: 'installer', sha256: hashBytes(readFileSync(join(run.folder, 'setup.exe'))) });
  const none = await runAuthenticode({ ...PAIR, timestampUrls: [url] }, pair, Buffer.of(), artifact('setup.sh', Buffer.from('#!/bin/sh\n')));
  expect(none.output).toContain('SIGN_FILE_KIND');
});

withTool('a folder is signed when it is named; modes stay, and a second run keeps all', async () => {
  const content = Object.fromEntries(
    Object.entries(bundleFiles()).map(([path, bytes]) => [path, { content: bytes, mode: path.endsWith('.exe') ? 0o755 : 0o644 }]),
  );
  const artifacts = [{ name: 'app-0.3.0', kind: 'bundle-folder' as const, content, platform: 'windows-x86_64', ships: false }];
  const request = { upstream: [{ target: 'package-windows', stage: 'package', artifacts }] };
  const options = { ...PAIR, timestampUrls: [url], artifacts: ['bundle-folder'] };
  const run = await runAuthenticode(options, pair, Buffer.of(), request);
  expect({ success: run.success, output: run.output }).toMatchObject({ success: true });
  expect(run.record!.artifacts).toMatchObject([{ name: 'app-0.3.0', kind: 'bundle-folder', ships: false }]);
  expect([0o755, 0o644]).toEqual(
    ['app.exe', 'python/runtime/python312.dll'].map((path) => statSync(join(run.folder, 'app-0.3.0', path)).mode & 0o777),
  );
  const again = await runAuthenticode(options, pair, Buffer.of(), { ...request, again: run });
  expect(again.record).toEqual(run.record);
  expect(again.report!.report).toMatchObject({ files: [{ made: [] }] });
  expect(statSync(join(run.folder, 'app-0.3.0/app.exe')).mode & 0o777).toBe(0o755);
  expect((await runAuthenticode({ ...PAIR, timestampUrls: [url] }, pair, Buffer.of(), request)).output).toContain('SIGN_NOTHING');
});

skipUnless(works && canFetchFixtures(), 'osslsigncode, npm or python3 is not installed')(
  'Microsoft’s signatures are kept and named; those that do not hold are replaced, and one that a rule names',
  async () => {
    const [dll, other] = filesOf(fetchFixture(SIGNED_BY_MICROSOFT), (name) => /^vcruntime140(_1)?\.dll$/.test(name)).map((path) =>
      readFileSync(path),
    );
    const damaged = Buffer.from(dll!);
    damaged[0x800]! ^= 1;
    const files = bundleFiles({ [`${VENDOR}/ms/good.dll`]: dll!, [`${VENDOR}/ms/bad.dll`]: damaged, 'python/named.dll': other! });
    const replace = [
      { glob: 'python/named.dll', reason: 'patched by us' },
      { glob: 'no/such/*', reason: 'never there' },
    ];
    const run = await runAuthenticode({ ...PAIR, timestampUrls: [url], replace }, pair, await archiveBundle(files, 'tar.gz'));
    expect({ success: run.success, output: run.output }).toMatchObject({ success: true });
    expect(run.record!.facts).toMatchObject({
      signatures: [
        {
          files: 7,
          foreign: [{ path: `${VENDOR}/ms/good.dll`, signer: expect.stringContaining('Microsoft') }],
          replaced: [
            { path: 'python/named.dll', why: 'patched by us' },
            { path: `${VENDOR}/ms/bad.dll`, why: expect.stringContaining('does not hold') },
          ],
        },
      ],
    });
    expect(run.report!.warnings).toEqual(expect.arrayContaining([expect.stringContaining('`no/such/*`')]));
    const root = await unpackSigned(run, folder.path, 'app-0.3.0-windows-x86_64.tar.gz');
    expect(readFileSync(join(root, VENDOR, 'ms/good.dll')).equals(dll!)).toBe(true);
    const bad = readPeFile(join(root, VENDOR, 'ms/bad.dll'), Date.now()) as PeFile;
    expect(problemOfSignature(bad, { fingerprint: certificate.fingerprint, digest: bad.digest })).toBeUndefined();
  },
  60_000,
);

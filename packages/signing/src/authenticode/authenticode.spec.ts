import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MANIFEST_PATH, parseManifest } from '@waybill/artifacts';
import { hashBytes, listArchive } from '@waybill/core';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import { parseRecordText, recordHash } from '@waybill/distributions';
import { codeCertificate } from '../testing/code-certificates';
import { runAuthenticode, unpackSigned, ZIP } from '../testing/run-authenticode';
import { removeRuns } from '../testing/run-sign';
import { useTimestampAuthority } from '../testing/timestamp-authority';
import { toolWorks } from '../testing/test-keys';
import { archiveBundle, bundleFiles, VENDOR } from '../testing/windows-bundle';
import { verifyByOsslsigncode } from '../testing/verify-by-osslsigncode';

const works = toolWorks('osslsigncode', ['--version']) && toolWorks('openssl', ['version']);
const withTool = skipUnless(works, 'osslsigncode or openssl is not installed');
const folder = temporaryFolder();
const authority = useTimestampAuthority(works);
afterEach(removeRuns);

const PES = ['app.exe', 'bin/app-bin.exe', 'python/runtime/noext', 'python/runtime/python312.dll', `${VENDOR}/fast/_fast.pyd`];

const verifies = (file: string, root: string): boolean => verifyByOsslsigncode(file, { root }, authority(), folder.path) === 0;

withTool('signs every PE file of an archive, by content; osslsigncode verifies each, and all else is as it was', async () => {
  const certificate = codeCertificate();
  const files = bundleFiles();
  const options = {
    certificateEnv: 'CERT',
    passwordEnv: 'PW',
    timestampUrls: [authority().url],
    fingerprint: certificate.fingerprint.toUpperCase().replace(/(..)(?=.)/g, '$1:'),
  };
  const environment = { CERT: certificate.pkcs12('correct horse'), PW: 'correct horse' };
  const archive = await archiveBundle(files);
  const first = await runAuthenticode(options, environment, archive);
  expect({ success: first.success, output: first.output }).toMatchObject({ success: true });
  expect(first.files).toEqual([ZIP, 'artifacts.json', 'report.json']);
  expect(first.record).toMatchObject({
    stage: 'sign',
    artifacts: [{ name: ZIP, kind: 'bundle-archive', platform: 'windows-x86_64', ships: true, madeFrom: [`sha256:${hashBytes(archive)}`] }],
    facts: {
      allowUnproved: 'no Windows here',
      signatures: [{ name: ZIP, backend: 'authenticode', fingerprint: certificate.fingerprint, files: 5, foreign: [], replaced: [] }],
    },
  });
  expect(first.report!.report).toMatchObject({ files: [{ made: expect.arrayContaining(PES) as string[], kept: [], verifiedBy: ['waybill'] }] });
  expect(first.output).toContain('5 files signed, 0 kept of an earlier run');

  const root = await unpackSigned(first, folder.path);
  expect(PES.map((path) => verifies(join(root, path), certificate.root))).toEqual(PES.map(() => true));
  const plain = Object.keys(files).filter((path) => !PES.includes(path) && !/RECORD$|manifest\.json$/.test(path));
  for (const path of plain) expect(readFileSync(join(root, path)).equals(files[path]!)).toBe(true);
  const listed = (await listArchive(join(first.folder, ZIP))).map(({ path, mode }) => `${path} ${mode.toString(8)}`);
  writeFileSync(join(folder.path, 'before.zip'), archive);
  expect(listed).toEqual((await listArchive(join(folder.path, 'before.zip'))).map(({ path, mode }) => `${path} ${mode.toString(8)}`));
  checkMetadata(root);

  const asked = await authority().requests();
  const again = await runAuthenticode(options, environment, archive, { again: first });
  expect(again.record).toEqual(first.record);
  expect(again.report!.report).toMatchObject({ files: [{ made: [], kept: expect.arrayContaining(PES) as string[] }] });
  expect(await authority().requests()).toBe(asked);
  await rm(first.folder, { recursive: true });
  const fresh = await runAuthenticode(options, environment, archive, { again: first });
  expect(fresh.report!.report).toMatchObject({ files: [{ kept: [] }] });
});

/** What the bundle says of its files is true of every file in it. */
function checkMetadata(root: string): void {
  const there = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(root, path)).isFile());
  const manifest = parseManifest(readFileSync(join(root, MANIFEST_PATH), 'utf8'));
  expect(manifest.entries.map(({ path }) => path).sort()).toEqual(there.filter((path) => path !== MANIFEST_PATH).sort());
  for (const entry of manifest.entries) {
    const bytes = readFileSync(join(root, entry.path));
    expect(entry).toMatchObject({ size: bytes.length, sha256: hashBytes(bytes) });
  }
  const record = parseRecordText(readFileSync(join(root, VENDOR, 'fast-1.0.dist-info/RECORD'), 'utf8'));
  for (const line of record.filter(({ hash }) => hash !== undefined)) {
    const bytes = readFileSync(join(root, VENDOR, line.path));
    expect(line).toEqual({ path: line.path, hash: recordHash(hashBytes(bytes)), size: bytes.length });
  }
}

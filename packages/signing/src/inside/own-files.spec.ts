import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPe } from '@waybill/binary/testing';
import { listArchive, readTree } from '@waybill/core';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import { codeCertificate } from '../testing/code-certificates';
import { runAuthenticode, unpackSigned } from '../testing/run-authenticode';
import { removeRuns } from '../testing/run-sign';
import { startTimestampAuthority, type TimestampAuthority } from '../testing/timestamp-authority';
import { toolWorks } from '../testing/test-keys';
import { TOP } from '../testing/windows-bundle';
import { withOwnFiles } from './own-files';

const folder = temporaryFolder();
const works = toolWorks('osslsigncode', ['--version']) && toolWorks('openssl', ['version']);
let authority: TimestampAuthority | undefined;
afterAll(() => authority?.stop());
afterEach(removeRuns);

/** `a.dll` and `b.dll` are one file, which nobody may write. */
function linkedTree(root: string): string {
  mkdirSync(root);
  writeFileSync(join(root, 'a.dll'), buildPe({ codeBytes: 2_000 }).bytes);
  chmodSync(join(root, 'a.dll'), 0o555);
  linkSync(join(root, 'a.dll'), join(root, 'b.dll'));
  return root;
}

const modesIn = (root: string): number[] => ['a.dll', 'b.dll'].map((name) => statSync(join(root, name)).mode & 0o777);

it('what is signed in place may be written, and is no other file too; modes come back', async () => {
  const root = linkedTree(join(folder.path, 'tree'));
  writeFileSync(join(root, 'plain.txt'), 'as it is');
  const before = statSync(join(root, 'plain.txt')).ino;
  const result = await withOwnFiles(root, await readTree(root), async () => {
    expect(modesIn(root)).toEqual([0o755, 0o755]);
    writeFileSync(join(root, 'a.dll'), 'signed');
    return 'done';
  });
  expect([result, readFileSync(join(root, 'a.dll'), 'utf8')]).toEqual(['done', 'signed']);
  expect(readFileSync(join(root, 'b.dll')).equals(buildPe({ codeBytes: 2_000 }).bytes)).toBe(true);
  expect(modesIn(root)).toEqual([0o555, 0o555]);
  expect(statSync(join(root, 'plain.txt')).ino).toBe(before);
});

skipUnless(works, 'osslsigncode or openssl is not installed')(
  'hard links in an archive are signed each, and a second run keeps the signature of each',
  async () => {
    authority = await startTimestampAuthority();
    const { chain, key } = codeCertificate();
    const place = mkdtempSync(join(folder.path, 'archive-'));
    linkedTree(join(place, TOP));
    execFileSync('tar', ['--format=ustar', '-czf', 'bundle.tar.gz', TOP], { cwd: place });
    const archive = readFileSync(join(place, 'bundle.tar.gz'));
    const options = { certificateEnv: 'CERT', keyEnv: 'KEY', timestampUrls: [authority.url] };
    const first = await runAuthenticode(options, { CERT: chain, KEY: key }, archive);
    expect(first.success ? '' : first.output).toBe('');
    const name = `${TOP}.tar.gz`;
    const root = await unpackSigned(first, folder.path, name);
    expect(modesIn(root)).toEqual([0o555, 0o555]);
    const listed = await listArchive(join(first.folder, name));
    expect(listed.filter(({ kind }) => kind === 'file').map(({ mode }) => mode & 0o777)).toEqual([0o555, 0o555]);
    const again = await runAuthenticode(options, { CERT: chain, KEY: key }, archive, { again: first });
    expect(again.report!.report).toMatchObject({ files: [{ made: [], kept: ['a.dll', 'b.dll'] }] });
    expect(again.record).toEqual(first.record);
  },
);

import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { skipUnless, temporaryFolder } from '../../testing';
import { craftTar } from '../testing/craft-archives';
import { listArchive } from './list-archive';
import { readGzipHeader } from './read-gzip-header';

const WRITE_TAR = `
import io, sys, tarfile
with tarfile.open(sys.argv[1], sys.argv[2], format=getattr(tarfile, sys.argv[3])) as tar:
    for name, mtime, uid, user in (("early", -86400, 0, ""), ("late.5", 1580601600.5, 1000, "ada"), ("vast", 2**34, 3000000, "grüße")):
        info = tarfile.TarInfo(name)
        info.mtime, info.uid, info.gid, info.uname, info.gname = mtime, uid, uid, user, user
        tar.addfile(info, io.BytesIO())
`;
const WRITE_ZIP = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as file:
    file.writestr(zipfile.ZipInfo("a", (2020, 2, 2, 13, 5, 58)), "x")
    file.writestr(zipfile.ZipInfo("b", (1980, 1, 1, 0, 0, 0)), "x")
`;

describe('times and owners, as Python stores them', () => {
  const folder = temporaryFolder();
  const itWithPython = skipUnless(spawnSync('python3', ['--version']).status === 0, 'python3 is not installed');
  const archive = (): string => join(folder.path, 'archive');
  const times = async (): Promise<number[]> => (await listArchive(archive())).map(({ mtimeSeconds }) => mtimeSeconds);

  itWithPython('of a pax tar', async () => {
    execFileSync('python3', ['-c', WRITE_TAR, archive(), 'w', 'PAX_FORMAT']);
    expect(await times()).toEqual([-86400, 1580601600.5, 2 ** 34]);
    expect((await listArchive(archive())).map(({ owner }) => owner)).toEqual([
      { uid: 0, gid: 0, user: '', group: '' },
      { uid: 1000, gid: 1000, user: 'ada', group: 'ada' },
      { uid: 3000000, gid: 3000000, user: 'grüße', group: 'grüße' },
    ]);
  });

  itWithPython('of a GNU tar', async () => {
    execFileSync('python3', ['-c', WRITE_TAR, archive(), 'w', 'GNU_FORMAT']);
    expect(await times()).toEqual([-86400, 1580601600, 2 ** 34]);
  });

  itWithPython('of a zip file', async () => {
    execFileSync('python3', ['-c', WRITE_ZIP, archive()]);
    expect(await times()).toEqual([Date.UTC(2020, 1, 2, 13, 5, 58) / 1000, Date.UTC(1980, 0, 1) / 1000]);
    expect((await listArchive(archive()))[0]).not.toHaveProperty('owner');
  });

  itWithPython('of the header of a gzip file', async () => {
    execFileSync('python3', ['-c', `import gzip, sys; gzip.GzipFile('demo-1.tar', 'w', 6, open(sys.argv[1], 'wb'), 7).close()`, archive()]);
    expect(await readGzipHeader(archive())).toMatchObject({ mtimeSeconds: 7, name: 'demo-1.tar' });
  });
});

describe('readGzipHeader', () => {
  const folder = temporaryFolder();
  const header = (bytes: Buffer) => {
    writeFileSync(join(folder.path, 'x'), bytes);
    return readGzipHeader(join(folder.path, 'x'));
  };

  it('knows that other files have none', async () => {
    expect(await header(craftTar([{ path: 'a' }]))).toBeUndefined();
    expect(await header(Buffer.alloc(0))).toBeUndefined();
  });

  it('reads one without a name', async () => {
    expect(await header(gzipSync('x'))).toEqual({ mtimeSeconds: 0, extraFlags: expect.any(Number), system: expect.any(Number) });
  });

  it.each([
    ['within the fixed part', Buffer.from([0x1f, 0x8b, 8])],
    ['within a name', Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3, 0x61])],
    ['within an extra field', Buffer.from([0x1f, 0x8b, 8, 12, 0, 0, 0, 0, 0, 3, 0xff])],
  ])('ARCHIVE_DAMAGED: one that ends %s', async (_what, bytes) => {
    await expect(header(bytes)).rejects.toMatchObject({ code: 'ARCHIVE_DAMAGED' });
  });
});

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../testing';
import { DIGEST_ALGORITHMS } from './digest-algorithm';
import { hashFiles } from './hash-files';

const folder = temporaryFolder();
const MIB = 1024 * 1024;

function write(name: string, bytes: number): string {
  const path = join(folder.path, name);
  writeFileSync(path, randomBytes(bytes));
  return path;
}

/** By the programs that everybody compares with. */
const sumOf = (program: string, path: string): string => execFileSync(program, [path], { encoding: 'utf8' }).split(' ')[0]!;

describe.each([
  ['without threads', [0, 1, 511 * 1024, MIB + 1]],
  ['in threads', [35 * MIB, 3, 25 * MIB, 0, 12 * MIB + 7]],
])('hashFiles %s', (_, sizes) => {
  it('gives the digests of every algorithm in the order of the files', async () => {
    const paths = sizes.map((size, index) => write(`file-${index}`, size));
    const found = await hashFiles(paths, { algorithms: DIGEST_ALGORITHMS, threads: 3 });
    expect(found.map(({ size }) => size)).toEqual(sizes);
    paths.forEach((path, index) =>
      expect(found[index]!.digests).toEqual({
        sha256: sumOf('sha256sum', path),
        sha384: sumOf('sha384sum', path),
        sha512: sumOf('sha512sum', path),
        blake2b: sumOf('b2sum', path),
      }),
    );
  });

  it('names a file that cannot be read', async () => {
    const paths = sizes.map((size, index) => write(`file-${index}`, size));
    mkdirSync(join(folder.path, 'a-folder'));
    await expect(hashFiles([...paths, join(folder.path, 'a-folder')], { threads: 3 })).rejects.toMatchObject({ code: 'FILE_KIND' });
    await expect(hashFiles([...paths, join(folder.path, 'none')], { threads: 3 })).rejects.toMatchObject({ code: 'FILE_MISSING' });
  });
});

it('of no file at all is nothing', async () => {
  expect(await hashFiles([])).toEqual([]);
});

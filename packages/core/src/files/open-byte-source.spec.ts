import { execFileSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { temporaryFolder } from '../testing';
import { openByteSource, type FileByteSource } from './open-byte-source';

const folder = temporaryFolder();
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const SIZE = 6_000_000;
const BYTES = Buffer.from(Array.from({ length: 4_096 }, (_, index) => (index * 7) & 0xff));
let open: FileByteSource[] = [];

const source = (bytes: Uint8Array = Buffer.alloc(SIZE, BYTES)): FileByteSource => {
  writeFileSync(join(folder.path, 'file'), bytes);
  open.push(openByteSource(join(folder.path, 'file')));
  return open.at(-1)!;
};

afterEach(() => {
  open.forEach((one) => one.close());
  open = [];
});

describe('openByteSource', () => {
  it.each([
    ['at the start', 0, 4],
    ['in the middle', 65_000, 100],
    ['across two pages', 65_530, 20],
    ['across many pages', 60_000, 500_000],
    ['whole', 0, SIZE],
    ['at the end', SIZE - 3, 3],
    ['past the end', SIZE - 3, 100],
    ['behind the end', SIZE, 1],
    ['far behind the end', SIZE * 10, 10],
    ['of no length', 10, 0],
    ['of negative length', 10, -5],
    ['of no number', Number.NaN, 4],
  ])('reads %s what is there', (_, offset, length) => {
    const expected = Buffer.alloc(SIZE, BYTES).subarray(offset, Math.max(offset, offset + length) || 0);
    expect(Buffer.compare(source().read(offset, length), expected)).toBe(0);
  });

  it('reads the same in any order, with pages that went and came back', () => {
    const all = Buffer.alloc(SIZE, BYTES);
    const one = source(all);
    let seed = 1;
    for (let round = 0; round < 3_000; round += 1) {
      seed = (seed * 48_271) % 2_147_483_647;
      const [offset, length] = [seed % SIZE, seed % 300];
      expect(all.compare(one.read(offset, length), 0, undefined, offset, Math.min(SIZE, offset + length))).toBe(0);
    }
  });

  it('keeps no more than a few pages of a big file', () => {
    const one = source();
    const held = (): number => (collectGarbage(), process.memoryUsage().arrayBuffers);
    const before = held();
    for (let offset = 0; offset < SIZE; offset += 1_000) one.read(offset, 4);
    expect(held() - before).toBeLessThan(4.5 * 1024 ** 2);
  });

  it('knows its size and reads an empty file', () => {
    const one = source(new Uint8Array(0));
    expect([one.size, one.read(0, 10).length]).toEqual([0, 0]);
  });

  it('gives fewer bytes when the file has become shorter', () => {
    const one = source();
    truncateSync(join(folder.path, 'file'), 70_000);
    expect([one.read(0, 100_000).length, one.read(65_000, 10_000).length, one.read(80_000, 10).length]).toEqual([70_000, 5_000, 0]);
  });

  it.each<[string, () => string, string]>([
    ['is not there', () => join(folder.path, 'none'), 'FILE_MISSING'],
    ['is a folder', () => folder.path, 'FILE_KIND'],
    ['is a FIFO, without waiting for a writer', () => (execFileSync('mkfifo', [join(folder.path, 'pipe')]), join(folder.path, 'pipe')), 'FILE_KIND'],
  ])('says so when the file %s', (_, path, code) => {
    const file = path();
    expect(() => openByteSource(file)).toThrow(expect.objectContaining({ code }) as Error);
  });
});

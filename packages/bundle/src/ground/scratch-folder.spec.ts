import { existsSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { skipUnless, temporaryFolder } from '@waybill/core/testing';
import { withScratch, type ScratchRequest } from './scratch-folder';

const folder = temporaryFolder();
const TMPFS = 0x01021994;
const hasMemory = existsSync('/dev/shm') && statfsSync('/dev/shm').type === TMPFS;

const request = (more: Partial<ScratchRequest> = {}): ScratchRequest => ({
  onDisk: join(folder.path, 'work'),
  name: 'waybill-test',
  bytes: 1000,
  mayUseMemory: true,
  ...more,
});

it.each<[string, Partial<ScratchRequest>]>([
  ['what is larger than the memory', { bytes: 2 ** 60 }],
  ['what the user wants elsewhere', { mayUseMemory: false }],
])('%s is made on the disk', async (_, more) => {
  const seen = await withScratch(request(more), async (scratch) => {
    expect(await scratch.hasRoomFor(2 ** 60)).toBe(true);
    writeFileSync(join(scratch.folder, 'file'), '');
    return scratch.folder;
  });
  expect(seen).toBe(join(folder.path, 'work'));
  expect(existsSync(seen)).toBe(false);
});

const inMemory = skipUnless(hasMemory, 'there is no file system in memory');

inMemory('what is small is made in memory, until it grows', async () => {
  const [before, after] = await withScratch(request(), async (scratch) => {
    const first = scratch.folder;
    expect([await scratch.hasRoomFor(1), await scratch.hasRoomFor(2 ** 60)]).toEqual([true, false]);
    await scratch.leaveMemory();
    expect(existsSync(first)).toBe(false);
    return [first, scratch.folder];
  });
  expect(before).toMatch(/^\/dev\/shm\/\.waybill-test\.staging-/);
  expect(after).toBe(join(folder.path, 'work'));
});

inMemory('nothing is left when the work fails', async () => {
  let seen = '';
  const run = withScratch(request(), async (scratch) => {
    seen = scratch.folder;
    throw new Error('planted');
  });
  await expect(run).rejects.toThrow('planted');
  expect([seen.startsWith('/dev/shm/'), existsSync(seen)]).toEqual([true, false]);
});

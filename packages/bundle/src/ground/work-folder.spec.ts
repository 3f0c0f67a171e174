import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@waybill/core/testing';
import { isNoexec, makeWorkFolder, memoryFor, parseMounts, removeWorkFolder } from './work-folder';

const folder = temporaryFolder();
const MOUNTS = parseMounts(
  '/dev/vda / ext4 rw,relatime 0 0\ntmpfs /tmp tmpfs rw,nosuid,noexec 0 0\ntmpfs /tmp/my\\040run tmpfs rw 0 0\nproc /proc proc rw,noexec 0 0\n',
);

it.each([
  ['/home/me', false],
  ['/tmp', true],
  ['/tmp/x/y', true],
  ['/tmp/my run', false],
  ['/tmp/my run/z', false],
  ['/tmpfs', false],
])('%s: noexec %s', (path, expected) => {
  expect(isNoexec(MOUNTS, path)).toBe(expected);
});

it('takes the first folder where programs can be started', async () => {
  const made = await makeWorkFolder(['/proc', '/does/not/exist', folder.path]);
  expect(made.startsWith(folder.path)).toBe(true);
  await removeWorkFolder(made);
  expect(existsSync(made)).toBe(false);
});

it('removes what a killed proof left, and nothing that lives', async () => {
  const made = await makeWorkFolder([folder.path]);
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  const left = made.replace(`-${process.pid}-`, `-${pid}-`);
  mkdirSync(join(left, 'bundle'), { recursive: true });
  const second = await makeWorkFolder([folder.path]);
  expect([left, made, second].map((path) => existsSync(path))).toEqual([false, true, true]);
  for (const path of [made, second]) await removeWorkFolder(path);
});

it('takes memory only when there is plenty, and no disk for memory', async () => {
  expect(await memoryFor(1, '/proc')).toEqual([]);
  expect(await memoryFor(1, '/does/not/exist')).toEqual([]);
  expect(await memoryFor(1e9, '/dev/shm', 15e9)).toEqual([]);
});

it('says so when there is none', async () => {
  await expect(makeWorkFolder(['/proc'])).rejects.toMatchObject({ code: 'BUNDLE_SMOKE_NOEXEC', message: expect.stringContaining('/proc') });
});

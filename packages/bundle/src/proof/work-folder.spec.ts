import { existsSync } from 'node:fs';
import { temporaryFolder } from '@waybill/core/testing';
import { isNoexec, makeWorkFolder, parseMounts, removeWorkFolder } from './work-folder';

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

it('says so when there is none', async () => {
  await expect(makeWorkFolder(['/proc'])).rejects.toMatchObject({ code: 'BUNDLE_SMOKE_NOEXEC', message: expect.stringContaining('/proc') });
});

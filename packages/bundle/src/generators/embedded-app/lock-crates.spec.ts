import { fakeProcesses, type FakeAnswer } from '@waybill/plugin-kit/testing';
import { lockCrates } from './lock-crates';

const lock = async (answer?: FakeAnswer) => {
  const processes = fakeProcesses(() => answer);
  const lines = await lockCrates({ workspaceRoot: '/w', root: 'apps/chat', processes, environment: { PATH: '/bin', UNSET: undefined } });
  return { lines, requests: processes.requests };
};

it('asks cargo in the folder of the crate, as the user would', async () => {
  const { lines, requests } = await lock({});
  expect(requests).toEqual([expect.objectContaining({ file: 'cargo', args: ['generate-lockfile'], cwd: '/w/apps/chat', env: { PATH: '/bin' } })]);
  expect(lines).toEqual(['+ apps/chat: Cargo.lock, by `cargo generate-lockfile`: commit it']);
});

it.each<[string, FakeAnswer | undefined, RegExp]>([
  ['there is no cargo', undefined, /^! cargo is not on PATH: run `cargo generate-lockfile` in apps\/chat, and commit/],
  ['cargo fails', { exitCode: 101, stderr: 'error: no network\n' }, /^error: no network\n! `cargo generate-lockfile` failed: run/],
])('says what is left to do where %s', async (_what, answer, says) => {
  expect((await lock(answer)).lines.join('\n')).toMatch(says);
});

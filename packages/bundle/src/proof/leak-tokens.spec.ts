import { leakTokensOf } from './leak-tokens';

const tokens = async (...args: Parameters<typeof leakTokensOf>): Promise<string[]> =>
  (await leakTokensOf(...args)).map(({ id, path }) => `${id} ${path}`);

it('what is hidden, the tools below a home whose name every machine has, cargo’s home', async () => {
  const hidden = [
    { path: '/srv/ws', kind: 'folder', why: 'workspace' } as const,
    { path: '/root', kind: 'folder', why: 'home' } as const,
    { path: '/opt/secret', kind: 'folder', why: 'asked for' } as const,
    { path: '/opt/py/3.11', kind: 'folder', why: 'prefix' } as const,
    { path: '/opt', kind: 'folder', why: 'asked for' } as const,
  ];
  expect(await tokens(hidden, {}, [])).toEqual([
    'workspace /srv/ws',
    'hidden /opt/secret',
    'runtime-origin /opt/py/3.11',
    'cargo-home /root/.cargo',
    'home /root/.cache',
    'home /root/.local',
    'home /root/.pyenv',
    'home /root/.rustup',
  ]);
  expect(await tokens([], { CARGO_HOME: '/cargo/home/' }, [{ id: 'temporary', path: '/tmp/build-1' }])).toEqual([
    'cargo-home /cargo/home',
    'temporary /tmp/build-1',
  ]);
});

it('the Python of a system tells nothing of a machine', async () => {
  const hidden = [
    { path: '/usr/lib/python3.11', kind: 'folder', why: 'python' } as const,
    { path: '/usr/bin/python3.11', kind: 'file', why: 'python' } as const,
  ];
  expect(await tokens(hidden, {}, [])).toEqual([]);
});

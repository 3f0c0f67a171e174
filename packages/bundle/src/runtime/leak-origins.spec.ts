import { leakOriginsOf } from './leak-origins';

it('keeps what betrays a machine, longest first, and drops what every system has', () => {
  const paths = [
    '/usr',
    '/usr/local',
    '/install',
    '/',
    null,
    undefined,
    'relative',
    '/home/me/.pyenv/versions/3.11.7/',
    '/tmp/build.1',
    '/home/me/.pyenv/versions/3.11.7',
  ];
  expect(leakOriginsOf(paths)).toEqual(['/home/me/.pyenv/versions/3.11.7', '/tmp/build.1']);
});

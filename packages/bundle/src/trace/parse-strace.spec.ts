import { parseStrace } from './parse-strace';
import { parseLdDebug } from './parse-ld-debug';
import { judgeTrace } from './judge-trace';

const ROOT = '/tmp/w/root-host-1';
const TEXT = `execve("/opt/app/demo", ["/opt/app/demo", "--smoke"], 0x7ffd /* 2 vars */) = 0
access("/etc/ld.so.preload", R_OK) = -1 ENOENT (No such file or directory)
openat(AT_FDCWD</tmp/w/root-host-1/opt/app>, "lib/../lib/libx.so.1", O_RDONLY|O_CLOEXEC) = 3</tmp/w/root-host-1/opt/app/lib/libx.so.1>
newfstatat(3</tmp/w/root-host-1/opt>, "", {st_mode=S_IFREG|0755, st_size=4096, ...}, AT_EMPTY_PATH) = 0
newfstatat(AT_FDCWD</>, "caf\\303\\251 \\"x\\"", 0x7ffc, 0) = -1 ENOENT (No such file or directory)
chdir("/srv")                           = 0
stat("data", 0x7f) = -1 EACCES (Permission denied)
openat(AT_FDCWD</tmp/w/root-host-1/srv>, "out", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 4</tmp/w/root-host-1/srv/out>
openat(AT_FDCWD</>, "/opt", O_RDONLY|O_NONBLOCK|O_CLOEXEC|O_DIRECTORY) = 5</tmp/w/root-host-1/opt>
+++ exited with 0 +++
`;

it('reads calls, resolves folders, takes the root of the sandbox off', () => {
  const { calls } = parseStrace(TEXT, ROOT, '/');
  expect(calls.map(({ call, path, error, opens, writes }) => [call, path, error ?? 'ok', opens, writes])).toEqual([
    ['execve', '/opt/app/demo', 'ok', false, false],
    ['access', '/etc/ld.so.preload', 'ENOENT', false, false],
    ['openat', '/opt/app/lib/libx.so.1', 'ok', true, false],
    ['newfstatat', '/café "x"', 'ENOENT', false, false],
    ['chdir', '/srv', 'ok', false, false],
    ['stat', '/srv/data', 'EACCES', false, false],
    ['openat', '/srv/out', 'ok', true, true],
    ['openat', '/opt', 'ok', false, false],
  ]);
});

it('reads the home that a started program is told from its environment, not from its arguments', () => {
  const homes = (line: string) => parseStrace(line, ROOT, '/').calls.map(({ pythonHome }) => pythonHome);
  expect(homes('execve("/usr/bin/git", ["git", "x"], ["PATH=/bin", "PYTHONHOME=/opt/caf\\303\\251/python/runtime"]) = 0')).toEqual([
    '/opt/café/python/runtime',
  ]);
  expect(homes('execve("/usr/bin/env", ["env", "PYTHONHOME=/opt"], ["PATH=/bin"]) = 0')).toEqual([undefined]);
  expect(homes('execve("/usr/bin/git", ["git"], ["PYTHONHOME=/opt"]) = -1 ENOENT (No such file or directory)')).toEqual([undefined]);
  expect(homes('execve("/usr/bin/git", ["git"], ["PYTHONHOME="]) = 0')).toEqual([undefined]);
});

it('names what ld.so loaded', () => {
  expect(parseLdDebug('   7:\tcalling init: /lib/x.so\n 7: calling init: /opt/a b/libpython3.so\n 7: calling init: /lib/x.so\n')).toEqual([
    '/lib/x.so',
    '/opt/a b/libpython3.so',
  ]);
});

describe('judgement', () => {
  const hidden = [
    { path: '/home/me/.pyenv/versions/3.11.7', kind: 'folder', why: 'prefix' } as const,
    { path: '/usr/bin/python3.11', kind: 'file', why: 'python' } as const,
    { path: '/usr/lib/python3.11', kind: 'folder', why: 'python' } as const,
  ];
  const judge = (path: string, rest: object = {}) =>
    judgeTrace(
      { calls: [{ call: 'openat', path, opens: true, writes: false, ...rest }], programs: [], processes: 1 },
      { place: '/opt/app', platform: 'linux-x86_64', hidden },
    ).findings.map(({ level }) => level);

  it.each([
    ['a file of the bundle', '/opt/app/lib/x.so', {}, []],
    ['the C library', '/lib/x86_64-linux-gnu/libc.so.6', {}, []],
    ['zone data', '/usr/share/zoneinfo/UTC', {}, []],
    ['another program’s library', '/lib/x86_64-linux-gnu/libssl.so.3', {}, ['error']],
    ['the original prefix, in vain', '/home/me/.pyenv/versions/3.11.7/lib/x', { error: 'ENOENT' }, ['error']],
    ['the standard library of the machine', '/usr/lib/python3.11/os.py', { error: 'ENOENT' }, ['error']],
    ['a look for `python3` on PATH', '/usr/bin/python3.11', { error: 'EACCES', opens: false }, []],
    [
      'a program of the machine with the home of the bundle (T9)',
      '/usr/bin/git',
      { call: 'execve', opens: false, pythonHome: '/opt/app/python/runtime' },
      ['warning'],
    ],
    ['a program of the bundle with that home', '/opt/app/bin/demo-bin', { call: 'execve', opens: false, pythonHome: '/opt/app/python/runtime' }, []],
    ['a program of the machine with a home of its own', '/usr/bin/git', { call: 'execve', opens: false, pythonHome: '/srv/python' }, []],
    ['settings of the machine’s OpenSSL (T22)', '/usr/lib/ssl/openssl.cnf', {}, ['warning']],
    ['the same in vain: another machine has them', '/etc/ssl/openssl.cnf', { error: 'ENOENT' }, ['warning']],
    ['settings of the bundle’s own', '/opt/app/share/openssl.cnf', {}, []],
    ['settings of somebody else', '/etc/fancy.conf', {}, ['warning']],
    ['settings that are not there', '/etc/fancy.conf', { error: 'ENOENT' }, []],
  ])('%s', (_, path, rest, levels) => {
    expect(judge(path, rest)).toEqual(levels);
  });
});

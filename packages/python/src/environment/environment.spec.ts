import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fakeProcesses } from '@waybill/plugin-kit/testing';
import { placesIn, workplacePath } from '../workplace/workplace-path';
import { buildEnvironment } from './build-environment';
import { attemptIn, attemptsIn, closedTier, closedVariables, enterNamespace } from './network';
import { wrapCommand } from './wrap-command';

const places = placesIn('/tmp/waybill-build-demo-1');

describe('buildEnvironment', () => {
  const of = (base: Record<string, string>, system = 'linux') => buildEnvironment({ base, places, version: { PBR_VERSION: '1.0' }, system });

  it('keeps the build’s folders out of compiled code, behind what the user gives', () => {
    const { CFLAGS, CARGO_BUILD_RUSTFLAGS } = of({ CFLAGS: '-O3', HOME: '/home/me' });
    expect(CFLAGS).toBe(
      '-O3 -ffile-prefix-map=/tmp/waybill-build-demo-1=. -ffile-prefix-map=/tmp/waybill-build-demo-1/build/src=. -ffile-prefix-map=/tmp/waybill-build-demo-1/build/sdist=.',
    );
    expect(CARGO_BUILD_RUSTFLAGS).toContain('--remap-path-prefix=/home/me/.cargo=/cargo');
    expect(of({}, 'win32')['CFLAGS']).toBeUndefined();
  });

  it('adds flags of Rust where the user has put some', () => {
    const flags = /^--cfg a --remap-path-prefix=/;
    expect(of({ RUSTFLAGS: '--cfg a' })['RUSTFLAGS']).toMatch(flags);
    expect(of({ CARGO_BUILD_RUSTFLAGS: '--cfg a' })['CARGO_BUILD_RUSTFLAGS']).toMatch(flags);
    expect(of({ CARGO_ENCODED_RUSTFLAGS: '--cfg\x1fa' })['CARGO_ENCODED_RUSTFLAGS']).toMatch(/^--cfg\x1fa\x1f--remap-path-prefix=\S+\x1f/);
    expect(of({})['RUSTFLAGS']).toBeUndefined();
  });

  it('takes paths of containers out as well, where there are any', () => {
    const { CFLAGS, RUSTFLAGS } = buildEnvironment({ base: { RUSTFLAGS: '-g' }, places, version: {}, system: 'linux', containerProject: '/project' });
    expect([CFLAGS, RUSTFLAGS]).toEqual([expect.stringMatching(/ -ffile-prefix-map=\/project=\.$/), expect.stringMatching(/=\/project=\.$/)]);
  });

  it('hands the version over, and has temporary files in the workplace', () => {
    expect(of({ PATH: '/bin', TMPDIR: '/elsewhere' })).toMatchObject({ PATH: '/bin', TMPDIR: '/tmp/waybill-build-demo-1/tmp', PBR_VERSION: '1.0' });
  });
});

describe('network', () => {
  it.each<[string, string, (command: string) => boolean, string]>([
    ['root', 'linux', () => true, 'namespace'],
    ['a user', 'linux', (command) => command.includes('--map-current-user'), 'user-namespace'],
    ['a container without rights', 'linux', () => false, 'proxy'],
    ['macOS', 'darwin', () => true, 'proxy'],
  ])('the strongest that %s on %s has', async (_, system, may, tier) => {
    const processes = fakeProcesses(({ args }) => ({ exitCode: may(args.join(' ')) ? 0 : 1 }));
    expect(await closedTier(processes, {}, system)).toBe(tier);
  });

  it('is closed by proxies where there is no unshare', async () => {
    expect(await closedTier(fakeProcesses(), {}, 'linux')).toBe('proxy');
    expect(enterNamespace('proxy')).toEqual([]);
    expect(closedVariables('open')).toEqual({});
  });

  it.each([
    ['curl: (6) Could not resolve host: example.org', true],
    ['error: failed to lookup address information: Temporary failure in name resolution', true],
    ['ERROR: No matching distribution found for hatchling', true],
    ['requests.exceptions.ProxyError: HTTPSConnectionPool', true],
    ['SyntaxError: invalid syntax', false],
  ])('sees an attempt in %j: %s', (text, is) => {
    expect(attemptIn(`building\n${text}\n`)).toBe(is ? text : undefined);
  });
});

/** Python below 3.11 calls both as attributes of a class, where a function would be a method. */
const READ_FOLDERS = `
import os, pathlib, sitecustomize
class Accessor:
    listdir, scandir = os.listdir, os.scandir
usual = sitecustomize._listdir('.')
assert len(usual) > 1
assert Accessor().listdir('.') == usual[::-1] == os.listdir()
with Accessor().scandir('.') as entries:
    assert [next(entries).name] + [entry.name for entry in entries] == usual[::-1]
entries = os.scandir()
entries.close()
assert list(entries) == []
assert sorted(path.name for path in pathlib.Path('.').iterdir()) == sorted(usual)
assert sorted(path.name for path in pathlib.Path('.').glob('*')) == sorted(usual)
`;

it('the opposite order of folders fails nothing that reads them', () => {
  const env = { ...process.env, PYTHONPATH: join(__dirname, 'other-order'), PYTHONDONTWRITEBYTECODE: '1' };
  expect(() => execFileSync('python3', ['-c', READ_FOLDERS], { env, cwd: __dirname, stdio: 'pipe' })).not.toThrow();
});

const SNMP = 'Ip: Forwarding InReceives OutNoRoutes\nIp: 2 0 3\nIcmp: InMsgs\nIcmp: 0\nIp6InNoRoutes   \t5\nIp6OutNoRoutes  \t1\n';

it.each<[string, string, number | undefined]>([
  ['both kinds of addresses', SNMP, 4],
  ['no IPv6', SNMP.replace(/^Ip6.*\n/gm, ''), 3],
  ['nothing', SNMP.replace('2 0 3', '2 0 0').replace('\t1', '\t0'), 0],
  ['not where there are no counters', '', undefined],
])('attemptsIn counts %s', (_, text, count) => {
  expect(attemptsIn(text)).toBe(count);
});

it('wrapCommand leaves Windows alone', () => {
  const command = { file: 'uv.exe', args: ['build'] };
  expect(wrapCommand(command, { umask: '022', network: 'open' }, 'win32')).toBe(command);
});

describe('workplacePath', () => {
  it('depends on the project alone, and holds no space', () => {
    expect(workplacePath('my app', 'apps/my app', 'linux')).toMatch(/^\/tmp\/waybill-build-my-app-[0-9a-f]{8}$/);
    expect(workplacePath('app', 'a', 'darwin')).toMatch(/^\/private\/tmp\//);
    expect(workplacePath('app', 'a', 'linux')).not.toBe(workplacePath('app', 'b', 'linux'));
  });
});

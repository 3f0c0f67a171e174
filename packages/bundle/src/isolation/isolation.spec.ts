import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProcesses } from '@waybill/core';
import { temporaryFolder } from '@waybill/core/testing';
import { namespaceArgv } from './enter-namespace';
import { wrappedArgv } from './enter-wrapped';
import { findHostPythons, prefixesOf } from './find-host-pythons';
import { judgeIsolation } from '../proof/judge-isolation';
import { hiddenPlaces, type HiddenPlace } from './hidden-places';
import { reaches, tiersFor } from './isolation-tier';
import { NoTier, openSandboxes, type Sandboxes } from './open-sandboxes';
import { proveHidden } from './prove-hidden';
import { ASIDE, renameAside } from './rename-aside';
import { renderBubblewrap, renderFstab, renderProot, type RootMount } from './root-plan';

const isRoot = process.getuid?.() === 0;
const INSIDE = join(__dirname, '../probes/inside');

describe('tiers', () => {
  it('strongest first, renaming never unasked', () => {
    expect(tiersFor('strongest')).toEqual(['root-namespace', 'user-namespace', 'bubblewrap', 'proot', 'copy']);
    expect(tiersFor('namespace')).toEqual(['root-namespace', 'user-namespace', 'bubblewrap']);
    expect(tiersFor('rename')).toEqual(['rename']);
  });

  it.each([
    ['user-namespace', 'namespace', true],
    ['proot', 'namespace', false],
    ['proot', 'rename', true],
    ['copy', 'rename', false],
    ['copy', 'copy', true],
  ] as const)('%s reaches %s: %s', (tier, minimum, expected) => {
    expect(reaches(tier, minimum)).toBe(expected);
  });
});

describe('a root as a value', () => {
  const mounts: RootMount[] = [
    { kind: 'bind', source: '/usr', target: '/usr', recursive: true },
    { kind: 'proc', target: '/proc' },
    { kind: 'tmpfs', target: '/dev/shm', mode: '1777' },
    { kind: 'bind', source: '/b', target: '/mnt/two words\\x', writable: true },
  ];

  it('as fstab', () => {
    expect(renderFstab('/r', mounts)).toBe(
      '/usr /r/usr none rbind,ro 0 0\nproc /r/proc proc defaults 0 0\ntmpfs /r/dev/shm tmpfs mode=1777 0 0\n/b /r/mnt/two\\040words\\134x none bind 0 0\n',
    );
  });

  it('as arguments of bubblewrap and proot', () => {
    expect(renderBubblewrap('/r', mounts)).toEqual([
      '--ro-bind',
      '/r',
      '/',
      '--ro-bind',
      '/usr',
      '/usr',
      '--proc',
      '/proc',
      '--perms',
      '1777',
      '--tmpfs',
      '/dev/shm',
      '--dev-bind',
      '/b',
      '/mnt/two words\\x',
    ]);
    expect(renderProot('/r', mounts)).toEqual(['-r', '/r', '-b', '/usr:/usr', '-b', '/proc', '-b', '/b:/mnt/two words\\x']);
  });
});

describe('command lines', () => {
  const root = { folder: '/r', fstab: '/r.fstab', plan: { folders: [], links: [], copies: [], emptyFiles: [], mounts: [] } };
  const programs = { unshare: '/usr/bin/unshare', mount: '/usr/bin/mount', sh: '/bin/sh', strace: '/usr/bin/strace' };
  const request = { argv: ['/opt/app/demo', ''] as [string, ...string[]], env: {} };

  it('root: the program runs as a stranger, the owner only when asked', () => {
    const argv = namespaceArgv({ tier: 'root-namespace', programs, root, network: false }, request);
    expect(argv.slice(-6)).toEqual(['--root=/r', '--wd=/', '--setgid=12345', '--setuid=12345', '/opt/app/demo', '']);
    expect(argv).toContain('--net');
    expect(namespaceArgv({ tier: 'root-namespace', programs, root, network: true }, { ...request, identity: 'owner' }).join(' ')).not.toMatch(
      /setuid|--net/,
    );
  });

  it('an ordinary user: a user namespace; strace stands in front', () => {
    const argv = namespaceArgv({ tier: 'user-namespace', programs, root, network: true }, { ...request, traceTo: '/t/app' });
    expect(argv[0]).toBe('/usr/bin/strace');
    expect(argv).toEqual(expect.arrayContaining(['--user', '--map-root-user']));
  });

  it('bubblewrap and proot', () => {
    const options = { program: '/usr/bin/x', sh: '/bin/sh', root, network: false };
    expect(wrappedArgv({ tier: 'bubblewrap', ...options }, { ...request, cwd: '/opt' }).slice(-5)).toEqual([
      '--chdir',
      '/opt',
      '--',
      '/opt/app/demo',
      '',
    ]);
    expect(wrappedArgv({ tier: 'proot', ...options }, request).slice(-4)).toEqual(['-w', '/', '/opt/app/demo', '']);
  });
});

it('finds the Pythons of the machine and their prefixes', async () => {
  const pythons = await findHostPythons(process.env);
  expect(pythons.some(({ kind }) => kind === 'program')).toBe(true);
  expect(
    prefixesOf([
      { path: '/a/b/bin/python3.11', kind: 'program' },
      { path: '/usr/lib/python3', kind: 'library' },
    ]),
  ).toEqual(['/a/b']);
});

it('a home that does not exist is no place', async () => {
  expect(await hiddenPlaces({ asked: [], home: '/nonexistent', pythons: [] })).toEqual([]);
});

it('hides what is asked for, never what a machine is made of', async () => {
  const pythons = [{ path: '/usr/bin/python3.11', kind: 'program' as const }];
  const places = await hiddenPlaces({ asked: ['/opt/x/', '/usr'], workspaceRoot: '/srv/ws', home: '/var/lib', pythons });
  expect(places.map(({ path, why }) => `${path} ${why}`)).toEqual([
    '/opt/x asked for',
    '/srv/ws workspace',
    '/var/lib home',
    '/usr/bin/python3.11 python',
  ]);
});

describe('a real sandbox', () => {
  const folder = temporaryFolder();
  let opened: Sandboxes | undefined;
  afterEach(() => opened?.close());

  async function open(rest: Partial<Parameters<typeof openSandboxes>[0]> = {}): Promise<Sandboxes> {
    chmodSync(folder.path, 0o755);
    const secret = join(folder.path, 'secret');
    for (const name of ['bundle', 'work', 'secret']) mkdirSync(join(folder.path, name), { recursive: true });
    writeFileSync(join(folder.path, 'bundle/run'), '#!/bin/sh\nid -u; pwd; cat "$1"; echo "$X"; touch "${0%/*}/new" && echo written\n', {
      mode: 0o755,
    });
    writeFileSync(join(secret, 'canary'), 'sings');
    const hidden = [...(await hiddenPlaces({ asked: [secret], pythons: await findHostPythons(process.env) }))];
    opened = await openSandboxes({
      isolation: 'strongest',
      platform: process.arch === 'arm64' ? 'linux-aarch64' : 'linux-x86_64',
      bundleRoot: join(folder.path, 'bundle'),
      places: [
        { id: 'app', path: '/opt/my app' },
        { id: 'writable', path: '/opt/w', writable: true },
      ],
      hidden,
      assetsFolder: INSIDE,
      workFolder: join(folder.path, 'work'),
      extras: {},
      processes: createProcesses(),
      environment: process.env,
      isRoot,
      ...rest,
    });
    return opened;
  }

  it('hides every canary, which is readable outside', async () => {
    const { hiding, host } = await open();
    expect(host.tier).toMatch(/namespace|bubblewrap|proot/);
    expect(hiding.works).toBe(true);
    expect(hiding.canaries).toBeGreaterThan(1);
    expect(hiding.reached).toEqual([]);
    expect(readFileSync(join(folder.path, 'secret/canary'), 'utf8')).toBe('sings');
  });

  it('a place that is not hidden is reached: the proof of hiding can fail', async () => {
    const { host } = await open();
    const hiding = await proveHidden(host, [{ path: '/etc/passwd', kind: 'file', why: 'asked for' }], { sh: '/bin/sh' });
    expect(hiding.reached.map(({ file }) => file)).toEqual(['/etc/passwd']);
  });

  it('runs the program at its place, with its environment alone, as a stranger, read-only', async () => {
    const { host } = await open();
    const run = await host.run({ argv: ['/opt/my app/run', '/proc/1/comm'], env: { X: 'x y', PATH: '/usr/bin:/bin' }, cwd: '/opt' });
    expect(run.stdout.split('\n')).toEqual([isRoot ? '12345' : '0', '/opt', expect.any(String), 'x y', '']);
    expect(run.exitCode).not.toBe(0);
  });

  it('an owner may write where the place is writable', async () => {
    const { host } = await open();
    expect((await host.run({ argv: ['/opt/w/run', '/dev/null'], env: { PATH: '/usr/bin:/bin' }, identity: 'owner' })).stdout).toContain('written');
  });

  it('tells death by signal, umask and closed streams', async () => {
    const { host } = await open();
    writeFileSync(join(folder.path, 'bundle/die'), '#!/bin/sh\nkill -9 $$\n', { mode: 0o755 });
    expect(await host.run({ argv: ['/opt/my app/die'], env: {} })).toMatchObject({ diedOf: 'SIGKILL' });
    writeFileSync(join(folder.path, 'bundle/state'), '#!/bin/sh\numask\n[ -e /proc/self/fd/0 ] && echo open\nexit 0\n', { mode: 0o755 });
    expect((await host.run({ argv: ['/opt/my app/state'], env: {}, umask: '077', closed: ['stdin'] })).stdout).toBe('0077\n');
  });

  it('a bare root has a C library and nothing else', async () => {
    const { openBare } = await open();
    const bare = await openBare();
    if (typeof bare === 'string') throw new Error(bare);
    expect(await bare.run({ argv: ['/opt/my app/run', 'x'], env: {} })).toMatchObject({ exitCode: 127 });
    const listed = await bare.run({ argv: ['/lib64/ld-linux-x86-64.so.2', '--version'], env: {} });
    expect(process.arch === 'x64' ? listed.stdout : 'ld.so').toMatch(/ld\.so/);
    const shelled = await openBare({ withShell: true });
    if (typeof shelled === 'string') throw new Error(shelled);
    expect((await shelled.run({ argv: ['/bin/sh', '-c', 'echo $0'], env: {} })).stdout).toBe('/bin/sh\n');
  });

  it('an ordinary user gets a user namespace, and why not more', async () => {
    const { host, refused } = await open({ isRoot: false });
    expect(refused[0]).toEqual({ tier: 'root-namespace', reason: 'not root' });
    expect(host.uid).toBe('0 in a user namespace');
  });

  it('no tool, no tier', async () => {
    await expect(
      open({
        isolation: 'namespace',
        processes: {
          run: () =>
            Promise.resolve({ exitCode: 1, signal: null, timedOut: false, stdout: '', stderr: 'unshare: Operation not permitted', durationMs: 1 }),
        },
      }),
    ).rejects.toThrow(NoTier);
  });

  it('renames what is asked for aside, and back', async () => {
    const { host } = await open({ isolation: 'rename', hidden: [{ path: join(folder.path, 'secret'), kind: 'folder', why: 'asked for' }] });
    const place = await host.place('app');
    expect((await host.run({ argv: [`${place}/run`, join(folder.path, 'secret/canary')], env: { PATH: '/usr/bin:/bin' } })).stderr).toContain(
      'No such file',
    );
    await host.close();
    expect(readFileSync(join(folder.path, 'secret/canary'), 'utf8')).toBe('sings');
  });

  describe('what is renamed', () => {
    const place = (name: string): HiddenPlace => ({ path: join(folder.path, name), kind: 'folder', why: 'asked for' });

    it('is taken back when a killed run left it aside, and nobody loses anything', async () => {
      mkdirSync(join(folder.path, `left${ASIDE}`));
      const restore = await renameAside([place('left')]);
      if (typeof restore === 'string') throw new Error(restore);
      expect(existsSync(join(folder.path, 'left'))).toBe(false);
      await restore();
      expect(existsSync(join(folder.path, 'left'))).toBe(true);
    });

    it('is no tier when it cannot be renamed, and what was renamed before is back', async () => {
      for (const name of ['one', 'two', `two${ASIDE}`]) mkdirSync(join(folder.path, name), { recursive: true });
      expect(await renameAside([place('one'), place('gone'), place('two')])).toContain(`two${ASIDE}`);
      expect(existsSync(join(folder.path, 'one'))).toBe(true);
      await expect(open({ isolation: 'rename', hidden: [place('two')] })).rejects.toMatchObject({ refused: [{ tier: 'rename' }] });
    });

    it('that can be read all the same is an error, and a place without files a remark', () => {
      const canary = { place: place('one'), file: join(folder.path, 'one/file') };
      const hiding = { works: true, canaries: 1, reached: [canary], empty: [place('two')] };
      expect(judgeIsolation('rename', 'rename', hiding, []).map(({ level }) => level)).toEqual(['error', 'info']);
      const prefix = { ...hiding, reached: [{ ...canary, place: { ...canary.place, why: 'prefix' as const } }] };
      expect(judgeIsolation('rename', 'rename', prefix, []).map(({ level }) => level)).toEqual(['warning', 'info']);
      expect(judgeIsolation('root-namespace', 'namespace', prefix, []).map(({ level }) => level)).toEqual(['error', 'info']);
      expect(judgeIsolation('copy', 'copy', hiding, []).map(({ level }) => level)).toEqual(['info']);
    });
  });
});

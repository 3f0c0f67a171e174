import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageDistOptions } from '../options';
import { launcherConfig, type PlaceLauncherRequest } from './place-launcher';

const PREPARED = { home: 'python/runtime', python: 'python/runtime/bin/python3.11', sitePackages: 'python/runtime/lib/python3.11/site-packages' };

describe('launcherConfig', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'waybill-launcher-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const config = (plan: object, facts: object, more: Partial<PlaceLauncherRequest> & { launcherEnv?: Record<string, string> } = {}) =>
    launcherConfig({
      context: { options: packageDistOptions.parse({ entry: { module: 'x' }, launcherEnv: more.launcherEnv ?? {} }), name: 'chat' },
      plan: { launcher: 'chat', ...plan, facts: { platform: 'linux-x86_64', ...facts } },
      root,
      prepared: PREPARED,
      carried: [],
      ...more,
    } as unknown as PlaceLauncherRequest);

  it('becomes a native program', () => {
    expect(config({ kind: 'embedded-app', program: 'bin/chat-bin' }, {}, { glibc: '2.35' })).toEqual({
      behaviour: 'become',
      appName: 'chat',
      program: 'bin/chat-bin',
      pythonHome: 'python/runtime',
      python: PREPARED.python,
      arguments: [],
      platform: 'linux-x86_64',
      glibc: '2.35',
      carries: [],
    });
  });

  it.each([
    [{ module: 'studio' }, ['-I', '-X', 'utf8', '-m', 'studio']],
    [{ script: 'python/app/main.py' }, ['-I', '-X', 'utf8', '{bundle}/python/app/main.py']],
  ])('supervises %j', (entry, expected) => {
    expect(config({ kind: 'python-app' }, { entry })).toMatchObject({ behaviour: 'supervise', program: PREPARED.python, arguments: expected });
  });

  it('tells of carried parts with paths of their own, of certificates and variables', () => {
    mkdirSync(join(root, 'python/vendor/certifi'), { recursive: true });
    writeFileSync(join(root, 'python/vendor/certifi/cacert.pem'), '');
    const carried = [
      { name: 'openssl', path: 'lib/libssl.so.3' },
      { name: 'ncurses', path: 'lib/libtinfo.so.6' },
    ] as unknown as PlaceLauncherRequest['carried'];
    expect(config({ kind: 'embedded-app', program: 'bin/chat-bin' }, {}, { carried, launcherEnv: { MODE: 'x' } })).toMatchObject({
      carries: ['openssl', 'ncurses'],
      certificates: 'python/vendor/certifi/cacert.pem',
      environment: { MODE: 'x' },
    });
  });

  it('names no glibc on musl', () => {
    expect(config({ kind: 'python-app' }, { platform: 'linux-x86_64-musl', entry: { module: 'x' } }, { glibc: '2.35' })).not.toHaveProperty('glibc');
  });
});

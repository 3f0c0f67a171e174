import type { StageContext } from '@waybill/plugin-kit';
import { packageDistOptions, type PackageDistOptions } from './options';
import type { BinaryFacts, IncludedItem, PackageFacts } from './package-facts';
import { planPackage } from './plan';

const RUNTIME = { from: 'machine', facts: { source: 'interpreter 3.11.7', series: '3.11', abiFlags: '' } } as unknown as PackageFacts['runtime'];
const BINARY: BinaryFacts = {
  path: 'apps/chat/target/release/chat',
  file: '/w/apps/chat/target/release/chat',
  size: 412_345,
  architecture: 'x86_64',
  libpython: 'libpython3.11.so.1.0',
  needed: [],
};

const context = (options: Partial<Record<keyof PackageDistOptions, unknown>> = {}, name = 'chat') =>
  ({
    options: packageDistOptions.parse({ ...(options['binary'] ? {} : { entry: { module: 'chat' } }), ...options }),
    name,
    version: '1.0.0',
    projectRoot: 'apps/chat',
    targetName: 'package-linux',
  }) as unknown as StageContext<PackageDistOptions>;

const facts = (more: Partial<PackageFacts> = {}): PackageFacts => ({
  platform: 'linux-x86_64',
  runtime: RUNTIME,
  wheels: [],
  included: [],
  leftOut: [],
  entry: { module: 'chat' },
  ...more,
});
const item = (to: string): IncludedItem => ({ from: `/w/${to}`, to, kind: 'file', mode: 0o644, size: 1500, because: 'apps/chat/assets' });
const wheel = { name: 'greetings-1.0-py3-none-any.whl', project: 'greetings', target: 'build-wheel', sha256: 'ab' } as PackageFacts['wheels'][number];

describe('planPackage', () => {
  it('is a text that can be read, for a Python program', () => {
    const requirement = { name: 'a', version: '1', extras: [], hashes: [], file: 'apps/chat/requirements.lock', line: 1 };
    const plan = planPackage(
      context({ glibc: '2.28', sizeLimit: '60MB', formats: ['tar.gz', 'zip'], folder: true }),
      facts({
        lock: { files: ['apps/chat/requirements.lock'], requirements: [requirement, { ...requirement, version: '2' }], indexOptions: [] },
        wheels: [wheel],
        included: [item('python/app/assets/a.txt'), item('python/app/assets/b.txt')],
      }),
    );
    expect(plan.lines).toEqual([
      'python-app chat 1.0.0 for linux-x86_64',
      'entry     python -m chat',
      'runtime   interpreter 3.11.7; prune safe, strip, pyc unchecked-hash',
      'wheels    1 from apps/chat/requirements.lock',
      'wheels    greetings-1.0-py3-none-any.whl of greetings:build-wheel',
      'files     2 files, 3.00 kB, of apps/chat/assets',
      'launcher  native: chat',
      'glibc     at most 2.28',
      'size      at most 60.0 MB unpacked',
      'folder    dist/apps/chat/package-linux/chat-1.0.0-linux-x86_64',
      'symbols   dist/apps/chat/package-linux/chat-1.0.0-linux-x86_64-symbols.tar.gz',
      'archive   dist/apps/chat/package-linux/chat-1.0.0-linux-x86_64.tar.gz',
      'archive   dist/apps/chat/package-linux/chat-1.0.0-linux-x86_64.zip',
    ]);
  });

  it('is a text that can be read, for a program that embeds Python', () => {
    const { entry: _entry, ...rest } = facts({ binary: BINARY });
    const plan = planPackage(context({ binary: BINARY.path, launcher: 'shell', strip: false }), rest);
    expect(plan.lines).toEqual([
      'embedded-app chat 1.0.0 for linux-x86_64',
      'program   apps/chat/target/release/chat → bin/chat-bin (412 kB, needs libpython3.11.so.1.0)',
      'runtime   interpreter 3.11.7; prune safe, no strip, pyc unchecked-hash',
      'wheels    none',
      'launcher  shell: chat',
      'archive   dist/apps/chat/package-linux/chat-1.0.0-linux-x86_64.tar.gz',
    ]);
    expect(plan).toMatchObject({ kind: 'embedded-app', launcher: 'chat', program: 'bin/chat-bin' });
  });

  it('names the target that prepared the runtime', () => {
    const runtime = {
      from: 'target',
      artifact: { name: 'python-3.11.7-linux-x86_64.tar', project: 'python', target: 'prepare-runtime' },
    } as unknown as PackageFacts['runtime'];
    expect(planPackage(context(), facts({ runtime })).lines).toContain(
      'runtime   python-3.11.7-linux-x86_64.tar, prepared by python:prepare-runtime',
    );
  });

  it('says which artifacts ship', () => {
    const plan = planPackage(context({ folder: true }), facts());
    expect(plan.artifacts.map(({ name, kind, ships, platform }) => [name, kind, ships, platform])).toEqual([
      ['chat-1.0.0-linux-x86_64', 'bundle-folder', false, 'linux-x86_64'],
      ['chat-1.0.0-linux-x86_64-symbols.tar.gz', 'symbols', false, 'linux-x86_64'],
      ['chat-1.0.0-linux-x86_64.tar.gz', 'bundle-archive', true, 'linux-x86_64'],
    ]);
  });

  it('fills the name template, and asks for no launcher when there is none', () => {
    const plan = planPackage(context({ nameTemplate: '{name}_{version}_{arch}', launcher: 'none' }), facts({ platform: 'linux-aarch64-musl' }));
    expect(plan.baseName).toBe('chat_1.0.0_aarch64-musl');
    expect(plan.launcher).toBeUndefined();
  });

  it.each<[string, string, () => unknown]>([
    ['OPTION_NAME_RESERVED', 'a launcher called as a folder', () => planPackage(context({}, 'python'), facts())],
    ['OPTION_NAME', 'a template that gives no file name', () => planPackage(context({ nameTemplate: '{name}/{version}' }), facts())],
    ['OPTION_NAME_TEMPLATE', 'an unknown word in the template', () => planPackage(context({ nameTemplate: '{name}-{date}' }), facts())],
    ['OPTION_LAUNCHER_ENV', 'a variable that is the launcher’s', () => planPackage(context({ launcherEnv: { PYTHONHOME: '/x' } }), facts())],
    ['OPTION_LAUNCHER_ENV', 'a variable of the loader', () => planPackage(context({ launcherEnv: { LD_PRELOAD: 'x' } }), facts())],
    ['BUNDLE_INCLUDE_CONFLICT', 'a file in the place of the launcher', () => planPackage(context(), facts({ included: [item('chat')] }))],
    ['BUNDLE_INCLUDE_CONFLICT', 'a file in the runtime', () => planPackage(context(), facts({ included: [item('python/runtime/bin/x')] }))],
    [
      'BUNDLE_INCLUDE_CONFLICT',
      'a file in the place of the manifest',
      () => planPackage(context(), facts({ included: [item('share/waybill/manifest.json')] })),
    ],
  ])('%s: refuses %s', (code, _what, work) => {
    expect(work).toThrow(expect.objectContaining({ code }));
  });

  it('takes a name of a folder when there is no launcher', () => {
    expect(planPackage(context({ launcher: 'none' }, 'python'), facts()).baseName).toBe('python-1.0.0-linux-x86_64');
  });
});

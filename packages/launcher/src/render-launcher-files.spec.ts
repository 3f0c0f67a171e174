import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { LauncherConfig } from './launcher-config';
import { renderHookFiles } from './hook/render-hook-files';
import { renderLauncherFiles } from './render-launcher-files';

const APP: LauncherConfig = {
  behaviour: 'supervise',
  appName: 'studio',
  program: 'python/runtime/bin/python3.11',
  pythonHome: 'python/runtime',
  python: 'python/runtime/bin/python3.11',
  arguments: ['-I', '-X', 'utf8', '-m', 'studio'],
  platform: 'linux-x86_64',
  glibc: '2.28',
  environment: { Z_LAST: 'a\nb\\c', A_FIRST: `{bundle}/it's` },
  carries: ['openssl', 'ncurses', 'openssl'],
  certificates: 'python/vendor/certifi/cacert.pem',
};
const EMBEDDED: LauncherConfig = { ...APP, behaviour: 'become', appName: 'pychat', program: 'bin/pychat-bin', arguments: [] };

const contentOf = (config: LauncherConfig, kind: 'native' | 'shell', path: string) =>
  renderLauncherFiles(config, kind).find((file) => file.path === path)!.content as string;

describe('native', () => {
  it('is the launcher of the platform and its configuration', () => {
    expect(renderLauncherFiles(APP, 'native').map(({ path, mode, content }) => [path, mode, typeof content])).toEqual([
      ['studio', 0o755, 'object'],
      ['share/waybill/launcher.conf', 0o644, 'string'],
    ]);
    expect(renderLauncherFiles(APP, 'native')[0]!.content).toEqual({ asset: 'linux-x86_64' });
  });

  it('is an .exe on Windows', () => {
    expect(renderLauncherFiles({ ...APP, platform: 'windows-x86_64' }, 'native')[0]!.path).toBe('studio.exe');
  });

  it('has a configuration of sorted, escaped lines', () => {
    expect(contentOf(APP, 'native', 'share/waybill/launcher.conf')).toBe(
      [
        'waybill-launcher 1',
        'behaviour supervise',
        'name studio',
        'program python/runtime/bin/python3.11',
        'home python/runtime',
        'python python/runtime/bin/python3.11',
        'argument -I',
        'argument -X',
        'argument utf8',
        'argument -m',
        'argument studio',
        "default A_FIRST={bundle}/it's",
        'default Z_LAST=a\\nb\\\\c',
        'carries ncurses',
        'carries openssl',
        'certificates python/vendor/certifi/cacert.pem',
        'glibc 2.28',
        'end',
        '',
      ].join('\n'),
    );
  });
});

describe('shell', () => {
  it('is one script, and the supervisor where there is something to supervise', () => {
    expect(renderLauncherFiles(EMBEDDED, 'shell').map(({ path }) => path)).toEqual(['pychat']);
    expect(renderLauncherFiles(APP, 'shell').map(({ path }) => path)).toEqual(['studio', 'share/waybill/supervise.py']);
  });

  it.each([
    ['embedded-app', EMBEDDED],
    ['python-app', APP],
    ['hostile text', { ...EMBEDDED, arguments: [`'"$(id)\n\`id\``, '', '{bundle}{bundle}'], environment: { X: `'; id; '` } }],
  ])('passes `dash -n` (%s)', (_what, config) => {
    const check = spawnSync('dash', ['-n'], { input: contentOf(config, 'shell', config.appName), encoding: 'utf8' });
    expect([check.status, check.stderr]).toEqual([0, '']);
  });

  it('calls no program but readlink and those of the bundle', () => {
    const words = /(?:^|[;&|(]\s*|\b(?:then|do|else)\s+)([a-z_][a-z0-9_-]*)(?=\s|$|;)/gm;
    const script = contentOf(APP, 'shell', 'studio')
      .replace(/^\s*#.*$/gm, '')
      .replace(/\$\(\(.*?\)\)/g, 'x')
      .replace(/'[^']*'|"[^"]*"/g, 'x');
    const functions = [...script.matchAll(/^(\w+)\(\)/gm)].map((match) => match[1]);
    const builtins = 'case cd echo else esac eval exec exit export fi for if pwd read return set shift then unset while do done break x'.split(' ');
    const called = [...script.matchAll(words)].map((match) => match[1]!);
    expect(
      [...new Set(called)].filter((word) => !functions.includes(word) && !builtins.includes(word) && word !== 'readlink' && word !== 'command'),
    ).toEqual([]);
  });
});

it('the shell launcher changes no variable that a user may have exported', () => {
  const script = contentOf(APP, 'shell', 'studio').replace(/^\s*#.*$/gm, '');
  const assigned = [...script.matchAll(/(?:^|[\s;"])([a-zA-Z_]\w*)=|\bfor (\w+) in/g)].map((match) => match[1] ?? match[2]!);
  expect(assigned).toContain('waybill_bundle');
  expect(assigned.filter((name) => /[a-z]/.test(name) && !name.startsWith('waybill_'))).toEqual([]);
});

it.each([100, 16])('the supervisor starts its program where only %d descriptors may be open', (most) => {
  const script = join(__dirname, 'shell', 'supervise.py');
  const limited = ['-c', 'ulimit -n "$1" && shift && exec "$@"', 'sh', `${most}`, 'python3', '-I', '-S', script, 'app', '/bin/echo', 'started'];
  const { status, stdout } = spawnSync('sh', limited, { encoding: 'utf8' });
  expect([status, stdout]).toEqual([0, 'started\n']);
});

describe('BUNDLE_LAUNCHER_CONFIG', () => {
  it.each<[string, Partial<LauncherConfig>, string]>([
    ['a name with a slash', { appName: 'a/b' }, 'appName'],
    ['a name with a line feed', { appName: 'a\nb' }, 'appName'],
    ['no name', { appName: '' }, 'appName'],
    ['an absolute program', { program: '/bin/sh' }, 'program'],
    ['a program upwards', { program: 'bin/../../sh' }, 'program'],
    ['a home with a backslash', { pythonHome: 'python\\runtime' }, 'pythonHome'],
    ['an empty python', { python: '' }, 'python'],
    ['certificates outside', { certificates: '../cacert.pem' }, 'certificates'],
    ['an argument with a zero', { arguments: ['a\0b'] }, 'arguments'],
    ['a variable that is none', { environment: { 'A=B': 'x' } }, 'environment'],
    ['a value with a zero', { environment: { A: '\0' } }, 'environment'],
    ['a glibc that is none', { glibc: 'glibc2.28' }, 'glibc'],
  ])('refuses %s', (_what, change, key) => {
    for (const kind of ['native', 'shell'] as const) {
      expect(() => renderLauncherFiles({ ...APP, ...change }, kind)).toThrow(
        expect.objectContaining({ code: 'BUNDLE_LAUNCHER_CONFIG', message: `\`${key}\` of the launcher is not valid` }),
      );
    }
  });
});

it.each<[string, Partial<LauncherConfig>, string]>([
  ['257 arguments', { arguments: Array.from({ length: 257 }, () => 'a') }, 'arguments'],
  ['257 variables', { environment: Object.fromEntries(Array.from({ length: 257 }, (_, index) => [`A${index}`, 'x'])) }, 'environment'],
  ['a value of 64 KiB', { environment: { A: 'x'.repeat(65_536) } }, 'environment'],
  ['arguments of 64 KiB', { arguments: ['x'.repeat(40_000), 'y'.repeat(40_000)] }, 'arguments'],
])('BUNDLE_LAUNCHER_CONFIG: the native launcher does not read %s, the shell takes it', (_what, change, key) => {
  expect(() => renderLauncherFiles({ ...APP, ...change }, 'native')).toThrow(
    expect.objectContaining({ code: 'BUNDLE_LAUNCHER_CONFIG', message: `\`${key}\` of the launcher is not valid` }),
  );
  expect(renderLauncherFiles({ ...APP, ...change }, 'shell')).toHaveLength(2);
});

it('the start hook goes into the runtime’s site-packages', () => {
  const files = renderHookFiles('python/runtime/lib/python3.11/site-packages');
  expect(files.map(({ path, mode }) => [path, mode])).toEqual([
    ['python/runtime/lib/python3.11/site-packages/_waybill.pth', 0o644],
    ['python/runtime/lib/python3.11/site-packages/_waybill_site.py', 0o644],
  ]);
  expect(files[0]!.content).toBe('import _waybill_site\n');
});

import { judgeBareRun, judgeRun } from './judge-answer';
import { lackedOfHost, ownLibrariesOfHost } from './host-libraries';
import { judgeOpened } from './probe-identity';
import { probeImports } from './probe-imports';
import type { AppRun, ProbeContext } from './probe';
import { appRun } from '../testing/app-run';

const context = {
  request: { expect: {}, commandIsDefault: true, platform: 'linux-x86_64' },
  layout: { sitePackages: [], pythonHome: 'py', pythonSeries: '3.11' },
  manifest: { runtime: { version: '3.11.7' }, pruned: [], fromHost: ['libGL.so.1', 'libstdc++.so.6'] },
  items: [],
} as unknown as ProbeContext;
const GL = 'ImportError: libGL.so.1: cannot open shared object file: No such file or directory';
const run = (rest: Partial<AppRun>): AppRun => appRun({ exitCode: 1, ...rest });

it.each([
  [GL, 'libGL.so.1'],
  [`Traceback (most recent call last):\n  x\n${GL}\n`, 'libGL.so.1'],
  [
    '/opt/app/bin/x: error while loading shared libraries: libstdc++.so.6: cannot open shared object file: No such file or directory',
    'libstdc++.so.6',
  ],
  // Not named by the manifest, another version, asked for by its path, another fault, and one that was lived with.
  [GL.replace('libGL', 'libssl'), undefined],
  [GL.replace('.so.1', '.so.2'), undefined],
  [GL.replace('libGL', '/usr/lib/libGL'), undefined],
  ['ImportError: /lib/libGL.so.1: undefined symbol: glFoo', undefined],
  [`${GL}\nKeyError: 'x'`, undefined],
  ['', undefined],
])('of %j the host lacks %s', (text, soname) => {
  expect(lackedOfHost(text, context)).toBe(soname);
});

describe('a run that lacks a library which the manifest takes from the host', () => {
  const levels = (rest: Partial<AppRun>): string[] => judgeBareRun('bare-root', run(rest), context, 'x').map(({ level }) => level);

  it.each<[string, Partial<AppRun>, string[]]>([
    ['told by name', { stderr: GL }, ['warning']],
    ['another library', { stderr: GL.replace('libGL', 'libssl') }, ['error']],
    ['a crash', { stderr: GL, diedOf: 'SIGSEGV' }, ['error']],
    ['no end', { stderr: GL, timedOut: true }, ['error']],
    ['a good end', { stderr: GL, exitCode: 0, stdout: '{}' }, []],
  ])('on a bare root: %s', (_, rest, expected) => {
    expect(levels(rest)).toEqual(expected);
  });

  it('is red where the machine is there, and the fix names what to install', () => {
    const [finding] = judgeRun('moved-copy', run({ stderr: GL }), context, 'x');
    expect(finding).toMatchObject({ level: 'error', fix: expect.stringContaining('install the package that holds `libGL.so.1`') as string });
  });
});

describe('modules that lack a library of the host', () => {
  const judge = async (profile: 'bare' | 'host', errors: Record<string, string>): Promise<string[]> => {
    const extensions = Object.entries(errors).map(([module, error]) => ({ module, error }));
    const driver = { place: '/opt/app', profile, extensions, declared: [{ module: 'window', error: GL }], services: [], complete: true };
    const { findings } = await probeImports.run({ ...context, driver: () => Promise.resolve(driver) } as unknown as ProbeContext);
    return findings.map(({ level, message }) => `${level} ${message}`);
  };

  it('are told on a bare root, all in one', async () => {
    expect(await judge('bare', { a: GL, b: GL, c: GL })).toEqual([
      'warning `a`, `b`, `c` and 1 more could not be imported: `libGL.so.1` is to come from the host, as the manifest says, and is not there',
    ]);
  });

  it('are red where it is another library, or another fault', async () => {
    const found = await judge('bare', { a: GL.replace('libGL', 'libz'), b: 'ImportError: /x/libGL.so.1: undefined symbol: f' });
    expect(found.filter((line) => line.startsWith('error'))).toHaveLength(2);
  });

  it('are red where the machine is there', async () => {
    expect((await judge('host', { a: GL })).map((line) => line.split(' ')[0])).toEqual(['error', 'error']);
  });
});

describe('libraries of the machine that run in the process', () => {
  const entries = [
    { path: 'python/vendor/gui.so', elf: { needed: ['libGL.so.1', 'libz.so.1', 'libpng16.so.16'] } },
    { path: 'lib/libz.so.1', elf: { needed: [], soname: 'libz.so.1' } },
  ] as unknown as Parameters<typeof ownLibrariesOfHost>[2] extends Iterable<infer T> ? T[] : never;
  const opened = ['/lib/libGL.so.1', '/lib/dri/swrast_dri.so', '/lib/libLLVM-15.so.1', '/lib/libz.so.1', '/lib/libpng16.so.16'];

  it('are the host’s part where the manifest names them, or one of them drew them in; never what the bundle holds or needs beside', () => {
    const isOfHost = ownLibrariesOfHost(opened, context, entries);
    expect(opened.filter(isOfHost)).toEqual(opened.slice(0, 3));
  });

  it.each([
    ['nothing of the manifest was loaded', opened.slice(1), context],
    ['the manifest names nothing', opened, {}],
  ])('are foreign where %s', (_, files, of) => {
    const isOfHost = ownLibrariesOfHost(files, of, entries);
    expect(files.filter(isOfHost)).toEqual([]);
  });

  it('are no fault of `identity`, and the others are', () => {
    const map = new Map(entries.map((entry) => [entry.path, entry])) as never;
    const found = judgeOpened({ files: [...opened, '/opt/app/py/lib/os.py'], place: '/opt/app', evidence: 'strace' }, context, map);
    expect(found.map(({ actual }) => actual)).toEqual(['/lib/libz.so.1', '/lib/libpng16.so.16']);
  });
});

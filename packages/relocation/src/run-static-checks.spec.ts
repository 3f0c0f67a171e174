import { runStaticChecks } from './run-static-checks';
import type { RelocationPolicy } from './relocation-policy';
import { debianApp, embeddedApp, frozenApp, pythonApp, standaloneApp } from './testing/good-bundles';

const POLICY: RelocationPolicy = {
  platform: 'linux-x86_64',
  glibc: '2.35',
  leakTokens: [
    { id: 'home', path: '/root' },
    { id: 'workspace', path: '/srv/build/workspace' },
  ],
};

describe('good bundles are green', () => {
  it.each([
    ['an embedded app of ours', embeddedApp],
    ['a Python app of ours', pythonApp],
    ['python-build-standalone', standaloneApp],
    ['Debian’s runtime', debianApp],
    ['PyInstaller onedir', frozenApp],
  ])('%s', (_name, build) => {
    const results = runStaticChecks(build(), POLICY);
    expect(results.map(({ check, status }) => `${check} ${status}`)).toEqual([
      'binary-format passed',
      'needed-libraries passed',
      'rpath passed',
      'loader passed',
      'glibc-floor passed',
      'elf-hygiene passed',
      'build-paths passed',
      'tree-entries passed',
      'shebangs passed',
      'python-metadata passed',
      'bytecode passed',
    ]);
    expect(results.flatMap(({ findings }) => findings.filter(({ level }) => level === 'error'))).toEqual([]);
    expect(JSON.parse(JSON.stringify(results))).toEqual(results);
  });

  it('layouts are found', () => {
    expect(embeddedApp().layout).toEqual({
      launcher: 'pychat',
      program: 'bin/pychat-bin',
      pythonHome: 'python/runtime',
      python: 'python/runtime/bin/python3.11',
      libpython: 'python/runtime/lib/libpython3.11.so.1.0',
      pythonSeries: '3.11',
      pythonVersion: '3.11.7',
      sitePackages: ['python/runtime/lib/python3.11/site-packages', 'python/vendor'],
    });
    expect(frozenApp().layout).toEqual({
      launcher: 'server',
      libpython: '_internal/libpython3.11.so.1.0',
      pythonSeries: '3.11',
      sitePackages: ['_internal'],
      frozen: true,
      launcherLibraryFolders: ['_internal'],
    });
  });
});

describe('runStaticChecks', () => {
  it('leaves the checks that read ELF files out on other systems', () => {
    const results = runStaticChecks({ ...pythonApp(), platform: 'macos-aarch64' }, { ...POLICY, platform: 'macos-aarch64' });
    expect(results.filter(({ status }) => status === 'skipped').map(({ check }) => check)).toEqual([
      'binary-format',
      'needed-libraries',
      'rpath',
      'loader',
      'glibc-floor',
      'elf-hygiene',
    ]);
    expect(results.filter(({ status, reason }) => status === 'skipped' && !reason)).toEqual([]);
  });

  it('lists every finding of a systematic fault, so that a permit finds its own', () => {
    const good = pythonApp();
    const links = Array.from({ length: 400 }, (_, index) => `python/vendor/links/${String(index).padStart(3, '0')}`);
    const entries = links.map((path) => ({ path, kind: 'symlink' as const, mode: 0o777, size: 0, mtimeMs: 0, linkTarget: '/opt/elsewhere' }));
    const facts = { ...good, entries: [...good.entries, ...entries] };
    const errorsWith = (allow: RelocationPolicy['allow']): number => {
      const result = runStaticChecks(facts, { ...POLICY, ...(allow && { allow }) }).find(({ check }) => check === 'tree-entries');
      return result!.findings.filter(({ level }) => level === 'error').length;
    };
    expect(errorsWith([])).toBe(400);
    expect(errorsWith([{ check: 'tree-entries', path: 'python/vendor/links/399', reason: 'planted' }])).toBe(399);
    expect(errorsWith([{ check: 'tree-entries', path: 'python/vendor/links/*', reason: 'planted' }])).toBe(0);
  });
});

import { elf, factsOf, file, script, symlink } from '../testing/build-facts';
import { LOADER } from '../testing/good-bundles';
import type { BundleEntry, BundleLayout } from '../bundle-facts';

const python = (path: string, needed: readonly string[] = ['libc.so.6']): BundleEntry => elf(path, { interpreter: LOADER, needed });
const layoutOf = (...entries: BundleEntry[]): BundleLayout => factsOf(entries).layout;

describe('detectLayout', () => {
  it('a raw runtime: home at the root, links followed, abi3 shim passed over (T6)', () => {
    expect(
      layoutOf(
        symlink('bin/python3.12', 'python3.12-real'),
        python('bin/python3.12-real', ['libpython3.12.so.1.0']),
        elf('lib/libpython3.12.so.1.0', { soname: 'libpython3.12.so.1.0' }),
        elf('lib/libpython3.so', { soname: 'libpython3.so' }),
        file('lib/python3.12/os.py'),
        file('lib/python3.12/site-packages/README.txt'),
        file('include/python3.12/patchlevel.h', { text: '#define PY_MAJOR_VERSION 3\n#define PY_VERSION      "3.12.1"\n' }),
      ),
    ).toEqual({
      pythonHome: '',
      python: 'bin/python3.12-real',
      libpython: 'lib/libpython3.12.so.1.0',
      pythonSeries: '3.12',
      pythonVersion: '3.12.1',
      sitePackages: ['lib/python3.12/site-packages'],
    });
  });

  it('Debian’s packages unpacked: below usr, no launcher', () => {
    const layout = layoutOf(
      python('usr/bin/python3.11'),
      symlink('usr/bin/python3', 'python3.11'),
      file('usr/lib/python3.11/os.py'),
      file('usr/lib/python3/dist-packages/x.py'),
    );
    expect(layout).toMatchObject({ pythonHome: 'usr', python: 'usr/bin/python3.11', sitePackages: ['usr/lib/python3/dist-packages'] });
    expect(layout.launcher).toBeUndefined();
  });

  it('of two libpythons the one that the program asks for', () => {
    const layout = layoutOf(
      python('app', ['libpython3.11.so.1.0']),
      elf('lib/a/libpython3.10.so.1.0', { soname: 'libpython3.10.so.1.0' }),
      elf('lib/b/libpython3.11.so.1.0', { soname: 'libpython3.11.so.1.0' }),
    );
    expect(layout).toMatchObject({ launcher: 'app', program: 'app', libpython: 'lib/b/libpython3.11.so.1.0', pythonSeries: '3.11' });
  });

  it.each<[string, BundleEntry[], string | undefined]>([
    ['a program before a script without the bit', [file('notes', { mode: 0o755, content: 'text' }), script('run', '#!/bin/sh\n')], 'run'],
    ['a script without #! (T36)', [file('run', { mode: 0o755, content: 'text' })], 'run'],
    [
      'the only one in bin that is not Python’s',
      [python('bin/python3.11'), script('bin/pip3', '#!/bin/sh\n'), script('bin/server', '#!/bin/sh\n')],
      'bin/server',
    ],
    ['none of two in bin', [script('bin/one', '#!/bin/sh\n'), script('bin/two', '#!/bin/sh\n')], undefined],
    ['no text or library at the top', [file('README.md', { mode: 0o755 }), elf('libx.so')], undefined],
  ])('the launcher: %s', (_case, entries, expected) => {
    expect(layoutOf(...entries).launcher).toBe(expected);
  });

  it('believes a manifest about names only as far as there are such files', () => {
    const manifest = (text: string): BundleEntry => file('share/waybill/manifest.json', { text });
    const run = script('run', '#!/bin/sh\n');
    expect(layoutOf(run, script('zz', '#!/bin/sh\n'), manifest('{"layout": {"launcher": "zz"}, "runtime": {"version": "3.11.9"}}'))).toMatchObject({
      launcher: 'zz',
      pythonVersion: '3.11.9',
    });
    expect(layoutOf(run, manifest('{"layout": {"launcher": "gone"}}')).launcher).toBe('run');
    expect(layoutOf(run, manifest('no json')).launcher).toBe('run');
    expect(layoutOf(run, manifest('[1]')).launcher).toBe('run');
  });

  it('packages where a dist-info lies, also at the root', () => {
    expect(layoutOf(file('a-1.dist-info/RECORD'), file('vendor/b-1.dist-info/RECORD')).sitePackages).toEqual(['', 'vendor']);
  });
});

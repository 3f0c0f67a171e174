import { collisionKey, nameFault } from './file-names';
import { isGenericPath, isPlaceholderPrefix } from './generic-paths';
import { COMPILER_RUNTIMES, compareDotted, compilerRuntimesFor, legacyTag, manylinuxTag } from './manylinux-policies';
import { PYC_MAGIC } from './pyc-magic';
import { STANDARD_LOADERS } from './standard-loaders';
import { isSystemLibrary, SYSTEM_LIBRARIES } from './system-libraries';

describe('SYSTEM_LIBRARIES', () => {
  it.each(['libc.so.6', 'libm.so.6', 'libpthread.so.0', 'ld-linux-x86-64.so.2', 'ld-linux-aarch64.so.1', 'libnss_files.so.2', 'libresolv.so.2'])(
    '%s is of the system',
    (name) => {
      expect(isSystemLibrary('linux-x86_64', name)).toBe(true);
    },
  );

  it.each(['libcrypt.so.1', 'libz.so.1', 'libgcc_s.so.1', 'libstdc++.so.6', 'libssl.so.3', 'libc.so.60', 'xlibc.so.6', 'libc.so'])(
    '%s is not',
    (name) => {
      expect(isSystemLibrary('linux-x86_64', name)).toBe(false);
    },
  );

  it('musl has its own', () => {
    expect([isSystemLibrary('linux-aarch64-musl', 'libc.musl-aarch64.so.1'), isSystemLibrary('linux-aarch64-musl', 'libc.so.6')]).toEqual([
      true,
      false,
    ]);
  });

  it('every entry has a reason, every platform a loader', () => {
    expect(
      Object.values(SYSTEM_LIBRARIES)
        .flat()
        .filter(({ reason }) => reason.length < 15),
    ).toEqual([]);
    expect(Object.keys(STANDARD_LOADERS).sort()).toEqual(['aarch64', 'aarch64-musl', 'x86_64', 'x86_64-musl']);
  });
});

describe('generic paths', () => {
  it.each([
    ['/usr', true],
    ['/usr/local/', true],
    ['/', true],
    ['/opt', true],
    ['/opt/python3.11', false],
    ['/root/.pyenv/versions/3.11.7', false],
    ['/home/dev', false],
  ])('%s: %s', (path, expected) => {
    expect(isGenericPath(path)).toBe(expected);
  });

  it('placeholders of portable runtimes', () => {
    expect([isPlaceholderPrefix('/install/lib'), isPlaceholderPrefix('/installed')]).toEqual([true, false]);
  });
});

describe('manylinux', () => {
  it.each([
    ['2.35', 'linux-x86_64', 'manylinux_2_35_x86_64'],
    ['2.17', 'linux-aarch64', 'manylinux_2_17_aarch64'],
    ['2.17', 'linux-x86_64-musl', undefined],
    ['2.17', 'macos-aarch64', undefined],
  ])('%s on %s is %s', (glibc, platform, expected) => {
    expect(manylinuxTag(glibc, platform)).toBe(expected);
  });

  it('old aliases', () => {
    expect([legacyTag('2.17', 'linux-x86_64'), legacyTag('2.28', 'linux-x86_64')]).toEqual(['manylinux2014_x86_64', undefined]);
  });

  it('rows rise, and a glibc between two rows gets the lower', () => {
    const sorted = [...COMPILER_RUNTIMES].sort((a, b) => compareDotted(a.glibc, b.glibc));
    expect(COMPILER_RUNTIMES).toEqual(sorted);
    expect([compilerRuntimesFor('2.30').glibc, compilerRuntimesFor('2.99').glibc, compilerRuntimesFor('2.3').glibc]).toEqual(['2.27', '2.39', '2.5']);
  });
});

describe('file names', () => {
  it.each(['con', 'NUL.txt', 'Com1', 'lpt9.tar.gz', 'a<b', 'a|b', 'trailing ', 'x\u0007'])('%j cannot be a name everywhere', (name) => {
    expect(nameFault(name)).toBeDefined();
  });

  it.each(['config', 'console.py', 'com10', 'auxiliary', '.hidden', 'ä.txt', 'a b'])('%j can', (name) => {
    expect(nameFault(name)).toBeUndefined();
  });

  it.each([
    ['A/b', 'a/B', true],
    ['e\u0301', '\u00e9', true],
    ['straße', 'STRASSE', true],
    ['a', 'b', false],
  ])('%s and %s collide: %s', (one, other, expected) => {
    expect(collisionKey(one) === collisionKey(other)).toBe(expected);
  });
});

describe('PYC_MAGIC', () => {
  it('rises with the series', () => {
    const magics = Object.values(PYC_MAGIC);
    expect(magics).toEqual([...magics].sort((a, b) => a - b));
  });
});

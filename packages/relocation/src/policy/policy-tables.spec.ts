import { isGenericPath, isPlaceholderPrefix } from './generic-paths';
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

describe('PYC_MAGIC', () => {
  it('rises with the series', () => {
    const magics = Object.values(PYC_MAGIC);
    expect(magics).toEqual([...magics].sort((a, b) => a - b));
  });
});

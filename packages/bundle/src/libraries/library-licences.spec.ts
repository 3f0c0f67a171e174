import { isStrongCopyleft, knownLibrary, stemOf } from './library-licences';

it.each([
  ['libssl.so.3', 'libssl'],
  ['libdb-5.3.so', 'libdb-5.3'],
  ['libstdc++.so.6', 'libstdc++'],
])('stem of %s is %s', (soname, stem) => expect(stemOf(soname)).toBe(stem));

it.each([
  ['libssl.so.3', 'openssl', 'Apache-2.0'],
  ['libcrypto.so.1.1', 'openssl', 'OpenSSL'],
  ['libdb-5.3.so', 'berkeley-db', 'Sleepycat'],
  ['libtinfo.so.6', 'ncurses', 'X11'],
  ['libgcc_s.so.1', 'gcc-runtime', 'GPL-3.0-or-later WITH GCC-exception-3.1'],
  ['libicuuc.so.72', 'icu', 'ICU'],
])('knows %s', (soname, name, licence) => expect(knownLibrary(soname)).toMatchObject({ name, licence }));

it('knows nothing of others', () => expect(knownLibrary('libfoo.so.1')).toBeUndefined());

it.each([
  ['MIT', false],
  ['LGPL-2.1-or-later', false],
  ['GPL-3.0-or-later', true],
  ['AGPL-3.0-only', true],
  ['Sleepycat', true],
  ['GPL-3.0-or-later WITH GCC-exception-3.1', false],
  ['BSD-3-Clause OR GPL-2.0-only', false],
  ['MIT AND GPL-2.0-only', true],
  ['(LGPL-3.0-or-later OR GPL-2.0-or-later)', false],
])('%s: strong copyleft %s', (expression, strong) => expect(isStrongCopyleft(expression)).toBe(strong));

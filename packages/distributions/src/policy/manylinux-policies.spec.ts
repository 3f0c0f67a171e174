import { COMPILER_RUNTIMES, compareDotted, compilerRuntimesFor, legacyTag, manylinuxTag } from './manylinux-policies';

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

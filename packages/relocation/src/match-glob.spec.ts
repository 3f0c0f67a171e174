import { matchGlob } from './match-glob';

describe('matchGlob', () => {
  it.each([
    ['lib/*.so', 'lib/a.so', true],
    ['lib/*.so', 'lib/deep/a.so', false],
    ['lib/**', 'lib/deep/a.so', true],
    ['**/*.so', 'a.so', true],
    ['**/*.so', 'lib/deep/a.so', true],
    ['**', '', true],
    ['*', '', true],
    ['lib/?.so', 'lib/a.so', true],
    ['lib/?.so', 'lib/ab.so', false],
    ['lib/{a,b*}.so', 'lib/bcd.so', true],
    ['lib/{a,b}.so', 'lib/c.so', false],
    ['lib/a+b(1).so', 'lib/a+b(1).so', true],
    ['lib/a.so', 'lib/aXso', false],
    ['lib', 'lib/a.so', false],
    ['lib/{open', 'lib/{open', true],
    ['é*', 'éa', true],
  ])('%s on %s: %s', (glob, path, expected) => {
    expect(matchGlob(glob, path)).toBe(expected);
  });
});

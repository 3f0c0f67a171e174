import { expandTokens, splitSearchPath } from './expand-tokens';

describe('expandTokens', () => {
  it.each([
    ['$ORIGIN/../lib', [{ where: 'bundle', path: 'bin/../lib' }]],
    ['${ORIGIN}/../lib', [{ where: 'bundle', path: 'bin/../lib' }]],
    ['$ORIGIN', [{ where: 'bundle', path: 'bin' }]],
    ['$ORIGIN.libs', [{ where: 'bundle', path: 'bin.libs' }]],
    ['/opt/lib', [{ where: 'absolute', path: '/opt/lib' }]],
    ['/opt/$ORIGIN/lib', [{ where: 'absolute', path: '/opt/$ORIGIN/lib' }]],
    ['lib', [{ where: 'working-folder', path: 'lib' }]],
    ['', [{ where: 'working-folder', path: '' }]],
    ['$ORIGINAL', [{ where: 'working-folder', path: '$ORIGINAL' }]],
  ])('%s', (text, expected) => {
    expect(expandTokens(text, 'bin', 'x86_64').alternatives).toEqual(expected);
  });

  it('names every folder that $LIB and $PLATFORM may mean', () => {
    const { alternatives, tokens } = expandTokens('$ORIGIN/${LIB}/$PLATFORM', '', 'aarch64');
    expect(alternatives.map(({ path }) => path)).toEqual(['/lib64/aarch64', '/lib/aarch64-linux-gnu/aarch64', '/lib/aarch64']);
    expect(tokens).toEqual(['ORIGIN', 'LIB', 'PLATFORM']);
  });

  it('names unknown tokens', () => {
    expect(expandTokens('$ORIGIN/$FOO', 'bin', 'x86_64').unknownTokens).toEqual(['FOO']);
  });
});

describe('splitSearchPath', () => {
  it.each([
    ['', 0],
    [':', 2],
    ['$ORIGIN', 1],
    ['$ORIGIN::/x', 3],
  ])('%j has %i elements', (value, count) => {
    expect(splitSearchPath(value, 'bin', 'x86_64')).toHaveLength(count);
  });
});

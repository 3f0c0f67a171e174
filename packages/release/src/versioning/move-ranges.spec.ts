import { moveSemverRange, moveSpecifiers } from './move-ranges';

const place = { path: 'app/pyproject.toml', dependency: 'b' };

describe('moveSpecifiers', () => {
  it.each([
    ['', '1.4.2', ''],
    ['==1.3.0', '1.4.2', '==1.4.2'],
    ['===1.3.0', '1.4.2-rc.1', '===1.4.2rc1'],
    ['== 1.3.*', '1.4.2', '== 1.4.*'],
    ['==1.*', '2.0.0', '==2.*'],
    ['==1.*', '2.0.0-rc.1', '==2.*'],
    ['~=1.3', '1.4.2', '~=1.4'],
    ['~=1.3.0', '1.4.2', '~=1.4.2'],
    ['~=1.3', '1.4.0-beta.2', '~=1.4b2'],
    ['>=1.3', '1.4.2', '>=1.4.2'],
    ['>=1.3,<2', '1.4.2', '>=1.4.2,<2'],
    ['>=1.3, <2.0', '2.1.0', '>=2.1.0, <3.0'],
    ['>=1.3,<1.4', '1.4.2', '>=1.4.2,<1.5'],
    ['<2', '2.0.0-rc.1', '<3'],
    ['<=1.3.0', '1.4.2', '<=1.4.2'],
    ['<=2', '1.4.2', '<=2'],
    ['>1.0,!=1.2.0', '1.4.2', '>1.0,!=1.2.0'],
  ])('%p to %s: %p', (range, version, expected) => expect(moveSpecifiers(range, version, place)).toBe(expected));

  it('leaves a version out that is not the one', () => expect(moveSpecifiers('!=1.4.2', '1.4.2-rc.1', place)).toBe('!=1.4.2'));

  it.each(['!=1.4.2', '>2.0', '>=1,!=1.4.2', '>=1.2,!=1.4.*', '!=1.*', '>=1!1.0', '>=1.*', '~=1.*', '==1.x', '>=1.x'])(
    'refuses what shuts the version out: %p',
    (range) => expect(() => moveSpecifiers(range, '1.4.2', place)).toThrow(expect.objectContaining({ code: 'VERSION_RANGE' })),
  );
});

describe('moveSemverRange', () => {
  it.each([
    ['1.3', '1.4.2', '1.4'],
    ['^1.3.0', '1.4.2', '^1.4.2'],
    ['~1.3.0', '1.4.2', '~1.4.2'],
    ['=1.3.0', '1.4.2-rc.1', '=1.4.2-rc.1'],
    ['^1.3', '1.4.0-rc.1', '^1.4.0-rc.1'],
    ['>=1.3, <2', '2.0.0', '>=2.0, <3'],
    ['>=1.3.0 <2.0.0', '1.4.2', '>=1.4.2 <2.0.0'],
    ['>=1.3,!=1.4.0', '1.4.2', '>=1.4,!=1.4.0'],
    ['*', '1.4.2', '*'],
    ['workspace:*', '1.4.2', 'workspace:*'],
    ['workspace:^1.3.0', '1.4.2', 'workspace:^1.4.2'],
    ['file:../b-2', '1.4.2', 'file:../b-2'],
    ['latest', '1.4.2', 'latest'],
    ['1.*', '2.0.1', '2.*'],
    ['1.x', '1.4.2', '1.x'],
    ['1.3.x', '1.4.2', '1.4.x'],
    ['1.3.*', '1.4.2', '1.4.*'],
    ['1.x.x', '2.0.0', '2.x.x'],
    ['==1.*', '2.0.0', '==2.*'],
    ['= 1.3.*', '1.4.2', '= 1.4.*'],
    ['^1.X', '2.0.0', '^2.X'],
    ['workspace:1.x', '2.0.0', 'workspace:2.x'],
    ['>=1.3,!=1.3.*', '1.4.2', '>=1.4,!=1.3.*'],
  ])('%p to %s: %p', (range, version, expected) => expect(moveSemverRange(range, version, place)).toBe(expected));

  it.each([
    '^1 || ^2',
    '1.x || 2.x',
    '1.0 - 2.0',
    '>2',
    '!=1.4.2',
    '>=1,!=1.4.2',
    '!=1.4.*',
    '>=1.x',
    '<2.*',
    'x.4',
    '*.1',
    '1.*.3',
    '1.4*',
    '^1.3.0-next.2',
  ])('refuses what it cannot move: %p', (range) =>
    expect(() => moveSemverRange(range, '1.4.2', place)).toThrow(expect.objectContaining({ code: 'VERSION_RANGE' })),
  );

  it('refuses a prerelease where a range lets none in', () =>
    expect(() => moveSemverRange('1.*', '2.0.0-rc.1', place)).toThrow(
      expect.objectContaining({ code: 'VERSION_RANGE', message: expect.stringMatching(/`1\.\*` of `b` in `app\/pyproject\.toml`.*2\.0\.0-rc\.1/) }),
    ));
});

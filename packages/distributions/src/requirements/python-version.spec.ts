import { plainVersion, pythonFits, readVersionFile } from './python-version';

describe('pythonFits', () => {
  it.each([
    ['3.11.7', '3', true],
    ['3.11.7', '3.11', true],
    ['3.11.7', '3.1', false],
    ['3.11.7', '3.11.7', true],
    ['3.11.7', '3.11.70', false],
    ['3.11.7', '3.12', false],
    ['3.11.7', '>=3.10,<3.13', true],
    ['3.13.0', '>=3.10,<3.13', false],
    ['3.13.0rc1', '<3.13', true],
    ['3.15.0a2', '3.15.0a2', true],
    ['3.15.0', '3.15.0a2', false],
    ['3.10.4', '==3.10.*', true],
    ['3.11.4', '==3.10.*', false],
    ['3.10.4', '!=3.10.*', false],
    ['3.11.4', '!=3.11.3', true],
    ['3.11.4', '~=3.11.3', true],
    ['3.12.0', '~=3.11.3', false],
    ['3.11.7', '>3.11.6', true],
    ['3.11.7', '<=3.11.7', true],
  ])('%s for %s: %s', (actual, wanted, fits) => expect(pythonFits(actual, wanted)).toBe(fits));

  it.each(['', 'latest', '3.11.', '>=', '3.11 3.12', 'pypy3.9'])('knows no request in %j', (wanted) => {
    expect(pythonFits('3.11.7', wanted)).toBeUndefined();
  });
});

it('takes no version for a free-threaded one', () => {
  expect([pythonFits('3.13.1', '3.13t'), pythonFits('3.13.1', '3.13.1t')]).toEqual([false, false]);
});

describe('readVersionFile', () => {
  it.each([
    ['3.11.7\n', '3.11.7'],
    ['# comment\n\n 3.12 # newest\n3.11\n', '3.12'],
    ['cpython-3.11.7-linux-x86_64-gnu\n', '3.11.7'],
    ['3.14.0rc2\r\n', '3.14.0rc2'],
    ['3.13t\n', '3.13t'],
    ['cpython-3.13.1+freethreaded-linux-x86_64-gnu\n', '3.13.1t'],
    ['system\n', undefined],
    ['pypy3.9-7.3.11\n', undefined],
    ['', undefined],
  ])('%j gives %s', (text, version) => expect(readVersionFile(text)).toBe(version));
});

it('tells plain versions from ranges', () => {
  expect(plainVersion('3.11')).toBe('3.11');
  expect(plainVersion('>=3.11')).toBeUndefined();
  expect(plainVersion(undefined)).toBeUndefined();
});

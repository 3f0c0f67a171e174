import { markerFault, readRequirement, specifierFault } from './requirement-syntax';

describe('readRequirement', () => {
  it('takes a requirement apart', () => {
    expect(readRequirement('Demo.Pack[a,b] (>=1,!=1.5.*) ; python_version < "3.9" and extra == \'x\'')).toEqual({
      requirement: { name: 'Demo.Pack', extras: ['a', 'b'], specifier: '>=1,!=1.5.*', marker: 'python_version < "3.9" and extra == \'x\'' },
    });
  });

  it('takes a direct reference apart', () => {
    expect(readRequirement('demo @ https://files.example/demo;1.whl ; os_name == "nt"')).toEqual({
      requirement: { name: 'demo', extras: [], specifier: '', url: 'https://files.example/demo;1.whl', marker: 'os_name == "nt"' },
    });
  });

  it.each(['a', 'a>=1', 'a >= 1 , < 2', 'a~=1.4.2', 'a==1.*', 'a===anything-goes', 'a[x]', 'a[]', 'a; extra == "x"', 'a==1.0+local', 'a>=1!2.0'])(
    '%s',
    (text) => {
      expect(readRequirement(text)).toHaveProperty('requirement');
    },
  );

  it.each([
    '',
    '-a',
    'a b',
    'a>=',
    'a=1',
    'a~=1',
    'a>1.*',
    'a[',
    'a[-]',
    'a; ',
    'a; python < "3"',
    'a>=1+local',
    '>=1',
    'a==x.y.z!',
    'a @',
    'a (>=1',
  ])('%j is none', (text) => {
    expect(readRequirement(text)).toHaveProperty('fault');
  });
});

it.each([
  ['python_version >= "3.8"', true],
  ['(os_name == "nt" or sys_platform == "linux") and extra == "a"', true],
  ['"linux" in sys_platform', true],
  ['platform_system not in "Windows"', true],
  ['python_version', false],
  ['python_version >= "3.8" and', false],
  ['python_version >= 3.8', false],
  ['(os_name == "nt"', false],
  ['os_name == "nt" os_name == "nt"', false],
  ['extra == "unclosed', false],
  ['('.repeat(20_000), false],
])('the marker %s: %s', (text, expected) => {
  expect(markerFault(text) === undefined).toBe(expected);
});

it.each([
  ['>=3.9', true],
  ['', true],
  ['>=3.9,<4', true],
  ['!=3.0.*,>=2.7', true],
  ['3.9', false],
  ['>=3.9;', false],
  ['>=3.x', false],
])('the specifier %j: %s', (text, expected) => {
  expect(specifierFault(text) === undefined).toBe(expected);
});

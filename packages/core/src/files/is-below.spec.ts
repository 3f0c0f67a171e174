import { isAtOrBelow, isBelow } from './is-below';

it.each([
  ['a/b', 'a', true, true],
  ['a', 'a', false, true],
  ['ab', 'a', false, false],
  ['a', 'a/b', false, false],
  ['/srv/app/x', '/srv/app', true, true],
  ['a', '', true, true],
])('%s, seen from %j', (path, folder, below, atOrBelow) => {
  expect(isBelow(path, folder)).toBe(below);
  expect(isAtOrBelow(path, folder)).toBe(atOrBelow);
});

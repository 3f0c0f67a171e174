import { collisionKey, nameFault } from './portable-names';

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

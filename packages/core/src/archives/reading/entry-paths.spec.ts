import { findEscapingLinks, partsOfPath } from './entry-paths';

/** Each link leads to the next by a way as long as a target may be. */
const ring = (count: number): Map<string, string> =>
  new Map(Array.from({ length: count }, (_, index) => [`l${index}`, `${'d/'.repeat(500)}${'../'.repeat(500)}l${(index + 1) % count}`]));

describe('findEscapingLinks', () => {
  it.each<[string, Record<string, string>, string[]]>([
    ['each that leads out', { a: '../x', 'd/in': '../e', 'd/out': '../../e' }, ['a', 'd/out']],
    ['those through others', { s: 'd/e', t: 's/../../..', u: 't/x' }, ['t', 'u']],
    ['those through a name of another case or Unicode form', { 'd/Ä': '..', t: 'd/a\u0308/..' }, ['t']],
    ['those through the very name first', { 'd/A': 'x', 'd/a': '..', t: 'd/A/..', u: 'd/a/..' }, ['u']],
    ['none that goes round', { a: 'b', b: 'a', c: './c' }, []],
    ['none that comes back', { 'd/a': '../d/../d/x', b: 'd/a/./y' }, []],
  ])('gives %s', (_, links, expected) => {
    expect(findEscapingLinks(new Map(Object.entries(links)))).toEqual(expected);
  });

  it('follows rings, and no longer than a bound, beyond which links count as leading out', () => {
    expect(findEscapingLinks(ring(20))).toEqual([]);
    expect(findEscapingLinks(ring(2_000)).length).toBeGreaterThan(1_500);
  });
});

describe('partsOfPath', () => {
  it('takes a backslash for part of a name, except where it parts folders', () => {
    expect(partsOfPath('a\\b/./c', '/')).toEqual({ parts: ['a\\b', 'c'] });
    expect(partsOfPath('a\\b/c', '\\')).toEqual({ reason: expect.stringContaining('backslash') });
    expect(partsOfPath('a/b', '\\')).toEqual({ parts: ['a', 'b'] });
  });
});

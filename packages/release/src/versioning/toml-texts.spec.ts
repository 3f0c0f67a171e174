import { parse } from 'smol-toml';
import { applyEdits, tomlTexts } from './toml-texts';

const SAMPLE = `# a comment with "quotes" and version = "9.9.9"
title = "a \\"b\\" # no comment" # version = "8"
[project] # the table
name = 'x'
"quoted.key" . version = "1"
dependencies = [ # list
  "b>=1 ; python_version < '3.12'", 'c', # "d"
  # "e"
]
text = """
version = "7"
a \\"" b""""
other = '''it's "here"'''
inline = { a = "1", b = { c = [ { d = "2" } ] } , number = 1_000.5, date = 1979-05-27T07:32:00Z }
[[package]]
name = "one"
[package.source]
editable = "."
[[package]]
name = "two"
[[package.metadata.list]]
name = "inner"
`;

/** All texts of what a TOML reader gives, by path. */
function textsOf(value: unknown, path: string): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null || value instanceof Date) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsOf(inner, path === '' ? key : `${path}\0${key}`));
}

it('finds each text where the reader finds it', () => {
  const found = tomlTexts(SAMPLE).map(({ path }) => path.join('\0'));
  expect(found.sort()).toEqual(
    textsOf(parse(SAMPLE), '')
      .map(([path]) => path)
      .sort(),
  );
});

it('changes one text and nothing else', () => {
  for (const text of tomlTexts(SAMPLE)) {
    const edited = applyEdits(SAMPLE, [{ start: text.start, length: text.raw.length, text: 'CHANGED' }]);
    const before = new Map(textsOf(parse(SAMPLE), ''));
    const after = new Map(textsOf(parse(edited), ''));
    const changed = [...after].filter(([path, value]) => before.get(path) !== value);
    expect(changed).toEqual([[text.path.join('\0'), 'CHANGED']]);
    expect(edited.replace('CHANGED', text.raw)).toBe(SAMPLE);
  }
});

it.each(['a = [ "b"', 'a = "b', '='])('ends on what is no TOML: %p', (text) => {
  expect(() => tomlTexts(text)).toThrow();
});

import { spawnSync } from 'node:child_process';
import { skipUnless } from '@waybill/core/testing';
import { parseCoreMetadata } from './parse-core-metadata';
import { readHeaders } from './read-headers';

const FULL = [
  'Metadata-Version: 2.4',
  'name: Demo.Pack',
  'Version: 1.0',
  'Summary: counts',
  ' words',
  'License-Expression: MIT OR Apache-2.0',
  'License-File: LICENSE',
  'License-File: licenses/other.txt',
  'Requires-Python: >=3.9',
  'Requires-Dist: a>=1',
  'Requires-Dist: b; extra == "x"',
  'Provides-Extra: x',
  'Classifier: Programming Language :: Python',
  'Description-Content-Type: text/markdown; charset=UTF-8',
  '',
  '# Größe',
  '',
  'Name: not a header',
  '',
].join('\n');

describe('parseCoreMetadata', () => {
  it('reads fields in any case, folded values, lists and the body', () => {
    const { metadata, faults } = parseCoreMetadata(FULL);
    expect(faults).toEqual([]);
    expect(metadata).toMatchObject({
      metadataVersion: '2.4',
      name: 'Demo.Pack',
      version: '1.0',
      summary: 'counts words',
      licenceExpression: 'MIT OR Apache-2.0',
      licenceFiles: ['LICENSE', 'licenses/other.txt'],
      requiresPython: '>=3.9',
      requiresDist: ['a>=1', 'b; extra == "x"'],
      providesExtra: ['x'],
      classifiers: ['Programming Language :: Python'],
      description: '# Größe\n\nName: not a header\n',
      descriptionContentType: 'text/markdown; charset=UTF-8',
      dynamic: [],
    });
    expect(metadata.headers).toHaveLength(13);
  });

  it('reads a description in the header, with spaces or bars before its lines', () => {
    const { metadata } = parseCoreMetadata('Name: a\nDescription: one\n        two\n\t\n       |  three\n');
    expect(metadata.description).toBe('one\ntwo\n\t\n  three');
  });

  it('takes UNKNOWN for nothing', () => {
    const { metadata } = parseCoreMetadata('Name: a\nSummary: UNKNOWN\nLicense: UNKNOWN\n\nUNKNOWN\n\n');
    expect(metadata).toEqual({
      name: 'a',
      requiresDist: [],
      providesExtra: [],
      licenceFiles: [],
      classifiers: [],
      dynamic: [],
      headers: expect.any(Array) as unknown[],
    });
  });

  it('tells what is no header, and goes on behind it', () => {
    const { metadata, faults } = parseCoreMetadata('  lost\nName: a\nno header\nVersion: 1\n');
    expect(faults).toEqual(['line 1 continues a value, and there is none before it', 'line 3 is no header `Name: value`']);
    expect(metadata.version).toBe('1');
  });

  it.each(['', '\n\n\n', '\0', ': x', '\uFEFF', 'a:', '\r', 'Name: \n\n'])('never throws on %j', (text) => {
    expect(parseCoreMetadata(text).metadata.requiresDist).toEqual([]);
  });
});

const PYTHON = `
import email.parser, json, sys
print(json.dumps([[[[name, value] for name, value in message.items()], message.get_payload()]
  for message in (email.parser.Parser().parsestr(text) for text in json.load(sys.stdin))]))
`;

/** Texts without what both call broken: there Python stops reading headers, and the fault is told here. */
function madeUpTexts(count: number): string[] {
  let seed = 7;
  const next = (below: number): number => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return seed % below;
  };
  const values = ['', 'x', 'a: b', 'grüße', '  spaced  ', 'one\n two', 'one\n\ttwo\n  three', '=?utf-8?q?x?=', '"quoted"'];
  const names = ['Name', 'Requires-Dist', 'X_Y', 'Summary', 'a'];
  const bodies = ['', '\nbody', '\n\nbody\n\nName: no', '\n x\n'];
  return Array.from({ length: count }, () => {
    const headers = Array.from({ length: 1 + next(6) }, () => `${names[next(names.length)]!}: ${values[next(values.length)]!}\n`);
    return headers.join('') + bodies[next(bodies.length)]!;
  });
}

skipUnless(spawnSync('python3', ['--version']).status === 0, 'python3 is not installed')('reads headers as Python’s email.parser does', async () => {
  const texts = madeUpTexts(400);
  const { stdout } = spawnSync('python3', ['-c', PYTHON], { input: JSON.stringify(texts), encoding: 'utf8' });
  const expected = JSON.parse(stdout) as [[string, string][], string][];
  texts.forEach((text, index) => {
    const { headers, body = '' } = readHeaders(text);
    const [wanted, payload] = expected[index]!;
    expect([headers.map(({ name, value }) => [name, value.trim()]), body.trim()]).toEqual([
      wanted.map(([name, value]) => [name, value.trim()]),
      payload.trim(),
    ]);
  });
});

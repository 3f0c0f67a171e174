import type { Artifact, ArtifactRecord } from '../artifact-record';
import { checkPortable } from './check-portable';
import { parseRecord } from './parse-record';
import { makeRecord, renderRecord } from './render-record';

const sha = (digit: string): string => digit.repeat(64);

const archive: Artifact = {
  name: 'pychat-0.3.0-linux-x86_64.tar.gz',
  path: 'pychat-0.3.0-linux-x86_64.tar.gz',
  kind: 'bundle-archive',
  platform: 'linux-x86_64',
  ships: true,
  size: 33_554_432,
  sha256: sha('a'),
  madeFrom: [`sha256:${sha('b')}`],
};
const record: ArtifactRecord = {
  schema: 'waybill/artifacts/1',
  project: 'pychat',
  target: 'package-linux',
  stage: 'package',
  version: '0.3.0',
  sourceDateEpoch: 1_580_601_600,
  artifacts: [archive],
  facts: { python: '3.11.7', files: 1426, glibc: '2.35', carried: [{ name: 'libssl' }], none: null, static: false },
};

/** The record with one field of it, or of its artifact, set to something else. */
const withField = (field: string, value: unknown): unknown => ({ ...record, [field]: value });
const withArtifact = (field: string, value: unknown): unknown => ({ ...record, artifacts: [{ ...archive, [field]: value }] });
const without = (object: object, field: string): object => Object.fromEntries(Object.entries(object).filter(([key]) => key !== field));

describe('parseRecord', () => {
  it('reads what renderRecord writes, and renders it to the same bytes', () => {
    const text = renderRecord(record);
    expect(parseRecord(text)).toEqual(record);
    expect(renderRecord(parseRecord(text))).toBe(text);
    expect(text).toMatch(/^\{\n {2}"schema": "waybill\/artifacts\/1",\n {2}"project": "pychat",\n/);
    expect(text.endsWith('}\n')).toBe(true);
  });

  it('renders one order of keys and artifacts, however the record was put together', () => {
    const other: Artifact = { ...archive, name: 'Z.whl', path: 'wheels/Z.whl', kind: 'wheel' };
    const one = makeRecord({ ...record, artifacts: [archive, other], facts: { b: 1, a: { d: 2, c: 3 } } });
    const mixed = Object.fromEntries(Object.entries({ ...record, artifacts: [other, archive], facts: { a: { c: 3, d: 2 }, b: 1 } }).reverse());
    expect(renderRecord(mixed as unknown as ArtifactRecord)).toBe(renderRecord(one));
    expect(one.artifacts.map(({ name }) => name)).toEqual(['Z.whl', archive.name]);
  });

  it('sorts by bytes, not by locale or code unit', () => {
    const facts = Object.keys(makeRecord({ ...record, facts: { ä: 1, z: 2, '\u{1F600}': 3, '\uFF5E': 4, Z: 5 } }).facts);
    expect(facts).toEqual(['Z', 'z', 'ä', '\uFF5E', '\u{1F600}']);
  });

  it.each<[string, unknown, string, string]>([
    ['no object', [], 'RECORD_FIELD', 'schema'],
    ['no schema', without(record, 'schema'), 'RECORD_FIELD', 'schema'],
    ['a strange schema', withField('schema', 'https://json-schema.org/schema'), 'RECORD_FIELD', 'schema'],
    ['a newer schema', withField('schema', 'waybill/artifacts/2'), 'RECORD_SCHEMA', 'a newer Waybill'],
    ['an older schema', withField('schema', 'waybill/artifacts/0'), 'RECORD_SCHEMA', 'an older Waybill'],
    ['a missing key', without(record, 'facts'), 'RECORD_FIELD', 'facts'],
    ['an unknown key', withField('host', 'build-7'), 'RECORD_FIELD', 'host'],
    ['a project of another type', withField('project', 7), 'RECORD_FIELD', 'project'],
    ['a project with a control character', withField('project', 'a\u0000b'), 'RECORD_FIELD', 'project'],
    ['a stage that is no name', withField('stage', '../x'), 'RECORD_FIELD', 'stage'],
    ['a version that is no file name', withField('version', '1/2'), 'RECORD_FIELD', 'version'],
    ['a date before 1980', withField('sourceDateEpoch', 0), 'RECORD_FIELD', 'sourceDateEpoch'],
    ['a date with a fraction', withField('sourceDateEpoch', 1_580_601_600.5), 'RECORD_FIELD', 'sourceDateEpoch'],
    ['artifacts that are no list', withField('artifacts', {}), 'RECORD_FIELD', 'artifacts'],
    ['an artifact that is null', withField('artifacts', [null]), 'RECORD_FIELD', 'artifacts[0]'],
    ['an artifact without a digest', withField('artifacts', [without(archive, 'sha256')]), 'RECORD_FIELD', 'artifacts[0].sha256'],
    ['an artifact with an unknown key', withArtifact('url', 'x'), 'RECORD_FIELD', 'artifacts[0].url'],
    ['an absolute path', withArtifact('path', `/tmp/${archive.name}`), 'RECORD_PATH', 'absolute'],
    ['a drive', withArtifact('path', `C:/${archive.name}`), 'RECORD_PATH', 'absolute'],
    ['a path upwards', withArtifact('path', `../${archive.name}`), 'RECORD_PATH', 'upwards'],
    ['a path upwards inside', withArtifact('path', `a/../../${archive.name}`), 'RECORD_PATH', 'upwards'],
    ['a backslash', withArtifact('path', `a\\${archive.name}`), 'RECORD_PATH', 'backslash'],
    ['a path with an empty part', withArtifact('path', `a//${archive.name}`), 'RECORD_PATH', 'shortest'],
    ['a path with a dot', withArtifact('path', `./${archive.name}`), 'RECORD_PATH', 'shortest'],
    ['an empty path', withArtifact('path', ''), 'RECORD_PATH', 'empty'],
    ['a NUL in a path', withArtifact('path', `a\u0000/${archive.name}`), 'RECORD_PATH', 'control'],
    ['half a character in a path', withArtifact('path', `\ud800/${archive.name}`), 'RECORD_PATH', 'Unicode'],
    ['an endless path', withArtifact('path', `${'a/'.repeat(3000)}${archive.name}`), 'RECORD_PATH', 'longer'],
    ['a path that is no string', withArtifact('path', 3), 'RECORD_FIELD', 'path'],
    ['a path with another base name', withArtifact('path', 'other.tar.gz'), 'RECORD_FIELD', 'ends in'],
    ['a name that is no file name', withArtifact('name', 'a b'), 'RECORD_FIELD', 'name'],
    ['a name that is a device', withArtifact('name', 'NUL.gz'), 'RECORD_FIELD', 'device'],
    ['an unknown kind', withArtifact('kind', 'exe'), 'RECORD_FIELD', 'kind'],
    ['an unknown platform', withArtifact('platform', 'linux-riscv64'), 'RECORD_FIELD', 'platform'],
    ['ships as a word', withArtifact('ships', 'yes'), 'RECORD_FIELD', 'ships'],
    ['a negative size', withArtifact('size', -1), 'RECORD_FIELD', 'size'],
    ['a size beyond 2^53', withArtifact('size', 2 ** 53), 'RECORD_FIELD', 'size'],
    ['a digest in capitals', withArtifact('sha256', sha('A')), 'RECORD_FIELD', 'sha256'],
    ['a short digest', withArtifact('sha256', 'ab'), 'RECORD_FIELD', 'sha256'],
    ['an origin without algorithm', withArtifact('madeFrom', [sha('b')]), 'RECORD_FIELD', 'madeFrom[0]'],
    ['the same name twice', withField('artifacts', [archive, archive]), 'RECORD_DUPLICATE', archive.name],
    [
      'names that differ in case',
      withField('artifacts', [archive, { ...archive, name: archive.name.toUpperCase(), path: archive.name.toUpperCase() }]),
      'RECORD_DUPLICATE',
      'PYCHAT',
    ],
    ['facts that are a list', withField('facts', []), 'RECORD_FIELD', 'facts'],
    ['a fact beyond 2^53', withField('facts', { n: 2 ** 53 + 2 }), 'RECORD_FIELD', 'facts.n'],
  ])('refuses %s', (_, value, code, says) => {
    const error = errorOf(() =>
      parseRecord(JSON.stringify(value), { path: 'dist/pychat/package-linux/artifacts.json', run: 'pychat:package-linux' }),
    );
    expect(error.code).toBe(code);
    expect(`${error.message}\n${error.details.join('\n')}`).toContain(says);
    expect(error.message).toContain('`dist/pychat/package-linux/artifacts.json`');
    expect(error.fix).toContain('nx run pychat:package-linux');
  });

  it.each([
    ['nothing', ''],
    ['half a record', renderRecord(record).slice(0, 200)],
    ['two records', renderRecord(record).repeat(2)],
    ['a byte order mark', `\uFEFF${renderRecord(record)}`],
    ['a comment', `// hand made\n${renderRecord(record)}`],
    ['a key twice', renderRecord(record).replace('"size": 33554432', '"size": 1, "size": 33554432')],
    ['a key twice, once escaped', renderRecord(record).replace('"size": 33554432', '"\\u0073ize": 1, "size": 33554432')],
    ['deep nesting', renderRecord(record).replace('"none": null', `"none": ${'['.repeat(100_000)}${']'.repeat(100_000)}`)],
    ['a string without end', '{"schema": "waybill'],
    ['an endless number', renderRecord(record).replace('"files": 1426', '"files": 1426e')],
  ])('refuses %s as RECORD_SYNTAX', (_, text) => {
    expect(errorOf(() => parseRecord(text)).code).toBe('RECORD_SYNTAX');
  });

  it('refuses numbers that no reader holds, and keys that reach a prototype', () => {
    const text = renderRecord(record);
    expect(errorOf(() => parseRecord(text.replace('1426', '1e999'))).code).toBe('RECORD_FIELD');
    expect(errorOf(() => parseRecord(text.replace('"none": null', '"__proto__": { "ships": true }'))).details.join()).toContain('__proto__');
  });

  it('gives the target to run when it knows no path', () => {
    expect(errorOf(() => parseRecord('')).fix).toBe('run the target that writes it again');
  });
});

describe('checkPortable', () => {
  const roots = ['/work/shop', '/home/ada/', '/'];

  it.each([
    ['the workspace', { a: '/work/shop' }],
    ['a file in it', { a: [{ b: '/work/shop/x' }] }],
    ['a URL of it', { a: 'file:///work/shop/x' }],
    ['the home folder', { a: '/home/ada/.cargo' }],
  ])('refuses %s', (_, facts) => {
    expect(errorOf(() => checkPortable(facts, roots)).code).toBe('RECORD_NOT_PORTABLE');
  });

  it.each([[{ a: '/work/shopping' }], [{ a: '/usr/lib' }], [{ a: 'work/shop' }], [{ a: 7, b: null, c: undefined }], [{ a: 'https://x/work/shop' }]])(
    'keeps %p',
    (facts) => {
      expect(() => checkPortable(facts, roots)).not.toThrow();
    },
  );
});

interface Coded {
  code: string;
  message: string;
  fix: string;
  details: readonly string[];
}

function errorOf(work: () => unknown): Coded {
  try {
    work();
  } catch (error) {
    return error as Coded;
  }
  throw new Error('nothing was refused');
}

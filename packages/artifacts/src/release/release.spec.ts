import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseRelease, renderRelease } from './parse-release';
import { RELEASE_SCHEMA, type ReleaseDescription } from './release-description';
import { SUMS_ALGORITHMS, parseSums, renderSums, type SumsAlgorithm } from './sums-file';

const hex = (digit: string, digits = 64): string => digit.repeat(digits);

const DESCRIPTION: ReleaseDescription = {
  schema: RELEASE_SCHEMA,
  project: 'app',
  name: 'app',
  version: '1.0',
  sourceDateEpoch: 1_580_601_600,
  commit: hex('c', 40),
  tag: 'v1.0',
  dirty: true,
  tools: { waybill: '0.1.0' },
  sums: ['app-1.0-SHA256SUMS'],
  artifacts: [
    { name: 'b.whl', kind: 'wheel', size: 2, sha256: hex('2') },
    { name: 'a.tar.gz', kind: 'bundle-archive', platform: 'linux-x86_64', size: 1, sha256: hex('1') },
  ],
  signatures: [{ name: 'a.tar.gz.sig', of: 'a.tar.gz', sha256: hex('3') }],
  proofs: [
    {
      target: 'smoke-linux',
      verdict: 'passed',
      isolation: 'namespace',
      tested: ['a.tar.gz'],
      checksRun: ['rpath'],
      checksSkipped: [{ check: 'glibc-matrix', reason: 'on demand' }],
      allow: [{ check: 'imports', path: 'x', reason: 'why' }],
    },
  ],
  unsigned: [{ target: 'sign-linux', reason: 'no key yet' }],
  records: [{ project: 'app', target: 'package-linux', stage: 'package', sha256: hex('4') }],
};

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'none';
};

describe('release.json', () => {
  it('has one text, whatever the order it was given in', () => {
    const text = renderRelease(DESCRIPTION);
    expect(renderRelease(parseRelease(text))).toBe(text);
    expect(parseRelease(text).artifacts.map(({ name }) => name)).toEqual(['a.tar.gz', 'b.whl']);
    expect(renderRelease({ ...DESCRIPTION, artifacts: [...DESCRIPTION.artifacts].reverse() })).toBe(text);
  });

  it.each<[string, string, object]>([
    ['another schema', 'RECORD_SCHEMA', { schema: 'waybill/release/2' }],
    ['no schema', 'RECORD_FIELD', { schema: 'x' }],
    ['a commit that is none', 'RECORD_FIELD', { commit: 'HEAD' }],
    ['dirty: false', 'RECORD_FIELD', { dirty: false }],
    ['tools that are a list', 'RECORD_FIELD', { tools: [] }],
    ['a tool with an odd name', 'RECORD_FIELD', { tools: { 'a b': '1' } }],
    ['a name that leads upwards', 'RECORD_FIELD', { sums: ['../SHA256SUMS'] }],
    ['an unknown key', 'RECORD_FIELD', { more: 1 }],
    ['two names that differ in case only', 'RECORD_DUPLICATE', { sums: ['A.tar.gz'] }],
    ['a digest that is none', 'RECORD_FIELD', { records: [{ project: 'a', target: 'b', stage: 'c', sha256: 'd' }] }],
    ['a proof without verdict', 'RECORD_FIELD', { proofs: [{ target: 'x' }] }],
  ])('refuses %s', (_, code, change) => {
    expect(codeOf(() => parseRelease(JSON.stringify({ ...DESCRIPTION, ...change })))).toBe(code);
  });
});

describe('sums files', () => {
  const PROGRAMS: Readonly<Record<SumsAlgorithm, string>> = { sha256: 'sha256sum', sha384: 'sha384sum', sha512: 'sha512sum', blake2b: 'b2sum' };

  it.each(Object.entries(PROGRAMS) as [SumsAlgorithm, string][])('%s: are what %s writes and reads', (algorithm, program) => {
    const folder = mkdtempSync(join(tmpdir(), 'waybill-sums-'));
    try {
      const names = ['b', 'a', 'Z', 'with blank', 'a\\b', 'a\nb', '\u{1f600}', '\uffee', 'ä'];
      names.forEach((name) => writeFileSync(join(folder, name), name));
      names.sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
      const byProgram = execFileSync(program, names, { cwd: folder, encoding: 'utf8' });
      const digests = byProgram.split('\n').map((line) => line.replace(/^\\/, '').slice(0, SUMS_ALGORITHMS[algorithm].digits));
      const text = renderSums(names.map((name, index) => ({ name, digest: digests[index]! })).reverse());
      expect(text).toBe(byProgram);
      writeFileSync(join(folder, 'SUMS'), text);
      execFileSync(program, ['-c', '--strict', 'SUMS'], { cwd: folder, stdio: 'pipe' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('are read back', () => {
    const entries = [
      { name: 'a b', digest: hex('a') },
      { name: 'folder/c', digest: hex('c') },
    ];
    expect(parseSums(renderSums(entries), 'sha256')).toEqual(entries);
  });

  it.each([
    ['a binary file', `${hex('a')} *x\n`],
    ['CRLF', `${hex('a')}  x\r\n`],
    ['capital digits', `${hex('A')}  x\n`],
    ['no line feed at the end', `${hex('a')}  x`],
    ['comments and empty lines', `# sums\n\n${hex('a')}  x\n\n`],
    ['a name as find gives it', `${hex('a')}  ./x\n`],
    ['the style of BSD', `SHA256 (x) = ${hex('a')}\n`],
    ['the style of BSD, with CRLF', `SHA256 (x) = ${hex('A')}\r\n`],
  ])('%s is taken, as coreutils takes it', (_, text) => {
    expect(parseSums(text, 'sha256')).toEqual([{ name: 'x', digest: hex('a') }]);
  });

  it.each(Object.entries(PROGRAMS) as [SumsAlgorithm, string][])('%s: what `%s --tag` writes is read', (algorithm, program) => {
    const folder = mkdtempSync(join(tmpdir(), 'waybill-sums-'));
    try {
      writeFileSync(join(folder, 'a (1) = b'), 'a');
      const [one, tagged] = [[], ['--tag']].map((args) => execFileSync(program, [...args, 'a (1) = b'], { cwd: folder, encoding: 'utf8' }));
      expect(parseSums(tagged!, algorithm)).toEqual(parseSums(one!, algorithm));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    ['nothing', ''],
    ['comments alone', '# nothing\n\n'],
    ['the style of BSD for another algorithm', `SHA512 (x) = ${hex('a')}\n`],
    ['the style of BSD with more behind it', `SHA256 (x) = ${hex('a')} \n`],
    ['a name twice in two styles', `SHA256 (x) = ${hex('a')}\n${hex('a')}  ./x\n`],
    ['a name that leads upwards behind a dot', `${hex('a')}  ./../x\n`],
    ['a mark of its encoding', `\ufeff${hex('a')}  x\n`],
    ['a short digest', `${hex('a', 63)}  x\n`],
    ['another algorithm', `${hex('a', 128)}  x\n`],
    ['one blank', `${hex('a')} x\n`],
    ['no name', `${hex('a')}  \n`],
    ['an absolute name', `${hex('a')}  /x\n`],
    ['a name that leads upwards', `${hex('a')}  ../x\n`],
    ['a name with a backslash', `\\${hex('a')}  a\\\\b\n`],
    ['an unknown escape', `\\${hex('a')}  a\\t\n`],
    ['a name twice', `${hex('a')}  x\n${hex('a')}  x\n`],
    ['names that differ in case', `${hex('a')}  x\n${hex('b')}  X\n`],
  ])('%s is refused', (_, text) => {
    expect(codeOf(() => parseSums(text, 'sha256'))).toBe('RECORD_SUMS');
  });
});

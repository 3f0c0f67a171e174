import { createHash } from 'node:crypto';
import { member, SDE } from '../testing/good-distributions';
import { compareDistributions, differenceFindings, type ComparedDistribution } from './compare-distributions';

const ROOTS = [['/tmp/build-one/src', '/tmp/build-two/other/src']] as const;
const RECORD = 'demo-1.0.dist-info/RECORD';

/** Two minutes each, a quarter of an hour apart: 2026-11-26, 16:13 UTC and later. */
const CLOCK = { first: [1_795_709_580, 1_795_709_700], second: [1_795_710_100, 1_795_710_200] } as const;
const NAMES = new Set(['alpha.py', 'beta.py', 'gamma.txt']);
const pyc = (seconds: number): string => {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(seconds, 8);
  return header.toString('latin1');
};

interface Built {
  contents?: Record<string, string>;
  order?: readonly string[];
  change?: Partial<ReturnType<typeof member>>;
  gzip?: { mtimeSeconds: number; name?: string };
}

const CONTENTS = { 'demo/a.py': 'a = 1\n', 'demo/b.py': 'b = 1\n', [RECORD]: 'demo/a.py,,\ndemo/b.py,,\n' };

function built({ contents = {}, order, change = {}, gzip }: Built = {}): ComparedDistribution & { contents: Record<string, string> } {
  const all: Record<string, string> = { ...CONTENTS, ...contents };
  const members = (order ?? Object.keys(all)).map((path) => ({ ...member(path, all[path]), ...(path === 'demo/a.py' ? change : {}) }));
  const sha256 = createHash('sha256')
    .update(JSON.stringify([members, gzip]))
    .digest('hex');
  return { fileName: 'demo', container: gzip === undefined ? { format: 'zip' } : { format: 'tar.gz', gzip }, members, sha256, contents: all };
}

function compare(first: Built, second: Built) {
  const [one, other] = [built(first), built(second)];
  const read = (build: 'first' | 'second', path: string): Buffer => Buffer.from((build === 'first' ? one : other).contents[path]!, 'latin1');
  return compareDistributions(one, other, { roots: ROOTS, read, clock: CLOCK, sourceTimes: { first: SDE, second: SDE + 86_400 }, names: NAMES });
}

it('equal files have no difference', () => {
  expect(compare({}, {})).toEqual([]);
});

it.each<[string, Built, Built, string, string | undefined]>([
  ['mtime', {}, { change: { mtimeSeconds: SDE + 2 } }, 'mtime', 'demo/a.py'],
  ['mode', {}, { change: { mode: 0o600 } }, 'mode', 'demo/a.py'],
  [
    'owner',
    { change: { owner: { uid: 0, gid: 0, user: '', group: '' } } },
    { change: { owner: { uid: 1, gid: 0, user: 'ada', group: '' } } },
    'owner',
    'demo/a.py',
  ],
  ['order', {}, { order: ['demo/b.py', 'demo/a.py', RECORD] }, 'order', 'demo/a.py'],
  ['order of RECORD', {}, { contents: { [RECORD]: 'demo/b.py,,\ndemo/a.py,,\n' } }, 'order', RECORD],
  ['a member more', {}, { contents: { 'demo/c.py': '' } }, 'members', 'demo/c.py'],
  [
    'path',
    { contents: { 'demo/b.py': 'p = "/tmp/build-one/src/x"' } },
    { contents: { 'demo/b.py': 'p = "/tmp/build-two/other/src/x"' } },
    'path',
    'demo/b.py',
  ],
  [
    'path in one build alone',
    { contents: { 'demo/b.py': 'p = "/tmp/build-one/src/x"' } },
    { contents: { 'demo/b.py': 'p = "?"' } },
    'path',
    'demo/b.py',
  ],
  ['hash seed, in lines', { contents: { 'demo/b.py': 'x\ny\nz\n' } }, { contents: { 'demo/b.py': 'z\nx\ny\n' } }, 'hash seed', 'demo/b.py'],
  [
    'hash seed, in a line',
    { contents: { 'demo/b.py': "NAMES = {'ab', 'cd', 'ef'}\n" } },
    { contents: { 'demo/b.py': "NAMES = {'ef', 'ab', 'cd'}\n" } },
    'hash seed',
    'demo/b.py',
  ],
  [
    'a time in the content',
    { contents: { 'demo/b.py': 'built = "10:12:21"' } },
    { contents: { 'demo/b.py': 'built = "10:21:12" ' } },
    'content',
    'demo/b.py',
  ],
  [
    'a time whose digits are the same',
    { contents: { 'demo/b.py': 'built = "1012"' } },
    { contents: { 'demo/b.py': 'built = "1021"' } },
    'content',
    'demo/b.py',
  ],
  ...(
    [
      ['seconds', 'T = 1795709600.25', 'T = 1795710150.75'],
      ['nanoseconds', 'T = 1795709600250000000', 'T = 1795710150750000000'],
      ['a date and a time', '"2026-11-26T16:13:20Z"', '"2026-11-26T16:22:30Z"'],
      ['without marks', '20261126161320', '20261126162230'],
      ['in another time zone', '2026-11-26 16:13:20', '2026-11-26 22:07:30'],
      ['of C', 'Thu Nov 26 16:13:20 2026', 'Thu Nov 26 16:22:30 2026'],
      ['bytes', pyc(1_795_709_600), pyc(1_795_710_150)],
    ] as const
  ).map(([what, one, other]): [string, Built, Built, string, string] => [
    `the clock, as ${what}`,
    { contents: { 'demo/b.py': one } },
    { contents: { 'demo/b.py': other } },
    'clock',
    'demo/b.py',
  ]),
  ['the time of a source', { contents: { 'demo/b.py': `T = ${SDE}` } }, { contents: { 'demo/b.py': `T = ${SDE + 86_400}` } }, 'mtime', 'demo/b.py'],
  [
    'files as a folder gives them',
    { contents: { 'demo/b.py': "['alpha.py', 'beta.py', 'gamma.txt']" } },
    { contents: { 'demo/b.py': "['gamma.txt', 'beta.py', 'alpha.py']" } },
    'order',
    'demo/b.py',
  ],
  [
    'a set of their names',
    { contents: { 'demo/b.py': "{'alpha', 'beta', 'gamma'}" } },
    { contents: { 'demo/b.py': "{'beta', 'gamma', 'alpha'}" } },
    'hash seed',
    'demo/b.py',
  ],
  ['gzip time', { gzip: { mtimeSeconds: 0 } }, { gzip: { mtimeSeconds: 7 } }, 'gzip header', undefined],
  ['gzip name', { gzip: { mtimeSeconds: 0 } }, { gzip: { mtimeSeconds: 0, name: 'x.tar' } }, 'gzip header', undefined],
])('%s', (_what, first, second, cause, where) => {
  const differences = compare(first, second);
  expect(differences.map((one) => [one.cause, one.member])).toEqual([[cause, where]]);
  expect(differences[0]!.first).not.toBe(differences[0]!.second);
});

it('only the archive differs', () => {
  expect(compareDistributions(built(), { ...built(), sha256: 'other' }).map(({ cause }) => cause)).toEqual(['container']);
});

it('tells the first cause first, RECORD not at all when it follows, and one error for each cause', () => {
  const differences = compare(
    { gzip: { mtimeSeconds: 1 } },
    {
      gzip: { mtimeSeconds: 2 },
      contents: { 'demo/a.py': 'a = 2\n', 'demo/b.py': 'b = 2\n', [RECORD]: 'other' },
      change: { mode: 0o600, mtimeSeconds: 0 },
    },
  );
  expect(differences.map(({ cause }) => cause)).toEqual(['mtime', 'mode', 'gzip header', 'content', 'content']);
  expect(differenceFindings('demo.whl', differences).map(({ level, path }) => `${level} ${path!}`)).toEqual([
    'error demo.whl/demo/a.py',
    'error demo.whl/demo/a.py',
    'error demo.whl',
    'error demo.whl/demo/a.py',
    'info demo.whl/demo/b.py',
  ]);
});

import { describeBundle } from './describe-bundle';
import type { PackageOutcome } from './record-facts';

const outcome = (change: { drop?: string[]; leftOut?: string[]; version?: string; platform?: string } = {}): PackageOutcome =>
  ({
    plan: {
      archives: [],
      facts: {
        platform: change.platform ?? 'linux-x86_64',
        leftOut: change.leftOut ?? [],
        runtime: { from: 'machine', facts: { version: '3.11.7', source: 'interpreter 3.11.7' } },
      },
    },
    options: { prune: { preset: 'safe', keep: [], drop: change.drop ?? [] } },
    prepared: {
      home: 'python/runtime',
      stdlib: 'python/runtime/lib/python3.11',
      stepMs: {},
    },
    pruned: ['lib/python3.11/test', 'lib/python3.11/sqlite3', 'lib/python3.11/lib-dynload/_sqlite3.cpython-311.so'].map((path) => ({
      path: `python/runtime/${path}`,
      reason: 'x',
    })),
    floor: { before: { holders: [] }, after: { ...(change.version !== undefined && { version: change.version }), holders: [] } },
    sealed: { manifest: { entries: [] }, archives: [], leaks: [], bytes: 1, files: 1, digest: '00' },
  }) as unknown as PackageOutcome;

const told = (change: Parameters<typeof outcome>[0]): string[] =>
  describeBundle(outcome(change)).findings.map(({ level, path, message }) => `${level} ${path ?? ''} ${message}`);

it.each<[string[], string[]]>([
  [['sqlite3', '_sqlite3', 'test.support', 'lib/python3.11/test/**'], []],
  [['sqlit3'], ['sqlit3']],
  [
    ['sqlite3', 'distutils', 'lib/python3.11/none/*'],
    ['distutils', 'lib/python3.11/none/*'],
  ],
])('`prune.drop` %j: what fits nothing is a warning', (drop, unused) => {
  expect(told({ drop })).toEqual(unused.map((entry) => expect.stringContaining(`warning  \`prune.drop\` names \`${entry}\``)));
});

it('names what stays behind', () => {
  expect(told({ leftOut: ['app/.env'] })).toEqual([expect.stringMatching(/^warning app\/\.env stays behind/)]);
});

it.each([
  [{ version: '2.35' }, 'runs on glibc ≥ 2.35'],
  [{}, 'runs on any glibc: no file of it needs one'],
  [{ platform: 'linux-x86_64-musl' }, 'runs on musl'],
])('%j: %s', (change, line) => {
  expect(describeBundle(outcome(change)).summary.at(-1)).toBe(line);
});

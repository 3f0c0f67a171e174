import { describeBundle } from './describe-bundle';
import type { PackageOutcome } from './record-facts';

const outcome = (
  change: { drop?: string[]; leftOut?: string[]; version?: string; platform?: string; wanted?: string[]; fromHost?: string[] } = {},
): PackageOutcome =>
  ({
    plan: {
      archives: [],
      facts: {
        platform: change.platform ?? 'linux-x86_64',
        leftOut: change.leftOut ?? [],
        runtime: { from: 'machine', facts: { version: '3.11.7', source: 'interpreter 3.11.7' } },
      },
    },
    options: { prune: { preset: 'safe', keep: [], drop: change.drop ?? [] }, vendorLibraries: { fromHost: change.wanted ?? [] } },
    fromHost: change.fromHost ?? [],
    prepared: {
      home: 'python/runtime',
      stdlib: 'python/runtime/lib/python3.11',
      stepMs: {},
    },
    pruned: ['lib/python3.11/test', 'lib/python3.11/sqlite3', 'lib/python3.11/lib-dynload/_sqlite3.cpython-311.so']
      .map((path) => ({
        path: `python/runtime/${path}`,
        reason: 'x',
      }))
      .concat(['x/qml', 'y1/a.so'].map((path) => ({ path: `python/vendor/${path}`, reason: 'x' }))),
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

it.each<[string[], string[]]>([
  [['python/vendor/x/qml', 'python/vendor/x/qml/**', 'python/vendor/y*/a.so'], []],
  [['python/vendor/x/qlm', 'sqlite3'], ['python/vendor/x/qlm']],
])('`prune.drop` %j of wheels: what fits nothing of them is a warning', (drop, unused) => {
  expect(told({ drop })).toEqual(unused.map((entry) => `warning  \`prune.drop\` names \`${entry}\`, which fits nothing of the wheels`));
});

it('names what stays behind', () => {
  expect(told({ leftOut: ['app/.env'] })).toEqual([expect.stringMatching(/^warning app\/\.env stays behind/)]);
});

it.each([
  [{ version: '2.35' }, 'runs on glibc ≥ 2.35'],
  [{}, 'runs on any glibc: no file of it needs one'],
  [{ platform: 'linux-x86_64-musl' }, 'runs on musl'],
  [{ version: '2.28', fromHost: ['libEGL.so.1', 'libGL.so.1'] }, 'runs on glibc ≥ 2.28; needs a desktop: libEGL.so.1, libGL.so.1'],
  [
    { version: '2.28', fromHost: ['libGL.so.1', 'libcuda.so.1'] },
    'runs on glibc ≥ 2.28; needs a desktop: libGL.so.1; needs of the system: libcuda.so.1',
  ],
  [
    { version: '2.28', fromHost: Array.from({ length: 10 }, () => 'libGL.so.1') },
    `runs on glibc ≥ 2.28; needs a desktop: ${Array.from({ length: 8 }, () => 'libGL.so.1').join(', ')} and 2 more (\`fromHost\` of the manifest)`,
  ],
])('%j: %s', (change, line) => {
  expect(describeBundle(outcome(change)).summary.at(-1)).toBe(line);
});

it.each<[string[], string[], string[]]>([
  [['desktop'], ['libGL.so.1', 'libstdc++.so.6'], []],
  [['desktop', 'libcuda'], ['libGL.so.1', 'libcuda.so.1'], []],
  [['desktop', 'libcuda.so.1'], ['libGL.so.1'], ['libcuda.so.1']],
  [['desktop'], ['libcuda.so.1'], ['desktop']],
])('`fromHost` %j of which %j are needed: what stands for nothing is a warning', (wanted, fromHost, idle) => {
  expect(told({ wanted, fromHost })).toEqual(
    idle.map((entry) => expect.stringContaining(`warning  \`vendorLibraries.fromHost\` names \`${entry}\``)),
  );
});

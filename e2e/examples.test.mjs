/** The examples through Nx: package, proof, cache, dry run, inputs. */
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { archiveOf, hasCargo, nx, openWorkspace, readJson, recordOf } from './workspace.mjs';

let workspace;
let root;

before(async () => {
  workspace = await openWorkspace();
  root = workspace.root;
});
after(() => workspace.remove());

/** Every file below a folder with size, time and inode: anything that is touched shows. */
const snapshot = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .sort()
        .map((path) => {
          const { size, mtimeMs, ino } = statSync(join(folder, path));
          return `${path} ${size} ${mtimeMs} ${ino}`;
        })
    : [];

const apps = [
  { project: 'studio', skip: false },
  { project: 'pychat', skip: hasCargo ? false : 'cargo is not installed' },
];

for (const { project, skip } of apps) {
  describe(project, { skip }, () => {
    test('is packaged and proved', async () => {
      const { exitCode, output } = await nx(root, ['run', `${project}:smoke-linux`]);
      assert.equal(exitCode, 0, output);
      const record = recordOf(root, project, 'package-linux');
      assert.equal(record.schema, 'waybill/artifacts/1');
      assert.equal(record.stage, 'package');
      assert.ok(existsSync(archiveOf(root, project)));
      const { facts } = recordOf(root, project, 'smoke-linux');
      assert.equal(facts.verdict, 'passed');
      assert.match(output, /runs on glibc ≥ \d+\.\d+/);
      const report = readJson(root, 'dist', project, 'smoke-linux/report.json');
      assert.equal(report.outcome, 'success');
      assert.equal(report.verdict, 'passed');
      assert.deepEqual(
        report.findings.filter(({ level }) => level === 'error'),
        [],
      );
    });

    test('comes from the cache the second time, and after dist is deleted', async () => {
      const again = await nx(root, ['run', `${project}:smoke-linux`]);
      assert.equal(again.exitCode, 0, again.output);
      assert.ok(again.cached >= 2, again.output);
      const before = readFileSync(join(root, 'dist', project, 'package-linux/artifacts.json'), 'utf8');
      rmSync(join(root, 'dist'), { recursive: true });
      const restored = await nx(root, ['run', `${project}:smoke-linux`]);
      assert.ok(restored.cached >= 2, restored.output);
      assert.equal(readFileSync(join(root, 'dist', project, 'package-linux/artifacts.json'), 'utf8'), before);
      assert.ok(existsSync(archiveOf(root, project)));
    });

    test('a change of documentation runs nothing', async () => {
      appendFileSync(join(root, project, 'README.md'), '\nA comment.\n');
      const { exitCode, cached, output } = await nx(root, ['run', `${project}:smoke-linux`]);
      assert.equal(exitCode, 0, output);
      assert.ok(cached >= 2, output);
    });
  });
}

/** Every spelling with and without the daemon is tested in packages/release on small targets; here the real chain. */
describe('dry run', () => {
  const dist = () => join(root, 'dist');
  const source = () => join(root, 'studio/src/studio/app.py');
  const smoke = (args = [], env = {}) => nx(root, ['run', 'studio:smoke-linux', ...args], env);
  const SPELLINGS = [
    [['--dry-run'], {}],
    [[], { NX_DRY_RUN: 'true' }],
    [['--dryRun'], { NX_DAEMON: 'true' }],
  ];
  let before;

  test('of an edited source: no spelling changes anything', async () => {
    const real = await smoke();
    assert.equal(real.exitCode, 0, real.output);
    before = snapshot(dist());
    writeFileSync(source(), `${readFileSync(source(), 'utf8')}\n# edit\n`);
    for (const [args, env] of SPELLINGS) {
      const dry = await smoke(args, env);
      assert.equal(dry.exitCode, 0, dry.output);
      assert.equal(dry.cached, 0, dry.output);
      assert.match(dry.output, /dry run of studio:smoke-linux .*nothing is changed/);
      assert.deepEqual(snapshot(dist()), before, 'dist is untouched');
    }
  });

  // A result that any of the dry runs had left in the cache would be taken here.
  test('and none is taken for the real thing, nor the real thing for one', async () => {
    const real = await smoke([], { NX_DAEMON: 'true' });
    assert.equal(real.exitCode, 0, real.output);
    assert.equal(real.cached, 0, `the edited source is packaged for real\n${real.output}`);
    assert.notDeepEqual(snapshot(dist()), before);
    for (const [args, env] of SPELLINGS) {
      const dryAgain = await smoke(args, env);
      assert.equal(dryAgain.exitCode, 0, dryAgain.output);
      assert.equal(dryAgain.cached, 0, dryAgain.output);
    }
    for (const NX_DAEMON of ['false', 'true']) {
      const hit = await smoke([], { NX_DAEMON });
      assert.equal(hit.cached, 2, hit.output);
    }
  });
});

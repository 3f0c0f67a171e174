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

describe('dry run', () => {
  const dist = () => join(root, 'dist');
  const source = () => join(root, 'studio/src/studio/app.py');

  // Every spelling with and without the daemon is tested in packages/release on small targets; here the real chain.
  for (const daemon of ['false', 'true']) {
    for (const spelling of daemon === 'true' ? [['--dryRun']] : [['--dry-run'], []]) {
      const env = { NX_DAEMON: daemon, ...(spelling.length ? {} : { NX_DRY_RUN: 'true' }) };
      test(`${spelling[0] ?? 'NX_DRY_RUN=true'} with${daemon === 'true' ? '' : 'out'} the daemon changes nothing and poisons nothing`, async () => {
        const real = await nx(root, ['run', 'studio:smoke-linux'], { NX_DAEMON: daemon });
        assert.equal(real.exitCode, 0, real.output);
        const before = snapshot(dist());
        writeFileSync(source(), `${readFileSync(source(), 'utf8')}\n# edit ${daemon} ${spelling[0]}\n`);
        const dry = await nx(root, ['run', 'studio:smoke-linux', ...spelling], env);
        assert.equal(dry.exitCode, 0, dry.output);
        assert.equal(dry.cached, 0, dry.output);
        assert.match(dry.output, /dry run of studio:smoke-linux .*nothing is changed/);
        assert.deepEqual(snapshot(dist()), before, 'dist is untouched');
        const after = await nx(root, ['run', 'studio:smoke-linux'], { NX_DAEMON: daemon });
        assert.equal(after.exitCode, 0, after.output);
        assert.equal(after.cached, 0, `the edited source is packaged for real\n${after.output}`);
        const dryAgain = await nx(root, ['run', 'studio:smoke-linux', ...spelling], env);
        assert.equal(dryAgain.cached, 0, dryAgain.output);
        const hit = await nx(root, ['run', 'studio:smoke-linux'], { NX_DAEMON: daemon });
        assert.equal(hit.cached, 2, hit.output);
      });
    }
  }
});

/** `build-wheel` through Nx with the real backends: the examples, and a project for each backend. */
import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { copyExamples } from '../tools/install-examples.mjs';
import { commandWorks, mustRun } from '../tools/run-command.mjs';
import { GOOD_PROJECTS } from './wheels/good-projects.mjs';
import { PLACE, assertInstalled, buildAll, digestsOf, errorsOf, resultOf, writeProject } from './wheels/wheel-workspace.mjs';
import { hasCargo, nx, openWorkspace, recordOf } from './workspace.mjs';

const EXAMPLES = ['wordtally', 'cspeed', ...(hasCargo ? ['fastcount'] : [])];
const INSTALLED = {
  wordtally: { imports: ['wordtally'], commands: ['wordtally --help'] },
  cspeed: { imports: ['cspeed'] },
  fastcount: { imports: ['fastcount'] },
};
const noCargo = hasCargo ? false : 'cargo is not installed';

let workspace;
let root;
let other;

before(async () => {
  workspace = await openWorkspace();
  root = workspace.root;
});
after(() => {
  rmSync(join(root, PLACE), { recursive: true, force: true });
  rmSync(join(root, 'dist', PLACE), { recursive: true, force: true });
  if (other) rmSync(other, { recursive: true, force: true });
  workspace.remove();
});

/** A second workspace in a folder with a space, with the first one's packages. */
async function openOther() {
  other = mkdtempSync(join(tmpdir(), 'waybill other-'));
  await copyExamples(other);
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(root, file), join(other, file));
  symlinkSync(join(root, 'node_modules'), join(other, 'node_modules'));
}

describe('the examples', () => {
  test('are built, checked and installed', async () => {
    const { exitCode, output } = await buildAll(root, EXAMPLES);
    assert.equal(exitCode, 0, output);
    for (const project of EXAMPLES) {
      const { record, report, made } = resultOf(root, project);
      assert.deepEqual(record.artifacts.map(({ kind }) => kind).sort(), ['sdist', 'wheel'], project);
      assert.deepEqual(made, record.artifacts.map(({ name }) => name).sort(), 'the folder holds what the record names, and nothing else');
      assert.equal(report.outcome, 'success');
      assert.deepEqual(errorsOf(report), []);
      assertInstalled({ report, record }, INSTALLED[project]);
    }
    const [wordtally] = recordOf(root, 'wordtally', 'build-wheel').artifacts.filter(({ kind }) => kind === 'wheel');
    assert.equal(wordtally.name, 'wordtally-0.3.0-py3-none-any.whl');
    assert.equal(wordtally.platform, undefined);
  });

  test('fastcount serves every Python by the stable ABI', { skip: noCargo }, () => {
    const wheel = recordOf(root, 'fastcount', 'build-wheel').artifacts.find(({ kind }) => kind === 'wheel');
    assert.match(wheel.name, /^fastcount-0\.2\.0-cp39-abi3-/);
    assert.match(wheel.platform, /^linux-/);
  });

  test('come out the same from another folder, umask, time zone and locale', async () => {
    await openOther();
    const umask = process.umask(0o077);
    try {
      const env = { TZ: 'Asia/Kathmandu', LC_ALL: 'tr_TR.UTF-8', LANG: 'C', PYTHONHASHSEED: '7', NX_CACHE_DIRECTORY: join(other, '.nx/cache') };
      const { exitCode, output } = await buildAll(other, EXAMPLES, env);
      assert.equal(exitCode, 0, output);
    } finally {
      process.umask(umask);
    }
    for (const project of EXAMPLES) {
      assert.deepEqual(digestsOf(recordOf(other, project, 'build-wheel')), digestsOf(recordOf(root, project, 'build-wheel')), project);
    }
  });

  test('come from the cache, and build again when their README changes: it is in the wheel', async () => {
    const first = await nx(root, ['run', 'wordtally:build-wheel']);
    assert.equal(first.exitCode, 0, first.output);
    rmSync(join(root, 'dist/wordtally'), { recursive: true });
    const again = await nx(root, ['run', 'wordtally:build-wheel']);
    assert.equal(again.cached, 1, again.output);
    assert.ok(existsSync(join(root, 'dist/wordtally/build-wheel/wordtally-0.3.0-py3-none-any.whl')));
    const before = digestsOf(recordOf(root, 'wordtally', 'build-wheel'));
    appendFileSync(join(root, 'wordtally/README.md'), '\nA line more.\n');
    const changed = await nx(root, ['run', 'wordtally:build-wheel']);
    assert.equal(changed.cached, 0, changed.output);
    assert.notDeepEqual(digestsOf(recordOf(root, 'wordtally', 'build-wheel')), before);
  });

  test('a dry run builds nothing and says what would be built', async () => {
    appendFileSync(join(root, 'wordtally/src/wordtally/counting.py'), '\n# A comment.\n');
    const before = readFileSync(join(root, 'dist/wordtally/build-wheel/artifacts.json'), 'utf8');
    const { exitCode, output } = await nx(root, ['run', 'wordtally:build-wheel', '--dry-run']);
    assert.equal(exitCode, 0, output);
    assert.match(output, /wordtally-0\.3\.0-py3-none-any\.whl/);
    assert.match(output, /wordtally-0\.3\.0\.tar\.gz/);
    assert.equal(readFileSync(join(root, 'dist/wordtally/build-wheel/artifacts.json'), 'utf8'), before);
  });
});

describe('pychat', { skip: noCargo }, () => {
  test('builds wordtally first and carries its wheel', async () => {
    rmSync(join(root, 'dist/wordtally'), { recursive: true, force: true });
    const { exitCode, output } = await nx(root, ['run', 'pychat:package-linux']);
    assert.equal(exitCode, 0, output);
    const wheel = recordOf(root, 'wordtally', 'build-wheel').artifacts.find(({ kind }) => kind === 'wheel');
    const bundle = recordOf(root, 'pychat', 'package-linux').artifacts.find(({ kind }) => kind === 'bundle-archive');
    assert.ok(bundle.madeFrom.includes(`sha256:${wheel.sha256}`), JSON.stringify(bundle));
    const archive = join(root, 'dist/pychat/package-linux', bundle.path);
    const listed = await mustRun('tar', ['-tzf', archive], { quiet: true });
    assert.match(listed.output, /\/python\/vendor\/wordtally\/counting\.py$/m);
    assert.match(listed.output, /\/python\/vendor\/wordtally-0\.3\.0\.dist-info\/METADATA$/m);
  });

  test('is not packaged again for a file of wordtally that no wheel holds', async () => {
    appendFileSync(join(root, 'wordtally/notes.txt'), 'A comment.\n');
    const { exitCode, cached, output } = await nx(root, ['run', 'pychat:package-linux']);
    assert.equal(exitCode, 0, output);
    assert.equal(cached, 2, `build and package-linux come from the cache, build-wheel runs\n${output}`);
  });
});

describe('every build backend', () => {
  const projects = new Map();

  before(async () => {
    for (const [id, project] of Object.entries(GOOD_PROJECTS)) {
      if (project.needs === undefined || (await commandWorks(project.needs))) projects.set(id, await writeProject(root, id, project));
    }
    const { exitCode, output } = await buildAll(
      root,
      [...projects.values()].map(({ name }) => name),
      {},
      // one process for all of them, as a user may choose
      ['--batch'],
    );
    if (exitCode !== 0) console.log(output);
  });

  for (const [id, { wheel, imports, commands }] of Object.entries(GOOD_PROJECTS)) {
    test(id, (t) => {
      if (!projects.has(id)) return t.skip(`\`${GOOD_PROJECTS[id].needs}\` is not installed`);
      const { record, report, made } = resultOf(root, projects.get(id).project);
      assert.deepEqual(report?.errors, []);
      assert.deepEqual(errorsOf(report), []);
      assert.equal(report.outcome, 'success');
      assert.equal(made.length, 2, made.join(', '));
      assert.match(record.artifacts.find(({ kind }) => kind === 'wheel').name, wheel);
      assertInstalled({ report, record }, { imports, commands });
    });
  }
});

/** `build-wheel` on broken and hostile projects, with the real backends: how each fault is told, and that nothing is left behind. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { mustRun } from '../tools/run-command.mjs';
import { SECRET, badProjects } from './wheels/bad-projects.mjs';
import { hostile } from './wheels/hostile-backend.mjs';
import { UNSTEADY_PROJECTS } from './wheels/unsteady-projects.mjs';
import { PLACE, buildAll, errorsOf, resultOf, writeProject } from './wheels/wheel-workspace.mjs';
import { openWorkspace } from './workspace.mjs';

let workspace;
let root;

before(async () => {
  workspace = await openWorkspace();
  root = workspace.root;
});
after(() => {
  rmSync(join(root, PLACE), { recursive: true, force: true });
  rmSync(join(root, 'dist', PLACE), { recursive: true, force: true });
  workspace.remove();
});

/** Command lines of running processes with this text; one that ends meanwhile has none. */
const commandsThatName = (text) =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch (error) {
        assert.match(error.code, /^(ENOENT|ESRCH)$/);
        return '';
      }
    })
    .filter((command) => command.includes(text));

describe('build-wheel refuses', () => {
  const marks = mkdtempSync(join(tmpdir(), 'waybill-marks-'));
  const library = join(marks, 'fast.so');
  const rows = badProjects({ marks, library });
  const projects = new Map();
  let output;

  before(async () => {
    // Calls what glibc has since 2.34 alone, so that an older tag is a lie.
    const source = join(marks, 'fast.c');
    writeFileSync(source, '#include <pthread.h>\nint fast(pthread_t t) { return pthread_join(t, 0); }\n');
    await mustRun('cc', ['-shared', '-fPIC', '-o', library, source], { quiet: true });
    let env = {};
    for (const [id, project] of Object.entries(rows)) {
      const place = await writeProject(root, id, project);
      projects.set(id, place);
      env = { ...env, ...project.env?.(place) };
    }
    ({ output } = await buildAll(
      root,
      [...projects.values()].map(({ name }) => name),
      env,
    ));
  });
  after(() => rmSync(marks, { recursive: true, force: true }));

  for (const [id, { code, check, names = /./ }] of Object.entries(rows)) {
    test(id, () => {
      const { report, record, made } = resultOf(root, projects.get(id).project);
      assert.equal(report?.outcome, 'failure', JSON.stringify(report?.findings ?? output.slice(0, 4000)));
      const told = code ? report.errors : errorsOf(report);
      const fitting = told.filter((item) => (code ? code.test(item.code) : check.test(item.check)));
      assert.ok(fitting.length > 0, JSON.stringify([report.errors, report.findings], null, 1));
      assert.match(JSON.stringify(fitting), names);
      for (const { fix, message } of fitting) assert.ok(fix, `a fix stands with: ${message}`);
      assert.equal(record, undefined, 'no record of what is wrong');
      assert.deepEqual(made, []);
    });
  }

  test('and one broken manifest is told by name, and stops nobody else', () => {
    const { project } = projects.get('a pyproject.toml that is no TOML');
    assert.match(output, new RegExp(`GRAPH_MANIFEST \`${project}/pyproject\\.toml\``));
  });

  test('in words that tell no secret and show no stack', () => {
    assert.ok(!output.includes(SECRET), 'the secret is in the output');
    const { report } = resultOf(root, projects.get('a backend that prints a secret').project);
    assert.ok(!JSON.stringify(report).includes(SECRET));
    assert.doesNotMatch(output, /^\s+at .*\.js:\d+/m);
  });

  test('and leaves nothing running, nothing in the projects and no workplace', () => {
    assert.ok(existsSync(join(marks, 'child')), 'the backend that hung had a child');
    assert.deepEqual(commandsThatName(join(marks, 'child')), [], 'which was ended with it');
    const names = [...projects.values()].map(({ name }) => `waybill-build-${name}-`);
    const left = readdirSync('/tmp').filter((file) => names.some((name) => file.startsWith(name)) && !file.endsWith('.lock'));
    assert.deepEqual(left, []);
    for (const { folder } of projects.values()) {
      const stray = readdirSync(folder).filter((file) => /^(build|dist|.*\.egg-info|__pycache__|target)$/.test(file));
      assert.deepEqual(stray, [], folder);
    }
  });

  test('with the result of before kept', async () => {
    const id = 'good, then bad';
    const good = hostile();
    const { name, project } = await writeProject(root, id, { files: good });
    const first = await buildAll(root, [name]);
    assert.equal(first.exitCode, 0, first.output);
    const { record, made } = resultOf(root, project);
    await writeProject(root, id, { files: { ...good, 'hostile.py': '1 / 0\n' } });
    const second = await buildAll(root, [name]);
    assert.notEqual(second.exitCode, 0);
    assert.match(second.output, /fix: \S/);
    assert.deepEqual(resultOf(root, project).record, record);
    assert.deepEqual(resultOf(root, project).made, made);
    assert.equal(resultOf(root, project).report.outcome, 'failure');
  });
});

describe('reproducible: verify', () => {
  const projects = new Map();

  before(async () => {
    for (const [id, { files }] of Object.entries({ ...UNSTEADY_PROJECTS, nothing: { files: hostile() } })) {
      if (files)
        projects.set(id, await writeProject(root, `unsteady ${id}`, { files, options: { reproducible: 'verify', install: { enabled: false } } }));
    }
    await buildAll(
      root,
      [...projects.values()].map(({ name }) => name),
    );
  });

  for (const [id, { cause }] of Object.entries(UNSTEADY_PROJECTS)) {
    test(`names ${id}`, () => {
      const { report } = resultOf(root, projects.get(id).project);
      const found = (report?.findings ?? []).filter(({ check }) => check === 'reproducible');
      assert.ok(found.length > 0, JSON.stringify(report));
      assert.match(JSON.stringify(found[0]), cause);
    });
  }

  test('finds nothing in a steady project', () => {
    const { report } = resultOf(root, projects.get('nothing').project);
    assert.equal(report.outcome, 'success', JSON.stringify(report));
  });
});

/** Good bundles of three kinds of Python are green, and a change of the interpreter packages and proves again. */
import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { debianRuntime, standaloneArchive } from './other-runtimes.mjs';
import { writeTinyApp } from './tiny-app.mjs';
import { nx, openWorkspace, readJson, recordOf } from './workspace.mjs';

const [debian, standalone] = [await debianRuntime(), await standaloneArchive()];
const reasonOf = (runtime) => (typeof runtime === 'string' ? runtime : false);
const APPS = ['tiny-debian', 'tiny-standalone', 'tiny-other'];
let root;
let workspace;

before(async () => {
  workspace = await openWorkspace();
  root = workspace.root;
});
after(() => {
  for (const name of APPS) for (const folder of [name, `dist/${name}`]) rmSync(join(root, folder), { recursive: true, force: true });
  rmSync(join(root, '.other'), { recursive: true, force: true });
  workspace.remove();
});

async function proved(name, version, env) {
  const { exitCode, output, cached } = await nx(root, ['run', `${name}:smoke-linux`], env);
  assert.equal(exitCode, 0, output);
  const report = readJson(root, 'dist', name, 'smoke-linux/report.json');
  assert.deepEqual(
    report.findings.filter(({ level }) => level === 'error'),
    [],
  );
  assert.equal(recordOf(root, name, 'smoke-linux').facts.verdict, 'passed');
  assert.equal(recordOf(root, name, 'package-linux').facts.python, version);
  return { output, cached };
}

describe('no check is red on a good bundle of', () => {
  test("Debian's packages", { skip: reasonOf(debian) }, async () => {
    writeTinyApp(root, 'tiny-debian', { runtime: { path: debian.python }, outside: debian.python });
    await proved('tiny-debian', debian.version);
  });

  test('an archive runtime', { skip: reasonOf(standalone) }, async () => {
    const { file, sha256, version } = standalone;
    writeTinyApp(root, 'tiny-standalone', { runtime: { provider: 'archive', path: file, sha256 } });
    await proved('tiny-standalone', version);
  });
});

describe('a change of the interpreter packages and proves again', { skip: reasonOf(debian) }, () => {
  test('on PATH: another Python, the first again, one that was built again in its place', async () => {
    writeTinyApp(root, 'tiny-other');
    const home = join(root, '.other/usr');
    cpSync(dirname(dirname(debian.python)), home, { recursive: true, verbatimSymlinks: true });
    const executable = join(home, 'bin', debian.python.split('/').at(-1));
    const bin = join(root, '.other/bin');
    mkdirSync(bin);
    symlinkSync(executable, join(bin, 'python3'));
    const other = { PATH: `${bin}:${process.env.PATH}`, PYENV_VERSION: undefined };
    const first = await nx(root, ['run', 'tiny-other:smoke-linux']);
    assert.equal(first.exitCode, 0, first.output);
    const own = recordOf(root, 'tiny-other', 'package-linux').facts.python;
    const changed = await proved('tiny-other', debian.version, other);
    assert.equal(changed.cached, 0, changed.output);
    assert.equal((await proved('tiny-other', debian.version, other)).cached, 2);
    assert.equal((await proved('tiny-other', own)).cached, 2, 'the first result is still there');
    appendFileSync(executable, '\0');
    const rebuilt = await proved('tiny-other', debian.version, other);
    assert.equal(rebuilt.cached, 0, rebuilt.output);
  });
});

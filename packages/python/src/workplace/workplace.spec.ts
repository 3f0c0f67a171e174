import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync, chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createProcesses } from '@waybill/core';
import { temporaryFolder } from '@waybill/core/testing';
import { fakeProcesses } from '@waybill/plugin-kit/testing';
import { copySources } from './copy-sources';
import { giveGit } from './give-git';
import { listSources } from './list-sources';
import { withWorkplace } from './open-workplace';
import { changesBetween, watchTree } from './watch-tree';

const folder = temporaryFolder();
const at = (...parts: string[]): string => join(folder.path, ...parts);
const EPOCH = 1_580_601_600;

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text);
  }
}

const environment = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' };
const gitIn = (workspaceRoot: string) => ({ processes: createProcesses(), workspaceRoot, environment });
const git = (...args: string[]): string => execFileSync('git', args, { cwd: folder.path, encoding: 'utf8' });

describe('withWorkplace', () => {
  const open = <T>(work: () => Promise<T>) =>
    withWorkplace({ path: at('place'), timeoutMs: 2_000, onWait: () => undefined, removeOnEnd: () => () => undefined }, work);

  it('gives an empty private folder, and takes it away whatever happens', async () => {
    await expect(
      open(async () => {
        expect(statSync(at('place')).mode & 0o777).toBe(0o700);
        expect(readdirSync(at('place/build/src'))).toEqual([]);
        throw new Error('the work fails');
      }),
    ).rejects.toThrow('the work fails');
    expect(existsSync(at('place'))).toBe(false);
  });

  it('removes what a killed run left', async () => {
    write({ 'place/.waybill-build/x': '', 'place/build/old.py': '' });
    expect(await open(async () => readdirSync(at('place/build')))).toEqual(['src']);
  });

  it.each<[string, () => void]>([
    ['a link', () => symlinkSync(folder.path, at('place'))],
    ['a file', () => writeFileSync(at('place'), '')],
    ['a folder with files', () => write({ 'place/mine.txt': '' })],
  ])('WHEEL_WORKPLACE: %s stands there, and is left alone', async (_, plant) => {
    plant();
    const before = lstatSync(at('place')).mode;
    await expect(open(async () => 'done')).rejects.toMatchObject({ code: 'WHEEL_WORKPLACE' });
    expect(lstatSync(at('place')).mode).toBe(before);
  });

  it('makes builds of one project wait for each other', async () => {
    const order: string[] = [];
    const one = async (name: string): Promise<void> => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 50));
      order.push(`${name} ends`);
    };
    await Promise.all([open(() => one('a')), open(() => one('b'))]);
    expect(order.map((line) => line.split(' ')[1])).toEqual(['begins', 'ends', 'begins', 'ends']);
  });
});

describe('listSources', () => {
  const FILES = {
    'lib/a.py': '',
    'lib/build/lib/a.py': '',
    'lib/x.egg-info/PKG-INFO': '',
    'lib/.venv/x.py': '',
    'lib/__pycache__/a.pyc': '',
    'lib/new.py': '',
    'lib/deep/x.egg-info/SOURCES.txt': '',
  };

  it('lists what git would take', async () => {
    write({ ...FILES, '.gitignore': 'build/\n*.egg-info/\n.venv/\n__pycache__/\n', 'lib/gone.py': '', 'other.py': '' });
    git('init', '-q');
    git('add', 'lib/a.py', 'lib/gone.py');
    execFileSync('rm', [at('lib/gone.py')]);
    expect(await listSources(gitIn(folder.path), 'lib')).toEqual({ from: 'git', paths: ['a.py', 'new.py'] });
  });

  const withoutGit = (readsGit = false) => listSources({ processes: fakeProcesses(), workspaceRoot: folder.path, environment }, 'lib', readsGit);

  it('leaves out caches, environments and results where there is no git', async () => {
    const tests = { 'lib/.hypothesis/x': '', 'lib/htmlcov/index.html': '', 'lib/.coverage.host.4711.x': '' };
    write({ ...FILES, ...tests, 'lib/env/pyvenv.cfg': '', 'lib/venv/pyvenv.cfg': '' });
    expect(await withoutGit()).toEqual({ from: 'folder', paths: ['a.py', 'new.py'] });
  });

  it('leaves out egg-info that git has, and keeps a package that is called as an environment', async () => {
    write({ 'lib/x.egg-info/SOURCES.txt': '', 'lib/venv/__init__.py': '' });
    git('init', '-q');
    git('add', '.');
    expect((await listSources(gitIn(folder.path), 'lib')).paths).toEqual(['venv/__init__.py']);
    expect((await withoutGit()).paths).toEqual(['venv/__init__.py']);
  });

  it('keeps egg-info of an unpacked sdist: it alone says what belongs in it, unless git is asked', async () => {
    write({ 'lib/PKG-INFO': '', 'lib/src/x.egg-info/SOURCES.txt': '' });
    expect((await withoutGit()).paths).toEqual(['PKG-INFO', 'src/x.egg-info/SOURCES.txt']);
    expect((await withoutGit(true)).paths).toEqual(['PKG-INFO']);
  });
});

describe('copySources', () => {
  const copy = (paths: readonly string[]) => copySources({ from: at('src'), paths, to: at('copy'), mtimeSeconds: EPOCH, shownAs: 'libs/demo' });

  it('gives every file one time and a plain mode', async () => {
    write({ 'src/a.py': 'x', 'src/deep/run.sh': '' });
    chmodSync(at('src/a.py'), 0o600);
    chmodSync(at('src/deep/run.sh'), 0o770);
    symlinkSync('../a.py', at('src/deep/link.py'));
    await copy(['a.py', 'deep/link.py', 'deep/run.sh']);
    expect([statSync(at('copy/a.py')).mode & 0o777, statSync(at('copy/deep/run.sh')).mode & 0o777]).toEqual([0o644, 0o755]);
    for (const path of ['copy', 'copy/a.py', 'copy/deep', 'copy/deep/link.py']) expect(lstatSync(at(path)).mtimeMs).toBe(EPOCH * 1_000);
  });

  it.each(['/etc/hostname', '../../secret', '../..'])('WHEEL_LINK_OUTSIDE: a link to %s', async (target) => {
    write({ 'src/deep/x': '' });
    symlinkSync(target, at('src/deep/link'));
    await expect(copy(['deep/link'])).rejects.toMatchObject({ code: 'WHEEL_LINK_OUTSIDE', message: expect.stringContaining('libs/demo/deep/link') });
  });

  it('WHEEL_SOURCE_SPECIAL: a pipe', async () => {
    write({ 'src/a.py': '' });
    execFileSync('mkfifo', [at('src/pipe')]);
    await expect(copy(['pipe'])).rejects.toMatchObject({ code: 'WHEEL_SOURCE_SPECIAL' });
  });
});

describe('giveGit', () => {
  const give = (run = gitIn(folder.path)) => giveGit({ git: run, folder: at('copy'), version: '1.4.0', epochSeconds: EPOCH });

  it('makes one commit of all files, with the version as its tag, the same each time', async () => {
    write({ 'copy/a.py': '', 'copy/.gitignore': 'a.py\n' });
    await give();
    const describe = execFileSync('git', ['describe', '--tags'], { cwd: at('copy'), encoding: 'utf8' }).trim();
    const files = execFileSync('git', ['ls-files'], { cwd: at('copy'), encoding: 'utf8' })
      .trim()
      .split('\n');
    expect([describe, files]).toEqual(['v1.4.0', ['.gitignore', 'a.py']]);
  });

  it('WHEEL_GIT: there is no git', async () => {
    write({ 'copy/a.py': '' });
    await expect(give({ processes: fakeProcesses(), workspaceRoot: folder.path, environment })).rejects.toMatchObject({ code: 'WHEEL_GIT' });
  });
});

it('watchTree sees nothing of tests that run beside a build, and sees other hidden files', () => {
  write({ 'a.py': '1' });
  const before = watchTree(folder.path);
  const caches = ['.pytest_cache', '.mypy_cache', '.ruff_cache', '.tox', '.nox', '.hypothesis', 'htmlcov'].map((name) => [`lib/${name}/x`, '']);
  write({ ...Object.fromEntries(caches), '.coverage': '', 'lib/.coverage.host.4711.x': '', '.coveragerc': '' });
  expect(changesBetween(before, watchTree(folder.path)).added).toEqual(['.coveragerc', 'lib']);
});

it('watchTree sees what was added, changed and removed, and not what other tools do in their folders', () => {
  write({ 'a.py': '1', 'b.py': '1', 'node_modules/x.js': '' });
  const before = watchTree(folder.path);
  write({ 'a.py': '22', 'c/d.py': '', 'node_modules/y.js': '' });
  execFileSync('rm', [at('b.py')]);
  expect(changesBetween(before, watchTree(folder.path))).toEqual({ added: ['c', 'c/d.py'], changed: ['a.py'], removed: ['b.py'] });
});

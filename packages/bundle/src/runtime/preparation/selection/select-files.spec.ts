import { join } from 'node:path';
import { temporaryFolder } from '@waybill/core/testing';
import type { PruneOptions, RuntimeFacts } from '../../runtime-facts';
import { madeUpHome } from '../../testing/made-up-home';
import { writeTree, type TreeSpec } from '../../testing/write-tree';
import { PRUNE_RULES } from './prune-table';
import { selectFiles } from './select-files';

const folder = temporaryFolder();
const STDLIB = 'lib/python3.11';

const EXTRA: TreeSpec = {
  [`${STDLIB}/site-packages/requests/__init__.py`]: '',
  [`${STDLIB}/site-packages/requests/LICENSE`]: '',
  [`${STDLIB}/__pycache__/os.cpython-311.pyc`]: '',
  [`${STDLIB}/config-3.11-x86_64-linux-gnu/Makefile`]: '',
  [`${STDLIB}/EXTERNALLY-MANAGED`]: '',
  [`${STDLIB}/build-details.json`]: '',
  [`${STDLIB}/sitecustomize.py`]: '-> /etc/python3.11/sitecustomize.py',
  [`${STDLIB}/test/test_os.py`]: '',
  [`${STDLIB}/test/support/__init__.py`]: '',
  [`${STDLIB}/ctypes/test/test_x.py`]: '',
  [`${STDLIB}/ctypes/__init__.py`]: '',
  [`${STDLIB}/idlelib/idle.py`]: '',
  [`${STDLIB}/tkinter/__init__.py`]: '',
  [`${STDLIB}/ensurepip/_bundled/pip.whl`]: '',
  [`${STDLIB}/ensurepip/__init__.py`]: '',
  [`${STDLIB}/lib-dynload/_testcapi.cpython-311-x86_64-linux-gnu.so`]: '',
  [`${STDLIB}/lib-dynload/nis.cpython-311-x86_64-linux-gnu.so`]: '',
  [`${STDLIB}/outward.py`]: '-> ../../../../etc/passwd',
  [`${STDLIB}/dangling.py`]: '-> nowhere.py',
  [`${STDLIB}/inward.py`]: '-> os.py',
  'include/python3.11/Python.h': '',
  'share/man/man1/python3.1': '',
  'lib/pkgconfig/python-3.11.pc': '',
  'lib/libpython3.11.a': '',
  'bin/pip!': '#!/usr/bin/python3\n',
  'bin/flask!': '#!/usr/bin/python3\n',
};

function select(options: Partial<PruneOptions> = {}, more: Partial<RuntimeFacts> = {}, withLibpython = true) {
  const home = join(folder.path, 'home');
  writeTree(home, { ...madeUpHome(), ...EXTRA });
  const runtime: RuntimeFacts = {
    provider: 'interpreter',
    version: '3.11.7',
    series: '3.11',
    abiFlags: '',
    executable: join(home, 'bin/python3.11'),
    prefix: home,
    realPrefix: home,
    stdlib: join(home, STDLIB),
    dynload: join(home, STDLIB, 'lib-dynload'),
    platlibdir: 'lib',
    staticInterpreter: false,
    architecture: 'x86_64',
    runsHere: false,
    libpython: { file: join(home, 'lib/libpython3.11.so.1.0'), soname: 'libpython3.11.so.1.0' },
    source: 'x',
    licenceFiles: [],
    leakOrigins: [],
    layout: 'home',
    ...more,
  };
  const { files, pruned } = selectFiles(runtime, { preset: 'safe', keep: [], drop: [], ...options }, withLibpython);
  return {
    files: files.map(({ to }) => to),
    pruned: pruned.map(({ path }) => path),
    reasons: new Map(pruned.map(({ path, reason }) => [path, reason])),
  };
}

describe('selectFiles', () => {
  it('takes the library, one executable and libpython, and nothing else of the home', () => {
    const { files } = select();
    expect(files).toEqual([
      'bin/python3.11',
      'lib/libpython3.11.so.1.0',
      `${STDLIB}/LICENSE.txt`,
      `${STDLIB}/_sysconfigdata__linux_x86_64-linux-gnu.py`,
      `${STDLIB}/ctypes/__init__.py`,
      `${STDLIB}/ensurepip/__init__.py`,
      `${STDLIB}/inward.py`,
      `${STDLIB}/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so`,
      `${STDLIB}/os.py`,
      `${STDLIB}/tkinter/__init__.py`,
    ]);
  });

  it('gives a reason for everything that it leaves out, but for byte code, which comes and goes', () => {
    const { pruned, reasons } = select();
    expect(pruned).toEqual(
      expect.arrayContaining([
        `${STDLIB}/site-packages`,
        `${STDLIB}/test`,
        `${STDLIB}/outward.py`,
        `${STDLIB}/dangling.py`,
        `${STDLIB}/sitecustomize.py`,
        'include/python3.11',
        'share/man/man1',
      ]),
    );
    expect(pruned.join()).not.toContain('__pycache__');
    for (const reason of reasons.values()) expect(reason).toMatch(/\S/);
  });

  it('keeps tests and headers with the preset none, but nothing that cannot be right elsewhere', () => {
    const { files, pruned } = select({ preset: 'none' });
    expect(files).toEqual(
      expect.arrayContaining([
        `${STDLIB}/test/test_os.py`,
        'include/python3.11/Python.h',
        'share/man/man1/python3.1',
        `${STDLIB}/lib-dynload/nis.cpython-311-x86_64-linux-gnu.so`,
      ]),
    );
    expect(pruned.sort()).toEqual([
      `${STDLIB}/EXTERNALLY-MANAGED`,
      `${STDLIB}/build-details.json`,
      `${STDLIB}/config-3.11-x86_64-linux-gnu`,
      `${STDLIB}/dangling.py`,
      `${STDLIB}/outward.py`,
      `${STDLIB}/site-packages`,
      `${STDLIB}/sitecustomize.py`,
    ]);
  });

  it('drops more with the preset small, and never a licence', () => {
    const { files } = select({ preset: 'small' });
    expect(files.join()).not.toMatch(/tkinter|ensurepip/);
    expect(files).toContain(`${STDLIB}/LICENSE.txt`);
  });

  it('keeps and drops what the user names, as glob or module', () => {
    const { files, pruned } = select({ keep: [`${STDLIB}/test/support/**`, 'nis'], drop: ['tkinter', `${STDLIB}/ctypes`] });
    expect(files).toEqual(
      expect.arrayContaining([`${STDLIB}/test/support/__init__.py`, `${STDLIB}/lib-dynload/nis.cpython-311-x86_64-linux-gnu.so`]),
    );
    expect(files.join()).not.toMatch(/test_os|tkinter|ctypes/);
    expect(pruned).toEqual(expect.arrayContaining([`${STDLIB}/test/test_os.py`, `${STDLIB}/tkinter`, `${STDLIB}/ctypes`]));
  });

  it('does not let the user keep packages of the interpreter', () => {
    expect(select({ keep: [`${STDLIB}/site-packages/**`, 'site-packages'] }).files.join()).not.toContain('requests');
  });

  it('takes only what is Python’s own from a prefix that others share', () => {
    const { files } = select({ preset: 'none' }, { layout: 'system' });
    expect(files.join()).not.toMatch(/include|share/);
  });

  it('leaves libpython out when nothing needs it', () => expect(select({}, {}, false).files.join()).not.toContain('libpython'));

  it('finds extension modules that stand apart from the library', () => {
    writeTree(folder.path, { 'lib64/python3.11/lib-dynload/_apart.so': '' });
    const { files } = select({}, { dynload: join(folder.path, 'lib64/python3.11/lib-dynload') });
    expect(files).toContain(`${STDLIB}/lib-dynload/_apart.so`);
  });
});

it('has a reason and a pattern of its own in every rule', () => {
  const patterns = PRUNE_RULES.map(({ pattern }) => pattern);
  expect(new Set(patterns).size).toBe(patterns.length);
  expect(PRUNE_RULES.filter(({ reason }) => reason.trim().length < 5)).toEqual([]);
});

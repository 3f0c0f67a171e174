import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVERY_LAUNCHER } from '../testing/every-launcher';
import { findPythons, type TestPython } from '../testing/find-python';
import { nativeLauncher } from '../testing/native-launcher';
import { BundleYard } from '../testing/test-bundle';
import { renderHookFiles } from './render-hook-files';

const run = (file: string, args: readonly string[], env: Record<string, string> = {}) => {
  const { status, stdout, stderr } = spawnSync(file, args, { env, encoding: 'utf8' });
  return { status, stdout, stderr };
};

it('there is a Python to try it with', () => {
  expect(findPythons().length).toBeGreaterThan(0);
});

describe.each(findPythons().map((python): [string, TestPython] => [python.series, python]))('the start hook in Python %s', (series, python) => {
  let yard: BundleYard;
  let root: string;
  let interpreter: string;
  beforeAll(async () => {
    yard = new BundleYard(python, await nativeLauncher());
    root = yard.bundle('app', 'native', 'become');
    interpreter = join(root, `python/runtime/bin/python${series}`);
  });
  afterAll(() => yard.remove());

  it.each(EVERY_LAUNCHER)('serves a %s launcher that has to %s', (kind, behaviour) => {
    const bundle = yard.bundle(`${kind}-${behaviour}`, kind, behaviour);
    const code =
      'import os, sys; print(sys.prefix, sys.executable, sys.stdout.encoding, sorted(os.environ), [p for p in sys.path if p.endswith("vendor")])';
    const { stdout, stderr } = run(join(bundle, 'probe'), ['-c', code]);
    const home = `${bundle}/python/runtime`;
    expect(stderr).toBe('');
    expect(stdout.replace(/\['PWD'\]/, '[]')).toBe(`${home} ${home}/bin/python${series} utf-8 [] ['${bundle}/python/vendor']\n`);
  });

  it('gives back private variables and nothing else', () => {
    const env = {
      WAYBILL_PRIVATE: 'LC_CTYPE:GONE:BYTES',
      WAYBILL_WAS_LC_CTYPE: 'de_DE',
      WAYBILL_WAS_BYTES: 'a:b=c\n',
      LC_CTYPE: 'C.UTF-8',
      GONE: '1',
      BYTES: 'x',
      OTHER: 'stays',
    };
    const { stdout } = run(interpreter, ['-I', '-c', 'import os; print(sorted(os.environ.items()))'], env);
    expect(stdout).toBe(`[('BYTES', 'a:b=c\\n'), ('LC_CTYPE', 'de_DE'), ('OTHER', 'stays')]\n`);
  });

  it('keeps the user’s own packages out of a plain child', () => {
    const home = join(yard.root, 'home');
    const site = join(home, `.local/lib/python${series}/site-packages`);
    mkdirSync(site, { recursive: true });
    mkdirSync(join(home, 'editable'), { recursive: true });
    writeFileSync(join(site, 'evil.pth'), `${home}/editable\n`);
    const code = 'import site, sys; print([p for p in sys.path if "home" in p], site.ENABLE_USER_SITE)';
    expect(run(interpreter, ['-c', code], { HOME: home }).stdout).toBe('[] False\n');
  });

  it('reads the .pth files of the bundle’s packages', () => {
    writeFileSync(join(root, 'python/vendor/more.pth'), 'extra\n');
    mkdirSync(join(root, 'python/vendor/extra'), { recursive: true });
    const { stdout } = run(interpreter, ['-I', '-c', 'import sys; print(sys.path[-2:])']);
    expect(stdout).toBe(`['${root}/python/vendor', '${root}/python/vendor/extra']\n`);
  });

  it('leaves a virtual environment of the bundle’s Python alone', () => {
    const venv = join(yard.root, 'venv');
    run(interpreter, ['-I', '-m', 'venv', '--without-pip', venv]);
    const { stdout } = run(join(venv, 'bin/python'), ['-c', 'import sys; print(sys.prefix, sys.executable, [p for p in sys.path if "vendor" in p])']);
    expect(stdout).toBe(`${venv} ${venv}/bin/python []\n`);
  });

  it('does nothing outside a bundle', () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'waybill-hook-')));
    for (const { path, content } of renderHookFiles('site')) {
      mkdirSync(join(folder, 'site'), { recursive: true });
      writeFileSync(join(folder, path), content as string);
    }
    const code = `import sys; before = list(sys.path), sys.executable; sys.path.insert(0, ${JSON.stringify(`${folder}/site`)}); import _waybill_site; print((sys.path[1:], sys.executable) == before)`;
    const { stdout, stderr } = run(python.executable, ['-c', code], { PATH: '/usr/bin' });
    rmSync(folder, { recursive: true });
    expect([stdout, stderr]).toEqual(['True\n', '']);
  });

  it('loads no module that Python’s start has not loaded', () => {
    const list = 'import sys; print(sorted(sys.modules))';
    const bare = join(yard.root, 'bare');
    cpSync(root, bare, { recursive: true });
    const sitePackages = join(bare, `python/runtime/lib/python${series}/site-packages`);
    rmSync(join(sitePackages, '_waybill_site.py'));
    writeFileSync(join(sitePackages, '_waybill.pth'), '# reading any .pth file loads a codec\n');
    const without = JSON.parse(run(join(bare, `python/runtime/bin/python${series}`), ['-I', '-c', list]).stdout.replaceAll("'", '"'));
    const withHook = JSON.parse(run(interpreter, ['-I', '-c', list]).stdout.replaceAll("'", '"'));
    expect(withHook.filter((name: string) => !without.includes(name))).toEqual(['_waybill_site']);
  });
});

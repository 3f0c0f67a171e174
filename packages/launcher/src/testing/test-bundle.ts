import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { renderHookFiles } from '../hook/render-hook-files';
import type { LauncherBehaviour, LauncherConfig, LauncherFile, LauncherKind } from '../launcher-config';
import { renderLauncherFiles } from '../render-launcher-files';
import type { TestPython } from './find-python';

const LEFT_OUT = /\/(site-packages|dist-packages|test|tests|idlelib|tkinter|ensurepip|config-[^/]*|turtledemo|lib2to3)$/;

/** A temporary folder that holds a runtime from which bundles are made, and the bundles. */
export class BundleYard {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'waybill-launcher-')));
  private readonly base = join(this.root, 'base');

  constructor(
    readonly python: TestPython,
    private readonly nativeLauncher: string,
  ) {
    const runtime = join(this.base, 'python/runtime');
    const stdlib = join(runtime, `lib/python${python.series}`);
    cpSync(python.stdlib, stdlib, { recursive: true, preserveTimestamps: true, filter: (path) => !LEFT_OUT.test(path) });
    copyFileSync(python.libpython, join(runtime, 'lib', basename(python.libpython)));
    for (const folder of ['python/vendor', 'share/waybill']) mkdirSync(join(this.base, folder), { recursive: true });
    copyFileSync(join(__dirname, 'probe.py'), join(this.base, 'python/vendor/probe.py'));
    this.link('python.c', join(runtime, `bin/python${python.series}`), '$ORIGIN/../lib');
    this.link('probe.c', join(this.base, 'bin/probe-bin'), '$ORIGIN/../python/runtime/lib');
    const sitePackages = `python/runtime/lib/python${python.series}/site-packages`;
    place(this.base, renderHookFiles(sitePackages), this.nativeLauncher);
  }

  /** A bundle of its own at `folder` below the yard; files are hard links of one runtime. Returns its root. */
  bundle(folder: string, kind: LauncherKind, behaviour: LauncherBehaviour, changes: Partial<LauncherConfig> = {}): string {
    const root = join(this.root, folder);
    mkdirSync(dirname(root), { recursive: true });
    execFileSync('cp', ['-al', this.base, root]);
    place(root, renderLauncherFiles(this.config(behaviour, changes), kind), this.nativeLauncher);
    return root;
  }

  config(behaviour: LauncherBehaviour, changes: Partial<LauncherConfig> = {}): LauncherConfig {
    const python = `python/runtime/bin/python${this.python.series}`;
    const own =
      behaviour === 'become' ? { program: 'bin/probe-bin', arguments: [] } : { program: python, arguments: ['-I', '-X', 'utf8', '-m', 'probe'] };
    return { behaviour, appName: 'probe', pythonHome: 'python/runtime', python, platform: 'linux-x86_64', ...own, ...changes };
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  private link(source: string, output: string, rpath: string): void {
    mkdirSync(dirname(output), { recursive: true });
    const flags = ['-O1', '-Wl,--disable-new-dtags', `-Wl,-rpath,${rpath}`, '-Wl,--allow-shlib-undefined'];
    execFileSync('cc', [join(__dirname, source), '-o', output, ...flags, this.python.libpython]);
  }
}

function place(root: string, files: readonly LauncherFile[], nativeLauncher: string): void {
  for (const { path, mode, content } of files) {
    const target = join(root, path);
    mkdirSync(dirname(target), { recursive: true });
    if (typeof content === 'string') writeFileSync(target, content);
    else copyFileSync(nativeLauncher, target);
    chmodSync(target, mode);
  }
}

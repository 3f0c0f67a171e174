import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { formatMode, MANIFEST_PATH, renderManifest, type ManifestEntry, type TreeManifest } from '@waybill/artifacts';
import { bytesAsSource, readElf, type ElfFacts } from '@waybill/binary';
import { createProcesses, createTools, hashBytes, PATCHELF, readTree } from '@waybill/core';
import { renderHookFiles, renderLauncherFiles } from '@waybill/launcher';
import { isSystemLibrary } from '@waybill/relocation';
import { makeRelative } from './patch-elf';

const QUERY = `
import json, os, sys, sysconfig
v = sysconfig.get_config_var
lib = os.path.join(v("LIBDIR") or "", v("INSTSONAME") or "") if v("Py_ENABLE_SHARED") else ""
print(json.dumps({"version": "%d.%d.%d" % sys.version_info[:3], "series": "%d.%d" % sys.version_info[:2], "prefix": sys.base_prefix,
  "executable": os.path.realpath(sys.executable), "stdlib": os.path.dirname(os.__file__), "libpython": lib,
  "site": "dist-packages" if any(p.endswith("dist-packages") for p in __import__("site").getsitepackages()) else "site-packages"}))
`;
/** What the bundle does without, so that it is made in a second or two. */
const LEFT_OUT = new Set([
  'site-packages',
  'dist-packages',
  'test',
  'tests',
  'idlelib',
  'tkinter',
  'turtledemo',
  'lib2to3',
  'ensurepip',
  '__pycache__',
  'pydoc_data',
  'sitecustomize.py',
  'EXTERNALLY-MANAGED',
  'unittest',
  'distutils',
  'curses',
  'dbm',
  'wsgiref',
  'xmlrpc',
  'venv',
  'pydoc.py',
  'turtle.py',
  'doctest.py',
]);
const DEMO = `
import json, os, platform, sys

def libpython():
    with open("/proc/self/maps") as maps:
        return next((line[line.index("/"):].rstrip("\\n") for line in maps if "/libpython" in line), None)

if __name__ == "__main__":
    import ctypes, decimal, hashlib, json, ssl, sqlite3, zlib
    print(json.dumps({"version": platform.python_version(), "prefix": sys.prefix, "executable": sys.executable, "libpython": libpython(),
      "imports": {"json": json.__file__, "os": os.__file__}}))
`;

export interface HostPython {
  version: string;
  series: string;
  prefix: string;
  executable: string;
  stdlib: string;
  libpython: string;
  /** Debian calls it otherwise. */
  site: 'site-packages' | 'dist-packages';
}

/** A bundle made of the Python of this machine: real, relocatable, with everything that ours have. */
export interface AssembledBundle {
  root: string;
  python: HostPython;
  /** Paths in the bundle. */
  layout: { launcher: string; python: string; stdlib: string; libpython?: string };
  platform: string;
}

export function queryPython(): HostPython {
  return JSON.parse(execFileSync('python3', ['-I', '-c', QUERY], { encoding: 'utf8' })) as HostPython;
}

/** `platform` is that of this machine. A second or two; copy the result for each test that changes it. */
export async function assembleBundle(root: string, platform: string): Promise<AssembledBundle> {
  const python = queryPython();
  const home = 'python/runtime';
  const stdlib = `${home}/lib/python${python.series}`;
  const layout = {
    launcher: 'demo',
    python: `${home}/bin/python${python.series}`,
    stdlib,
    ...(python.libpython !== '' && { libpython: `${home}/lib/${basename(python.libpython)}` }),
  };
  const at = (path: string): string => join(root, path);
  for (const folder of [`${home}/bin`, stdlib, 'python/vendor', 'share/waybill']) mkdirSync(at(folder), { recursive: true });
  copyFileSync(realpathSync(python.executable), at(layout.python));
  if (layout.libpython !== undefined) copyFileSync(realpathSync(python.libpython), at(layout.libpython));
  copyStdlib(python.stdlib, at(stdlib));
  writeFileSync(at(`${home}/lib/python${python.series.replace('.', '')}.zip`), Buffer.from(`PK\x05\x06${'\0'.repeat(18)}`, 'latin1'));
  carryLibraries(root, home, platform);
  for (const { path } of await nativeFiles(root)) {
    makeWritable(at(path));
    stripFile(at(path));
    if (path === layout.python) await giveSearchPath(at(path));
    makeRelative(at(path), path === layout.python ? '$ORIGIN/../lib' : undefined, python.prefix);
  }
  neutraliseTexts(at(stdlib), python.prefix);
  writeFileSync(at('python/vendor/demo.py'), DEMO);
  const config = {
    behaviour: 'supervise',
    appName: 'demo',
    program: layout.python,
    pythonHome: home,
    python: layout.python,
    arguments: ['-I', '-X', 'utf8', '-m', 'demo'],
    platform,
  } as const;
  for (const file of [...renderLauncherFiles(config, 'shell'), ...renderHookFiles(`${stdlib}/${python.site}`)]) {
    mkdirSync(dirname(at(file.path)), { recursive: true });
    writeFileSync(at(file.path), file.content as string);
    chmodSync(at(file.path), file.mode);
  }
  compile(root, at(layout.python), [at(stdlib), at('python/vendor')]);
  await writeManifest(root, { ...layout, version: python.version, platform });
  return { root, python, layout, platform };
}

function copyStdlib(from: string, to: string): void {
  cpSync(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) =>
      !LEFT_OUT.has(basename(source)) &&
      !/\/config-\d[^/]*$/.test(source) &&
      !/_tkinter|readline|_codecs_|lib-dynload\/audioop|^(big5|cp\d|euc|gb|iso2022|johab|koi8|mac_|shift|hp_|ptcp|tis)|nis\.|_dbm|_gdbm|_curses|_testcapi|_ctypes_test|_xxtestfuzz|_testbuffer|_testclinic|_testinternalcapi/.test(
        basename(source),
      ),
  });
}

async function nativeFiles(root: string): Promise<{ path: string; elf: ElfFacts }[]> {
  const items = await readTree(root);
  return items.flatMap(({ path, kind }) => {
    if (kind !== 'file' || !/\.so|\/bin\//.test(path)) return [];
    const reading = readElf(bytesAsSource(readFileSync(join(root, path))));
    return reading.ok ? [{ path, elf: reading.facts }] : [];
  });
}

/** Beside libpython, where the executable's search path leads. */
function carryLibraries(root: string, home: string, platform: string): void {
  const cache = execFileSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' });
  const queue = readdirSync(join(root, home), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.so|^bin\//.test(path))
    .map((path) => join(root, home, path));
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    const reading = readElf(bytesAsSource(readFileSync(file)), { symbols: false });
    for (const name of reading.ok ? reading.facts.needed : []) {
      const target = join(root, home, 'lib', name);
      const source = cache
        .split('\n')
        .find((line) => line.trim().startsWith(`${name} (libc6,x86-64`) || line.trim().startsWith(`${name} (libc6,AArch64`))
        ?.split('=> ')[1];
      if (isSystemLibrary(platform, name) || existsSync(target) || source === undefined) continue;
      copyFileSync(realpathSync(source), target);
      queue.push(target);
    }
  }
}

/** An interpreter that was built without a search path (Debian's) has no room for one: patchelf makes it. */
async function giveSearchPath(file: string): Promise<void> {
  const reading = readElf(bytesAsSource(readFileSync(file)), { symbols: false });
  if (!reading.ok || (reading.facts.rpath ?? reading.facts.runpath ?? '').length >= '$ORIGIN/../lib'.length) return;
  const patchelf = await createTools({ processes: createProcesses(), environment: process.env }).resolve(PATCHELF);
  execFileSync(patchelf.path, [...patchelf.prefixArgs, '--force-rpath', '--set-rpath', '$ORIGIN/../lib', file]);
}

const makeWritable = (file: string): void => chmodSync(file, 0o755);

function stripFile(file: string): void {
  if (existsSync('/usr/bin/strip')) execFileSync('/usr/bin/strip', ['--strip-unneeded', file], { stdio: 'ignore' });
}

function neutraliseTexts(stdlib: string, prefix: string): void {
  for (const name of readdirSync(stdlib).filter((entry) => entry.startsWith('_sysconfigdata'))) {
    const file = join(stdlib, name);
    writeFileSync(
      file,
      readFileSync(file, 'utf8')
        .replaceAll(prefix, '/install')
        .replaceAll(/\/(root|home|tmp)\/[^\s'"]*/g, '/install'),
    );
  }
}

function compile(root: string, python: string, folders: readonly string[]): void {
  const args = ['-I', '-m', 'compileall', '-q', '-f', '-j', '2', '--invalidation-mode', 'unchecked-hash', '-s', root, '-p', '', ...folders];
  execFileSync(python, args, { env: { PATH: '/usr/bin:/bin', PYTHONHASHSEED: '0' }, stdio: 'ignore' });
}

async function writeManifest(
  root: string,
  of: { launcher: string; python: string; libpython?: string; version: string; platform: string },
): Promise<void> {
  rmSync(join(root, MANIFEST_PATH), { force: true });
  const items = await readTree(root);
  const entries = items.flatMap(({ path, kind, mode, linkTarget }): ManifestEntry[] => {
    if (kind === 'symlink') return [{ path, type: 'symlink', target: linkTarget! }];
    if (kind !== 'file') return [];
    const bytes = readFileSync(join(root, path));
    return [{ path, type: 'file', mode: formatMode(mode), size: bytes.length, sha256: hashBytes(bytes) }];
  });
  const holder = of.libpython ?? of.python;
  const reading = readElf(bytesAsSource(readFileSync(join(root, holder))), { symbols: false });
  const buildId = reading.ok ? reading.facts.buildId : undefined;
  const manifest: TreeManifest = {
    schema: 'waybill/manifest/1',
    name: 'demo',
    version: '1.0.0',
    platform: of.platform,
    kind: 'python-app',
    layout: { launcher: of.launcher, python: of.python, ...(of.libpython !== undefined && { libpython: of.libpython }) },
    runtime: { version: of.version, ...(buildId !== undefined && { buildId }), provider: 'interpreter', source: `interpreter ${of.version}` },
    launcher: { kind: 'shell' },
    carried: [],
    pruned: [],
    entries,
  };
  writeFileSync(join(root, MANIFEST_PATH), renderManifest(manifest));
}

import { isBelow } from '@waybill/core';
import type { BundleEntry, BundleLayout } from '../bundle-facts';
import { isLibpython, isProgram } from '../linkage/host-programs';
import { baseName, folderOf, TreeIndex } from '../linkage/tree-index';
import { findLauncher } from './find-launcher';
import { launcherFolders } from './launcher-folders';
import { readManifestHints } from './manifest-hints';

const STDLIB_LANDMARK = /^(?:(.*)\/)?(?:lib|lib64)\/python(3\.\d+)(t?)\/(?:os\.pyc?|encodings\/__init__\.pyc?)$/;
/** Windows: the standard library has no folder with its series' name. */
const WINDOWS_LANDMARK = /^(?:(.*)\/)?Lib\/(?:os\.pyc?|encodings\/__init__\.pyc?)$/;
const VERSION_LINE = /^#\s*define\s+PY_VERSION\s+"([^"]+)"/m;
const MANIFEST_PATH = 'share/waybill/manifest.json';

/** Where things are in a tree, found by content: our own bundles, raw runtimes and bundles of other tools. */
export function detectLayout(entries: readonly BundleEntry[]): BundleLayout {
  const index = new TreeIndex(entries);
  const manifest = readManifestHints(index.entry(MANIFEST_PATH)?.text);
  const home = findHome(entries);
  const python = manifest.python ?? (home === undefined ? undefined : findPython(index, home));
  const frozen = findFrozen(entries);
  const launcher = findLauncher(entries, index, { python, home: home?.folder, named: manifest.launcher });
  const program = manifest.program ?? findProgram(entries, launcher, python, home?.folder);
  const libpython = findLibpython(entries, index, [program, python, launcher]);
  const libraryFolders = frozen === undefined ? launcherFolders(launcher, index) : [frozen];
  const version = manifest.pythonVersion ?? findVersion(entries);
  return {
    ...(launcher === undefined ? {} : { launcher }),
    ...(program === undefined ? {} : { program }),
    ...(home === undefined ? {} : { pythonHome: home.folder }),
    ...(python === undefined ? {} : { python }),
    ...(libpython === undefined ? {} : { libpython }),
    ...seriesOf(home?.series, libpython),
    ...(home?.freeThreaded === true && { freeThreaded: true }),
    ...(version === undefined ? {} : { pythonVersion: version }),
    sitePackages: findSitePackages(entries, index),
    ...(frozen === undefined ? {} : { frozen: true }),
    ...(libraryFolders.length === 0 ? {} : { launcherLibraryFolders: libraryFolders }),
  };
}

interface Home {
  folder: string;
  series?: string;
  freeThreaded?: boolean;
}

/** The standard library nearest to the root; its home is the folder above `lib`. */
const findHome = (entries: readonly BundleEntry[]): Home | undefined => nearest(entries, STDLIB_LANDMARK) ?? nearest(entries, WINDOWS_LANDMARK);

function nearest(entries: readonly BundleEntry[], landmark: RegExp): Home | undefined {
  let best: Home | undefined;
  for (const { path, kind } of entries) {
    const match = kind === 'file' ? landmark.exec(path) : null;
    if (!match) continue;
    const folder = match[1] ?? '';
    if (!best || folder.length < best.folder.length)
      best = { folder, ...(match[2] !== undefined && { series: match[2], freeThreaded: match[3] === 't' }) };
  }
  return best;
}

function findPython(index: TreeIndex, { folder: home, series = '3' }: Home): string | undefined {
  const bin = home === '' ? 'bin' : `${home}/bin`;
  for (const name of [`python${series}`, 'python3', 'python', `python${series}t`]) {
    const walk = index.walk(`${bin}/${name}`);
    if (walk.kind === 'found' && walk.entry?.elf) return walk.path;
  }
  return undefined;
}

/** A native program of the application: a program outside of the interpreter's home that needs libpython, or that stands where packages of ours put it. */
function findProgram(
  entries: readonly BundleEntry[],
  launcher: string | undefined,
  python: string | undefined,
  home: string | undefined,
): string | undefined {
  const programs = entries.filter((entry) => isProgram(entry) && entry.path !== python && !isInHome(entry.path, home));
  const named = launcher === undefined ? undefined : programs.find(({ path }) => path === `bin/${baseName(launcher)}-bin`);
  const embedding = programs.filter(({ elf }) => elf!.needed.some((name) => isLibpython(baseName(name))));
  return (named ?? embedding[0])?.path;
}

/** The home at the root holds everything, so there only its `bin` and `lib` count as the interpreter's. */
function isInHome(path: string, home: string | undefined): boolean {
  return home !== undefined && home !== '' && isBelow(path, home);
}

/** What a program asks for (T6: several files carry the name); else the only file with such a SONAME. */
function findLibpython(entries: readonly BundleEntry[], index: TreeIndex, programs: readonly (string | undefined)[]): string | undefined {
  const candidates = entries.filter(({ kind, elf }) => kind === 'file' && isLibpython(elf?.soname));
  for (const program of programs) {
    const names = (program === undefined ? [] : (index.entry(program)?.elf?.needed ?? [])).map(baseName);
    const wanted = candidates.find(({ elf, path }) => names.includes(elf!.soname!) || names.includes(baseName(path)));
    if (wanted) return wanted.path;
  }
  return candidates[0]?.path;
}

function seriesOf(series: string | undefined, libpython: string | undefined): { pythonSeries?: string } {
  const named = series ?? (libpython === undefined ? undefined : /libpython(3\.\d+)/.exec(libpython)?.[1]);
  return named === undefined ? {} : { pythonSeries: named };
}

function findVersion(entries: readonly BundleEntry[]): string | undefined {
  const header = entries.find(({ path, text }) => text !== undefined && /(?:^|\/)patchlevel\.h$/.test(path));
  return header?.text === undefined ? undefined : VERSION_LINE.exec(header.text)?.[1];
}

/** Folders called so, and every folder that holds a `*.dist-info`. */
function findSitePackages(entries: readonly BundleEntry[], index: TreeIndex): string[] {
  const found = new Set<string>();
  for (const { path, kind } of entries) {
    if (kind === 'symlink') continue;
    const named = /^((?:.*\/)?(?:site-packages|dist-packages))(?:\/|$)/.exec(path);
    if (named && index.isFolder(named[1]!)) found.add(named[1]!);
    const info = /^(.*?)\/?[^/]+\.dist-info(?:\/|$)/.exec(path);
    if (info && info[1] !== undefined && index.isFolder(info[1])) found.add(info[1]);
  }
  return [...found].sort();
}

/** PyInstaller keeps the modules that start Python in this archive, and its bootloader puts the folder in front of LD_LIBRARY_PATH (bootloader/src/pyi_utils_posix.c). */
function findFrozen(entries: readonly BundleEntry[]): string | undefined {
  const archive = entries.find(({ path, kind }) => kind === 'file' && baseName(path) === 'base_library.zip');
  return archive === undefined ? undefined : folderOf(archive.path);
}

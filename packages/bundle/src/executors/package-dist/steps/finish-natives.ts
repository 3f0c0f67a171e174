import type { CarriedLibrary } from '@waybill/artifacts';
import type { Finding, ResolvedTool } from '@waybill/core';
import { glibcFloor, resolveNeeded, type BundleFacts, type GlibcFloor, type LeakToken } from '@waybill/relocation';
import { basename, dirname, join } from 'node:path/posix';
import { librariesFromHost, vendorLibraries, type VendorLibrariesOptions } from '../../../libraries';
import type { RuntimePorts } from '../../../runtime';
import { checkUnharmed, type NativeFile } from '../../../runtime/preparation/elf-index';
import { neutraliseFiles, replacementsFor } from '../../../runtime/preparation/neutralise-paths';
import { originPath, planSearchPaths, setSearchPaths, type SearchPathChange } from '../../../runtime/preparation/set-search-paths';
import { reduceToDebugData, setDebugDataAside, stripFiles } from '../../../runtime/preparation/strip-files';
import { HOST_LIBRARIES, RUNTIME_LIBRARIES, VENDOR } from './bundle-places';
import { factsOf, refreshed, type NativeTree } from './native-tree';

export interface FinishNativesRequest {
  /** Absolute. */
  root: string;
  /** The tree with everything in it but byte code and what is carried for the application. */
  tree: NativeTree;
  platform: string;
  /** Paths in the bundle of files that the application brought itself (program and `include`). */
  applicationFiles: readonly string[];
  options: VendorLibrariesOptions;
  /** Absolute folders in which a build leaves libraries beside its program. */
  searchFolders: readonly string[];
  /** Absolute folder for debug data. */
  symbolsRoot: string;
  /** Absent: nothing is stripped. */
  stripTool?: ResolvedTool;
  patchelf: ResolvedTool;
  leakTokens: readonly LeakToken[];
  ports: RuntimePorts;
}

export interface FinishedNatives {
  carried: readonly CarriedLibrary[];
  /** SONAMEs that the bundle takes from the system it runs on. */
  fromHost: readonly string[];
  findings: readonly Finding[];
  floor: { before: GlibcFloor; after: GlibcFloor };
  /** Of the finished tree. */
  facts: BundleFacts;
}

/**
 * Makes the application's native files, and what they and the wheels need of the host, part of the bundle: strip, carry, relative
 * DT_RPATH, no path of this machine. In this order: stripping what was patched corrupts it, and patching leaves old strings behind.
 */
export async function finishNatives(request: FinishNativesRequest): Promise<FinishedNatives> {
  const { root, ports, patchelf, platform } = request;
  const ownPaths = new Set(request.applicationFiles);
  const own = request.tree.natives.filter(({ path }) => ownPaths.has(path));
  if (request.stripTool !== undefined && own.length > 0) await stripOwn(request, own, request.stripTool);
  const { carried, dropped, findings } = await vendorLibraries({
    bundleRoot: root,
    facts: factsOf(request.tree, platform),
    options: request.options,
    searchFolders: request.searchFolders,
    patchelf,
    ports,
  });
  const gone = dropped.map(({ path }) => path);
  const added = carried.map(({ path }) => path);
  const now = refreshed(request.tree, root, [...own.map(({ path }) => path), ...added], gone);
  const facts = factsOf(now, platform);
  const fromHost = librariesFromHost(facts, request.options);
  const changes = [...planOwn(now.natives, own), ...planWheels(facts, now.natives, fromHost)];
  if (changes.length > 0) await setSearchPaths(root, changes, patchelf, ports);
  neutraliseOwn(request, own);
  const changed = new Set([...changes.flatMap(({ paths }) => paths), ...own.map(({ path }) => path)]);
  checkUnharmed(
    root,
    now.natives.filter(({ path }) => changed.has(path)),
    'patchelf',
  );
  return { carried, fromHost, findings, floor: floors(facts), facts };
}

/** What the bundle asks of glibc without the libraries of this machine that it carries, and with them (trap T19). Search paths change neither. */
function floors(facts: BundleFacts): FinishedNatives['floor'] {
  const own = facts.entries.filter(({ path }) => dirname(path) !== HOST_LIBRARIES);
  return { before: glibcFloor({ ...facts, entries: own }), after: glibcFloor(facts) };
}

async function stripOwn({ root, symbolsRoot, ports }: FinishNativesRequest, own: readonly NativeFile[], tool: ResolvedTool): Promise<void> {
  await reduceToDebugData(symbolsRoot, setDebugDataAside(root, own, symbolsRoot), tool, ports);
  await stripFiles(root, own, tool, ports);
  checkUnharmed(root, own, 'strip');
}

/** The program searches all library folders of the bundle; a library of the application the folders that hold what it needs. */
function planOwn(natives: readonly NativeFile[], own: readonly NativeFile[]): SearchPathChange[] {
  const isOwn = new Set(own.map(({ path }) => path));
  const places = new Map<string, string>();
  const order = (path: string): number => (dirname(path) === RUNTIME_LIBRARIES ? 0 : dirname(path) === HOST_LIBRARIES ? 1 : isOwn.has(path) ? 2 : 3);
  for (const { path, elf } of [...natives].filter(({ path: file }) => order(file) < 3).sort((a, b) => order(a.path) - order(b.path))) {
    for (const name of [elf.soname ?? basename(path), basename(path)]) if (!places.has(name)) places.set(name, dirname(path));
  }
  const mine = natives.filter(({ path }) => isOwn.has(path));
  return planSearchPaths(mine, (soname) => places.get(soname), [RUNTIME_LIBRARIES, HOST_LIBRARIES]);
}

/**
 * Files of wheels are left as they are, with two exceptions. A RUNPATH keeps the loader from searching by the executable's DT_RPATH, so a file that has one, and needs what only `lib/`
 * holds, gets `lib/` added, as DT_RPATH. An absolute folder (shapely, scipy: where the wheel was built) would let a library of the user's machine win over the system's or the bundle's: it
 * goes, unless something that the file needs can only be there.
 */
function planWheels(facts: BundleFacts, natives: readonly NativeFile[], fromHost: readonly string[]): SearchPathChange[] {
  const carried = new Set(natives.filter(({ path }) => dirname(path) === HOST_LIBRARIES).map(({ path }) => basename(path)));
  return natives.flatMap(({ path, elf }) => {
    const current = (elf.runpath ?? elf.rpath)?.split(':');
    const hidden = elf.runpath !== undefined && elf.needed.some((name) => carried.has(name));
    if (!path.startsWith(`${VENDOR}/`) || current === undefined || !(hidden || current.some(isForeign))) return [];
    const missing = resolveNeeded(facts, path).filter(
      ({ status, needed }) => (status === 'missing' || status === 'outside') && !fromHost.includes(needed),
    );
    const wanted = missing.every(({ needed }) => carried.has(needed)) ? current.filter((element) => !isForeign(element)) : current.filter(Boolean);
    if (missing.some(({ needed }) => carried.has(needed)) && elf.runpath !== undefined) wanted.push(originPath(path, HOST_LIBRARIES));
    return wanted.join(':') === current.join(':') ? [] : [{ rpath: wanted.join(':') || undefined, paths: [path] }];
  });
}

/** An element that leads to the user's machine: absolute, or empty, which stands for the working folder. */
const isForeign = (element: string): boolean => element === '' || element.startsWith('/');

/** Compilers write where they ran into what they make; the place is overwritten at the same length (trap T41). */
function neutraliseOwn({ root, leakTokens }: FinishNativesRequest, own: readonly NativeFile[]): void {
  neutraliseFiles(
    root,
    own.map(({ path }) => path),
    replacementsFor(leakTokens.map(({ path }) => path)),
  );
}

/** Absolute folders beside a program where its build may have left libraries. */
export const buildFolders = (file: string | undefined): string[] => (file === undefined ? [] : [dirname(file), join(dirname(file), 'deps')]);

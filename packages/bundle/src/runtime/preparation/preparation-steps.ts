import { chmodSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { matchGlob } from '@waybill/relocation';
import { bundleErrors } from '../../errors/bundle-errors';
import { findStaticParts, judgeStaticParts } from '../../libraries/static-parts';
import { placeHostLibraries } from '../../libraries/vendor-libraries';
import { compileBytecode } from './compile-bytecode';
import { absolute, forget } from './copy-runtime';
import { checkUnharmed } from './elf-index';
import { neutraliseFiles } from './neutralise-paths';
import { placeLandmark, placeModuleFolder, placeRuntimeLicences, placeSiteLink } from './texts/place-texts';
import { HOME, LIBRARY_FOLDERS, replacementsOf, written, writtenFiles, type Work } from './preparation-work';
import { pathMatcher } from './selection/match-paths';
import { USELESS_WITHOUT } from './selection/prune-table';
import { rewriteSysconfig, statedPrefix } from './texts/rewrite-sysconfig';
import type { RuntimeFacts } from '../runtime-facts';
import { testPreparedRuntime } from './run-prepared';
import { planSearchPaths, setSearchPaths } from './set-search-paths';
import { reduceToDebugData, setDebugDataAside, stripFiles } from './strip-files';

/** sysconfig data, landmark, site link, licences. */
export async function placeTexts(work: Work): Promise<void> {
  const stdlib = absolute(work, work.stdlib);
  const homes = [...new Set([...work.homes, statedPrefix(stdlib) ?? work.runtime.prefix])];
  rewriteSysconfig(stdlib, homes, work.runtime.leakOrigins);
  work.files.push(`${HOME}/${placeLandmark(absolute(work, HOME), work.runtime)}`);
  const inHome = work.stdlib.slice(HOME.length + 1);
  if (!work.files.some((path) => path.startsWith(`${work.stdlib}/lib-dynload/`)))
    work.files.push(`${HOME}/${placeModuleFolder(absolute(work, HOME), inHome)}`);
  placeSiteLink(absolute(work, HOME), inHome);
  work.licences = placeRuntimeLicences(work.root, work.runtime.licenceFiles);
  if (work.licences.length === 0) {
    work.findings.push({
      check: 'licences',
      level: 'warning',
      message: `the runtime (${work.runtime.source}) has no licence text`,
      fix: 'add the licence of Python to the bundle with `include`',
    });
  }
}

/** What goes with an optional extension module: `_tkinter` takes `tkinter/` and the editor along. Any module goes when the user denies its library; none that the user keeps for want of one. */
function dispensable(work: Work): (path: string, byUser: boolean) => { reason: string; alsoDrop: readonly string[] } | undefined {
  const inHome = work.stdlib.slice(HOME.length + 1);
  const kept = pathMatcher(work.request.prune.keep, inHome);
  return (path, byUser) => {
    if (dirname(path) !== `${work.stdlib}/lib-dynload`) return undefined;
    if (!byUser && kept(path.slice(HOME.length + 1))) return undefined;
    const module = basename(path).split('.')[0] ?? '';
    const globs = USELESS_WITHOUT[module] ?? (byUser ? [] : undefined);
    if (!globs) return undefined;
    const places = globs.map((glob) => `${HOME}/${glob.replace('{stdlib}', inHome)}`);
    const tops = new Set(work.files.flatMap((file) => topMatch(file, places)));
    return { reason: `the optional module \`${module}\``, alsoDrop: [...tops].sort() };
  };
}

/** The highest folder above a file, or the file itself, that fits one of the globs. */
function topMatch(file: string, globs: readonly string[]): string[] {
  const parts = file.split('/');
  const candidates = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  const top = candidates.find((candidate) => globs.some((glob) => matchGlob(glob, candidate)));
  return top ? [top] : [];
}

/** Libraries of the host into `lib/`; optional modules whose libraries are refused go. */
export async function carryHostLibraries(work: Work): Promise<void> {
  const { request, runtime } = work;
  const entries = work.natives.map(({ path, elf }) => ({
    path,
    kind: 'file' as const,
    mode: 0o644,
    size: 0,
    mtimeMs: 0,
    content: 'elf' as const,
    elf,
  }));
  work.placed = await placeHostLibraries({
    bundleRoot: work.root,
    facts: { platform: request.platform, entries, layout: { pythonHome: HOME, python: work.python, libpython: work.libpython, sitePackages: [] } },
    options: request.vendorLibraries,
    searchFolders: runtime.layout === 'home' ? [join(runtime.realPrefix, 'lib'), runtime.realPrefix] : [],
    dispensable: dispensable(work),
    patchelf: request.patchelf,
    ports: request.ports,
  });
  const { dropped } = work.placed;
  forget(work, (path) => dropped.some((gone) => path === gone.path || path.startsWith(`${gone.path}/`)));
  work.pruned.push(...dropped);
}

/** What is carried, by name, version and licence. Nothing that a program needs to run waits for it. */
export async function describeCarried(work: Work): Promise<void> {
  const { carried = [], findings = [] } = (await work.placed?.describe()) ?? {};
  const parts = findStaticParts(work.natives, (path) => work.sources.get(path) ?? absolute(work, path), work.licences);
  work.findings.push(...findings, ...judgeStaticParts(parts, work.request.vendorLibraries));
  work.carried.push(...carried, ...parts);
  const texts = [...new Set(carried.flatMap(({ licenceFiles }) => licenceFiles))];
  neutraliseFiles(work.root, texts, replacementsOf(work));
}

export async function keepDebugData(work: Work): Promise<void> {
  const { symbolsRoot, stripTool, ports } = work.request;
  if (stripTool && symbolsRoot) await reduceToDebugData(symbolsRoot, work.symbols, stripTool, ports);
}

export async function stripNatives(work: Work): Promise<void> {
  const { symbolsRoot, stripTool, strip, ports } = work.request;
  if (!stripTool) return;
  if (symbolsRoot) work.symbols = setDebugDataAside(work.root, work.natives, symbolsRoot);
  if (!strip) return;
  await stripFiles(work.root, work.natives, stripTool, ports);
  work.natives = checkUnharmed(work.root, work.natives, 'strip');
}

/** Relative DT_RPATH for the runtime's files; those of carried libraries are set where they are carried. */
export async function patchNatives(work: Work): Promise<void> {
  const carried = (work.placed?.sonames ?? []).map((soname) => `lib/${soname}`);
  const own = work.natives.map(({ path }) => path).filter((path) => dirname(path) === LIBRARY_FOLDERS[0]);
  const places = new Map([...carried, ...own].map((path) => [basename(path), dirname(path)]));
  const changes = planSearchPaths(work.natives, (soname) => places.get(soname), LIBRARY_FOLDERS);
  await setSearchPaths(work.root, changes, work.request.patchelf, work.request.ports);
  work.natives = checkUnharmed(work.root, work.natives, 'patchelf');
}

/** Byte code and copies get their modes from the umask of the machine. */
async function settleModes(work: Work): Promise<void> {
  for (const { path, kind, mode } of await written(work.root)) {
    const wanted = path === work.python ? 0o755 : 0o644;
    if (kind === 'file' && mode !== wanted) chmodSync(absolute(work, path), wanted);
  }
}

/** Overwrites what is left of the building machine's paths in texts that were not read before. What they compile to holds none then. */
export async function neutraliseTexts(work: Work): Promise<void> {
  const natives = new Set(work.natives.map(({ path }) => path));
  const isNative = (path: string): boolean => natives.has(path) || dirname(path) === 'lib';
  const rest = (await writtenFiles(work.root)).filter((path) => !work.neutral.has(path));
  neutraliseFiles(
    work.root,
    rest.filter((path) => !isNative(path)),
    replacementsOf(work),
  );
  work.patched = rest.filter(isNative);
}

/** The same in native files, when nothing changes them any more. */
export async function neutraliseNatives(work: Work): Promise<void> {
  const places = neutraliseFiles(work.root, work.patched, replacementsOf(work));
  if (places.some(({ path }) => work.natives.some((native) => native.path === path))) {
    work.natives = checkUnharmed(work.root, work.natives, 'overwriting build paths');
  }
}

/**
 * Lets the runtime compile its library. What cannot run here says so. An interpreter that was asked who it is compiles where it was found,
 * so that the copy can be stripped and patched meanwhile; one out of an archive may run only when its copy is finished.
 */
export async function compileLibrary(work: Work): Promise<void> {
  const { request, runtime, root } = work;
  if (!runtime.runsHere || request.pyc === 'none') return;
  const python = runsWhereItIs(runtime) ? runtime.executable : work.python;
  const failed = await compileBytecode({ root, python, folders: [work.stdlib], skipTests: true }, request.ports);
  if (failed.length > 0) throw bundleErrors.error('BUNDLE_BYTECODE', { exitCode: 0, output: failed.join('\n') });
}

export const runsWhereItIs = ({ provider }: Pick<RuntimeFacts, 'provider'>): boolean => provider !== 'archive';

/** Proves that the runtime works in its new place. What cannot run here says so. */
export async function tryRuntime(work: Work): Promise<void> {
  const { request, runtime, root } = work;
  await settleModes(work);
  if (runtime.runsHere) return testPreparedRuntime(root, work.python, runtime, request.ports);
  work.findings.push({
    check: 'bytecode',
    level: 'warning',
    message: `the runtime is made for ${runtime.architecture} and was not started on this machine: no byte code, not tried`,
    fix: 'prepare it on a machine of its own kind',
  });
}

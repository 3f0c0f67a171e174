import type { BundleEntry, BundleFacts } from '../bundle-facts';
import type { LinkWorld } from './find-library';
import { type Loading, openLibrary, startProgram } from './load-files';
import type { LoadedObject } from './loaded-object';

/** A program of the bundle, started, with the object in it that opens extension modules. */
export interface HostProgram {
  path: string;
  start: Loading;
  /** libpython where the interpreter is one, else the program: dlopen looks through the search paths of its caller. */
  caller: LoadedObject;
  /** Runs Python: modules are opened in it. */
  python: boolean;
}

const LIBPYTHON = /^libpython3\.\d+[a-z]*\.so/;
/** What an interpreter defines and no other program does. */
const INTERPRETER_SYMBOL = '_Py_NoneStruct';

export function isProgram(entry: BundleEntry): boolean {
  return entry.elf?.interpreter !== undefined && entry.elf.dynamic;
}

/** Soname of a libpython; the shim of the stable ABI (`libpython3.so`) holds no interpreter and does not count. */
export function isLibpython(soname: string | undefined): boolean {
  return soname !== undefined && LIBPYTHON.test(soname);
}

/** All programs: first the one that the launcher starts, then the bundle's own interpreter. */
export function hostPrograms(facts: BundleFacts, world: LinkWorld): HostProgram[] {
  const { layout } = facts;
  const folders = layout.launcherLibraryFolders ?? [];
  const first = [layout.program, layout.python].map((path) => (path === undefined ? undefined : realPath(path, world)));
  const rank = (path: string): number => (first.includes(path) ? first.indexOf(path) : first.length);
  const paths = facts.entries
    .filter(isProgram)
    .map(({ path }) => path)
    .sort((a, b) => rank(a) - rank(b));
  // What the user starts is mapped before it can set a variable for anything.
  const hosts = paths
    .flatMap((path) => hostOf(path, startProgram(path, world, path === layout.launcher ? [] : folders)))
    .map((host) => withFolders(host, folders));
  return hosts.some(({ python }) => python) ? hosts : openLibpython(hosts, layout.libpython, world);
}

function withFolders(host: HostProgram, environmentFolders: readonly string[]): HostProgram {
  return { ...host, start: { ...host.start, scope: { ...host.start.scope, environmentFolders } } };
}

function hostOf(path: string, start: Loading | undefined): HostProgram[] {
  const main = start?.scope.objects[0];
  if (!start || !main) return [];
  const libpython = start.scope.objects.find(({ elf }) => isLibpython(elf.soname));
  const python = libpython !== undefined || main.elf.symbols.some(({ name, defined }) => defined && name === INTERPRETER_SYMBOL);
  return [{ path, start, caller: libpython ?? main, python }];
}

/** No program is linked against libpython: one of them opens it at run time (frozen applications do). */
function openLibpython(hosts: readonly HostProgram[], libpython: string | undefined, world: LinkWorld): HostProgram[] {
  if (libpython === undefined) return [...hosts];
  return hosts.map((host) => {
    const opened = openLibrary(libpython, host.caller, host.start.scope, world);
    const caller = opened?.scope.objects.find(({ path }) => path === libpython);
    if (!opened || !caller) return host;
    const resolutions = new Map([...host.start.resolutions, ...opened.resolutions]);
    return { path: host.path, start: { scope: opened.scope, resolutions }, caller, python: true };
  });
}

function realPath(path: string, world: LinkWorld): string {
  const walk = world.index.walk(path);
  return walk.kind === 'found' ? walk.path : path;
}

import type { BundleEntry } from '../bundle-facts';
import { isSystemLibrary } from '../policy/system-libraries';
import { expandTokens, type SearchElement, splitSearchPath } from './expand-tokens';
import type { LoadedObject, LoadScope } from './loaded-object';
import type { Resolution } from './resolution';
import { folderOf, type TreeIndex } from './tree-index';

/** The bundle as the loader sees it. */
export interface LinkWorld {
  index: TreeIndex;
  platform: string;
  /** `x86_64` */
  architecture: string;
  musl: boolean;
}

export interface Found {
  resolution: Resolution;
  /** The file, when it is in the bundle; `openedIn` is the folder through which it was reached. */
  file?: { entry: BundleEntry; openedIn: string };
}

/**
 * One name, looked for as ld.so does (`_dl_map_object` in elf/dl-load.c, glibc 2.36): what is loaded already; a name with a slash as a path; DT_RPATH of the loader and of each object above it up
 * to the program, unless the loader has DT_RUNPATH; LD_LIBRARY_PATH; DT_RUNPATH of the loader alone; the system. musl (ldso/dynlink.c, `load_library`): LD_LIBRARY_PATH first, then either path of
 * each object upwards.
 */
export function findLibrary(name: string, loader: LoadedObject, scope: LoadScope, world: LinkWorld): Found {
  const loaded = scope.objects.find((object) => object.names.has(name) || object.elf.soname === name);
  if (loaded) {
    return { resolution: { needed: name, status: 'bundle', path: loaded.path, via: `loaded already by ${loaded.loader?.path ?? 'the system'}` } };
  }
  if (name.includes('/')) return findByPath(name, loader, world);
  const searched: string[] = [];
  for (const step of searchSteps(loader, scope, world)) {
    const found = findInElement(name, step.element, world);
    if (found)
      return found.refusal
        ? refused(name, found.refusal, step.via)
        : { resolution: { needed: name, status: 'bundle', path: found.entry.path, via: step.via }, file: found };
    searched.push(step.via);
  }
  if (isSystemLibrary(world.platform, name)) return { resolution: { needed: name, status: 'system', via: 'the system' } };
  return { resolution: { needed: name, status: 'missing', via: searched.length === 0 ? 'no search path' : `searched ${searched.join(', ')}` } };
}

function refused(name: string, refusal: string, via: string): Found {
  return { resolution: { needed: name, status: 'missing', via: `${via} leads to a file that does not load: ${refusal}` } };
}

interface SearchStep {
  element: SearchElement;
  via: string;
}

function* searchSteps(loader: LoadedObject, scope: LoadScope, world: LinkWorld): Generator<SearchStep> {
  if (world.musl) {
    yield* environmentSteps(scope);
    for (let object: LoadedObject | undefined = loader; object; object = object.loader) {
      yield* pathSteps(object.elf.runpath === undefined ? 'RPATH' : 'RUNPATH', object, world);
    }
    return;
  }
  if (loader.elf.runpath === undefined) yield* inheritedRpaths(loader, scope, world);
  yield* environmentSteps(scope);
  yield* pathSteps('RUNPATH', loader, world);
}

/** DT_RPATH upwards. Where an object has DT_RUNPATH its own DT_RPATH counts as absent (`elf_get_dynamic_info`), and the walk goes on. */
function* inheritedRpaths(loader: LoadedObject, scope: LoadScope, world: LinkWorld): Generator<SearchStep> {
  const main = scope.objects[0];
  let reachedMain = false;
  for (let object: LoadedObject | undefined = loader; object; object = object.loader) {
    reachedMain ||= object === main;
    if (object.elf.runpath === undefined) yield* pathSteps('RPATH', object, world);
  }
  if (!reachedMain && main && main.elf.runpath === undefined) yield* pathSteps('RPATH', main, world);
}

function* environmentSteps(scope: LoadScope): Generator<SearchStep> {
  for (const folder of scope.environmentFolders) {
    yield { element: expandTokens('$ORIGIN', folder, ''), via: `LD_LIBRARY_PATH ${folder} set by the launcher` };
  }
}

function* pathSteps(kind: 'RPATH' | 'RUNPATH', object: LoadedObject, world: LinkWorld): Generator<SearchStep> {
  const value = kind === 'RPATH' ? object.elf.rpath : object.elf.runpath;
  for (const element of splitSearchPath(value ?? '', object.origin, world.architecture)) {
    yield { element, via: `${kind} ${element.text === '' ? '(empty)' : element.text} of ${object.path}` };
  }
}

interface Hit {
  entry: BundleEntry;
  openedIn: string;
  refusal?: string;
}

/** The file in an element of a search path: every alternative must lead to one. Files of another class or machine are passed over, as ld.so does. */
function findInElement(name: string, element: SearchElement, world: LinkWorld): Hit | undefined {
  const hits = element.alternatives.map((place) => (place.where === 'bundle' ? openFile(`${place.path}/${name}`, world) : undefined));
  return hits.every((hit) => hit !== undefined) ? hits[0] : undefined;
}

function openFile(path: string, world: LinkWorld): Hit | undefined {
  const walk = world.index.walk(path);
  if (walk.kind !== 'found' || walk.entry?.kind !== 'file') return undefined;
  const { entry } = walk;
  if (!entry.elf) return { entry, openedIn: folderOf(path), refusal: entry.elfRefusal?.message ?? `\`${entry.path}\` is no ELF file` };
  const fits = entry.elf.architecture === world.architecture && (entry.elf.bits === 64) === is64Bit(world.architecture);
  return fits ? { entry, openedIn: folderOf(path) } : undefined;
}

function is64Bit(architecture: string): boolean {
  return !['i386', 'arm', 'ppc', 'mips'].includes(architecture);
}

/** NEEDED with a slash: tokens are replaced, nothing is searched. */
function findByPath(name: string, loader: LoadedObject, world: LinkWorld): Found {
  const outside = (via: string): Found => ({ resolution: { needed: name, status: 'outside', via } });
  const hits: Hit[] = [];
  for (const place of expandTokens(name, loader.origin, world.architecture).alternatives) {
    if (place.where === 'absolute') return outside('an absolute path');
    if (place.where === 'working-folder') return outside('a path relative to the working folder');
    if (world.index.walk(place.path).kind === 'outside') return outside('a path that leaves the bundle');
    const hit = openFile(place.path, world);
    if (!hit) return { resolution: { needed: name, status: 'missing', via: `the path ${place.path}` } };
    hits.push(hit);
  }
  const [hit] = hits;
  if (!hit || hit.refusal !== undefined) return refused(name, hit?.refusal ?? 'nothing is there', 'the path');
  return { resolution: { needed: name, status: 'bundle', path: hit.entry.path, via: 'the path in NEEDED' }, file: hit };
}

import { type LinkWorld, findLibrary } from './find-library';
import { cloneScope, type LoadedObject, type LoadScope, mainObject } from './loaded-object';
import type { Resolution } from './resolution';
import { folderOf } from './tree-index';

/** What loading one file (with everything it needs) came to. */
export interface Loading {
  scope: LoadScope;
  /** Of every object that was loaded by it, the file itself first: path → its DT_NEEDED in order. */
  resolutions: ReadonlyMap<string, readonly Resolution[]>;
}

/** Starts a program: its libraries, breadth first, as ld.so loads them. */
export function startProgram(path: string, world: LinkWorld, environmentFolders: readonly string[]): Loading | undefined {
  const elf = world.index.entry(path)?.elf;
  if (!elf) return undefined;
  const main = mainObject(path, elf);
  const scope: LoadScope = { objects: [main], environmentFolders };
  return { scope, resolutions: loadNeeds(main, scope, world) };
}

/** `dlopen(path)` called by `caller` in a process; the process’s scope is left as it was. */
export function openLibrary(path: string, caller: LoadedObject | undefined, process: LoadScope, world: LinkWorld): Loading | undefined {
  const elf = world.index.entry(path)?.elf;
  if (!elf) return undefined;
  const scope = cloneScope(process);
  const there = scope.objects.find((object) => object.path === path);
  if (there) return { scope, resolutions: loadNeeds(there, scope, world) };
  const object: LoadedObject = { path, origin: folderOf(path), elf, names: new Set(), ...(caller ? { loader: caller } : {}) };
  scope.objects.push(object);
  return { scope, resolutions: loadNeeds(object, scope, world) };
}

function loadNeeds(root: LoadedObject, scope: LoadScope, world: LinkWorld): Map<string, Resolution[]> {
  const resolutions = new Map<string, Resolution[]>();
  const queue = [root];
  for (let object = queue.shift(); object; object = queue.shift()) {
    const own: Resolution[] = [];
    resolutions.set(object.path, own);
    for (const name of object.elf.needed) {
      const { resolution, file } = findLibrary(name, object, scope, world);
      own.push(resolution);
      if (!file?.entry.elf) continue;
      const known = scope.objects.find(({ path }) => path === file.entry.path);
      if (known) {
        known.names.add(name);
        continue;
      }
      const loaded: LoadedObject = { path: file.entry.path, origin: file.openedIn, elf: file.entry.elf, loader: object, names: new Set([name]) };
      scope.objects.push(loaded);
      queue.push(loaded);
    }
  }
  return resolutions;
}

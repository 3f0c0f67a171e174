import type { ElfFacts } from '@waybill/binary';
import { folderOf } from './tree-index';

/** One mapped file, as ld.so keeps it (`struct link_map`). */
export interface LoadedObject {
  /** Path in the bundle of the real file. */
  path: string;
  /** `$ORIGIN`: of the main program the folder of the real file (from /proc/self/exe), of all others the folder through which they were opened. */
  origin: string;
  elf: ElfFacts;
  /** Who caused it to be loaded. */
  loader?: LoadedObject;
  /** Names under which it was asked for. */
  names: Set<string>;
}

/** What one process has mapped. The first object is the main program. */
export interface LoadScope {
  objects: LoadedObject[];
  /** Folders in the bundle on LD_LIBRARY_PATH, set by the launcher. */
  environmentFolders: readonly string[];
}

export function mainObject(path: string, elf: ElfFacts): LoadedObject {
  return { path, origin: folderOf(path), elf, names: new Set() };
}

export function cloneScope(scope: LoadScope): LoadScope {
  return { ...scope, objects: [...scope.objects] };
}

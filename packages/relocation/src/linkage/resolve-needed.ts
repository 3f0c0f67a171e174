import type { BundleFacts } from '../bundle-facts';
import { analyseLinkage, linkWorld } from './analyse-linkage';
import { openLibrary, startProgram } from './load-files';
import type { LoadedObject, LoadScope } from './loaded-object';
import type { LoaderChain, Resolution } from './resolution';

/**
 * Every DT_NEEDED of the file at `path`, resolved as ld.so would. Without `from` a program is its own start, and for a library or an extension module the programs of the bundle are tried: the answers of
 * the process in which most of its needs are found. With `from` the chain is taken as given. Empty for what is no dynamic ELF file.
 */
export function resolveNeeded(facts: BundleFacts, path: string, from?: LoaderChain): readonly Resolution[] {
  if (from === undefined) return analyseLinkage(facts).files.get(path)?.resolutions ?? [];
  const world = linkWorld(facts);
  const [program, ...between] = from;
  let scope: LoadScope = { objects: [], environmentFolders: facts.layout.launcherLibraryFolders ?? [] };
  if (program !== undefined) scope = startProgram(program, world, scope.environmentFolders)?.scope ?? scope;
  let caller: LoadedObject | undefined = scope.objects[0];
  for (const step of between) {
    scope = openLibrary(step, caller, scope, world)?.scope ?? scope;
    caller = scope.objects.find((object) => object.path === step) ?? caller;
  }
  return openLibrary(path, caller, scope, world)?.resolutions.get(path) ?? [];
}

import { join, posix } from 'node:path';
import { mapConcurrently, runTool, type ResolvedTool } from '@waybill/core';
import { timeoutOf } from '../runtime-ports';
import type { RuntimePorts } from '../runtime-facts';
import { inBatches, type NativeFile } from './elf-index';

const BATCH = 64;
const CONCURRENCY = 2;

/** One call of patchelf: the same DT_RPATH for all files; `undefined` takes search paths away. */
export interface SearchPathChange {
  rpath: string | undefined;
  paths: readonly string[];
}

/** `$ORIGIN`-relative form of a folder of the bundle, seen from a file of it. */
export function originPath(file: string, folder: string): string {
  const relative = posix.relative(posix.dirname(file), folder);
  return relative === '' ? '$ORIGIN' : `$ORIGIN/${relative}`;
}

/** Folder of the bundle that holds a library, by its name; `undefined` for the system's. */
export type Holder = (soname: string) => string | undefined;

/**
 * The DT_RPATH of a file: folders of the bundle that hold what it needs; an executable gets all of them, because libraries that
 * are loaded later search by the executable's too (trap T33).
 */
export function rpathOf(native: NativeFile, holder: Holder, everywhere: readonly string[]): string | undefined {
  const own = native.elf.needed
    .filter((name) => !name.includes('/'))
    .map(holder)
    .filter((folder): folder is string => folder !== undefined);
  const folders = native.elf.interpreter ? everywhere : [...new Set(own)].sort((left, right) => everywhere.indexOf(left) - everywhere.indexOf(right));
  return folders.length > 0 ? folders.map((folder) => originPath(native.path, folder)).join(':') : undefined;
}

/** Which files change, grouped by what they get. Files that already are as they should be are left alone: patching grows them. Pure. */
export function planSearchPaths(natives: readonly NativeFile[], holder: Holder, everywhere: readonly string[]): SearchPathChange[] {
  const groups = new Map<string, string[]>();
  for (const native of natives) {
    const wanted = rpathOf(native, holder, everywhere);
    if (native.elf.rpath === wanted && native.elf.runpath === undefined) continue;
    groups.set(wanted ?? '', [...(groups.get(wanted ?? '') ?? []), native.path]);
  }
  return [...groups].map(([rpath, paths]) => ({ rpath: rpath || undefined, paths }));
}

/** DT_RPATH, not RUNPATH: a RUNPATH loses to LD_LIBRARY_PATH (trap T2). Run after strip, never before (facts §4). */
export async function setSearchPaths(root: string, changes: readonly SearchPathChange[], patchelf: ResolvedTool, ports: RuntimePorts): Promise<void> {
  const calls = changes.flatMap((change) => inBatches(change.paths, BATCH).map((paths) => ({ ...change, paths })));
  await mapConcurrently(calls, CONCURRENCY, async ({ rpath, paths }) => {
    const operation = rpath === undefined ? ['--remove-rpath'] : ['--force-rpath', '--set-rpath', rpath];
    await runTool(ports.processes, patchelf, [...operation, ...paths.map((path) => join(root, path))], {
      env: ports.environment,
      timeoutMs: timeoutOf(ports),
      workspaceRoot: root,
    });
  });
}

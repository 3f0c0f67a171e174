import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { CarriedLibrary, PrunedEntry } from '@waybill/artifacts';
import { readTree, type Finding, type TreeItem } from '@waybill/core';
import { isGenericPath } from '@waybill/relocation';
import type { PlacedLibraries } from '../../libraries/vendor-libraries';
import type { PrepareRuntimeRequest, RuntimeFacts } from '../runtime-facts';
import type { NativeFile } from './elf-index';
import { replacementsFor, type Replacement } from './neutralise-paths';
import type { DebugFile } from './strip-files';

export const HOME = 'python/runtime';
/** Folders of the bundle in which libraries are found by their names, in the order of search. */
export const LIBRARY_FOLDERS = [`${HOME}/lib`, 'lib'] as const;
const WRITTEN = [HOME, 'lib', 'share/waybill/licences'] as const;

/** What the steps of a preparation hand on. Paths are in the bundle. */
export interface Work {
  readonly request: PrepareRuntimeRequest;
  readonly runtime: RuntimeFacts;
  /** Absolute. */
  readonly root: string;
  readonly python: string;
  /** `python/runtime/lib/python3.11`. */
  readonly stdlib: string;
  /** Absent when the runtime has none, or nothing needs it. */
  readonly libpython?: string;
  /** Paths of the prefix as the build stated it, and as it was found. */
  readonly homes: string[];
  /** Licence texts of the runtime. */
  licences: string[];
  files: string[];
  /** Of each copied file, where it came from (absolute). */
  sources: ReadonlyMap<string, string>;
  /** Files whose paths of the building machine were overwritten while they were copied. */
  neutral: Set<string>;
  natives: NativeFile[];
  /** Native files, carried libraries too, in which paths are overwritten last. */
  patched: readonly string[];
  /** Host libraries that were placed, still without names and licences. */
  placed?: PlacedLibraries;
  pruned: PrunedEntry[];
  carried: CarriedLibrary[];
  symbols: DebugFile[];
  findings: Finding[];
  stepMs: Record<string, number>;
}

export function newWork(request: PrepareRuntimeRequest): Work {
  const { runtime } = request;
  const withLibpython = runtime.libpython !== undefined && (request.embedded || !runtime.staticInterpreter);
  return {
    request,
    runtime,
    root: request.outputRoot,
    python: `${HOME}/bin/python${runtime.series}${runtime.abiFlags}`,
    stdlib: `${HOME}/${runtime.platlibdir}/${basename(runtime.stdlib)}`,
    ...(withLibpython && { libpython: `${HOME}/lib/${runtime.libpython?.soname}` }),
    homes: [...new Set([runtime.prefix, runtime.realPrefix])],
    licences: [],
    files: [],
    sources: new Map(),
    neutral: new Set(),
    natives: [],
    patched: [],
    pruned: [],
    carried: [],
    symbols: [],
    findings: [],
    stepMs: {},
  };
}

/** What stands in for paths of the building machine, wherever they are found. */
export function replacementsOf({ runtime, request }: Work): Replacement[] {
  const tokens = (request.leakTokens ?? []).map(({ path }) => path).filter((path) => !isGenericPath(path));
  return replacementsFor([...runtime.leakOrigins, ...tokens]);
}

/** Keeps the milliseconds of a part of the work. */
export async function timed(work: Work, name: string, run: (work: Work) => Promise<void>): Promise<void> {
  const start = performance.now();
  await run(work);
  work.stepMs[name] = Math.round(performance.now() - start);
}

/** Everything below the folders that a preparation writes. */
export async function written(root: string): Promise<TreeItem[]> {
  const found: TreeItem[] = [];
  for (const folder of WRITTEN) {
    if (!existsSync(join(root, folder))) continue;
    const items = await readTree(join(root, folder));
    found.push(...items.map((item) => ({ ...item, path: `${folder}/${item.path}` })));
  }
  return found;
}

/** Every file and link below the folders that a preparation writes, sorted by path. */
export async function listWritten(root: string): Promise<string[]> {
  const items = await written(root);
  return items
    .filter((item) => item.kind !== 'directory')
    .map((item) => item.path)
    .sort();
}

/** The same without links. */
export async function writtenFiles(root: string): Promise<string[]> {
  const items = await written(root);
  return items
    .filter((item) => item.kind === 'file')
    .map((item) => item.path)
    .sort();
}

/** Entries below an entry say nothing more. Sorted by path. */
export function topmost(entries: readonly PrunedEntry[]): PrunedEntry[] {
  const sorted = [...entries].sort((left, right) => (left.path < right.path ? -1 : 1));
  const paths = new Set(sorted.map(({ path }) => path));
  const covered = (path: string): boolean => {
    for (let cut = path.lastIndexOf('/'); cut > 0; cut = path.lastIndexOf('/', cut - 1)) if (paths.has(path.slice(0, cut))) return true;
    return false;
  };
  return sorted.filter(({ path }) => !covered(path));
}

import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { errorLines, pluginKitErrors } from '@waybill/plugin-kit';
import {
  NO_FACTS,
  isManifest,
  localDependencies,
  readManifest,
  readRequirementsFile,
  type LocalDependency,
  type ManifestFacts,
} from '@waybill/plugin-kit/manifests';
import { openFactsCache } from './facts-cache';
import { withIncluded, type IncludedFiles, type OwnedFile } from './read-included';

interface FileData {
  /** Relative to the workspace. */
  file: string;
  /** Of its content. */
  hash: string;
}

/** The part of Nx's `CreateDependenciesContext` that is read. */
export interface DependenciesContext {
  projects: Readonly<Record<string, { root: string; targets?: Readonly<Record<string, { executor?: string }>> }>>;
  /** Packages of npm, `npm:{name}`. */
  externalNodes?: Readonly<Record<string, unknown>>;
  fileMap: { projectFileMap: Readonly<Record<string, readonly FileData[]>>; nonProjectFiles: readonly FileData[] };
  workspaceRoot: string;
}

type Tell = (lines: readonly string[]) => void;

/** Standard output may be what a program reads (`nx graph --print`). */
const tellOnStderr: Tell = (lines) => void process.stderr.write(`${lines.join('\n')}\n`);

export type GraphEdge = (LocalDependency & { type: 'static' }) | { source: string; target: string; type: 'implicit' };

/**
 * Python (and Cargo) dependencies between projects of the workspace, as edges of the project graph: by the name of a distribution, by
 * workspace or path sources, by requirements files (and those that they take in) and by crates with a path. Reads the manifests in the roots of projects, and those of
 * no project (the root of a Cargo workspace); starts no process. With them edges to the packages whose executors a project uses. What was read is kept by content hash. One that cannot be read gives no edges and
 * is told on standard error with each command (`GRAPH_MANIFEST`): one project that is broken stops no other, and its own executors refuse it.
 */
export async function createDependencies(_options: unknown, context: DependenciesContext, tell: Tell = tellOnStderr): Promise<GraphEdge[]> {
  const { projects, fileMap, workspaceRoot } = context;
  const roots = Object.fromEntries(Object.entries(projects).map(([name, { root }]) => [name, root]));
  const owned = Object.entries(fileMap.projectFileMap).flatMap(([project, files]) =>
    files.filter(({ file }) => isIn(file, roots[project])).map((file) => ({ project, ...file })),
  );
  const free = cargoRoots(fileMap, owned);
  const used = pluginEdges(context);
  if (owned.length === 0) return used;
  const cache = openFactsCache(workspaceRoot);
  const read = async ({ file, hash }: FileData): Promise<ManifestFacts> =>
    (await cache.facts(`${posix.basename(file)} ${hash}`, () => readFacts(workspaceRoot, file, readManifest, tell))) ?? NO_FACTS;
  const included: IncludedFiles = {
    find: finderOf(fileMap),
    read: async ({ file, hash }) =>
      (await cache.facts(`-r ${hash}`, () => readFacts(workspaceRoot, file, (_path, text) => readRequirementsFile(text), tell))) ?? NO_FACTS,
  };
  const [manifests, others] = await Promise.all([
    Promise.all(
      owned.map(async (entry) => ({ project: entry.project, path: entry.file, facts: await withIncluded(entry, await read(entry), included) })),
    ),
    Promise.all(free.map(async (entry) => ({ path: entry.file, facts: await read(entry) }))),
  ]);
  cache.save();
  return [...localDependencies({ manifests, others, roots }).map((edge) => ({ ...edge, type: 'static' as const })), ...used];
}

/** A project is made with the packages whose executors its targets run: where Nx selects whole projects, this is how an update of Waybill reaches them. */
function pluginEdges({ projects, externalNodes = {} }: DependenciesContext): GraphEdge[] {
  return Object.entries(projects).flatMap(([source, { targets = {} }]) => {
    const packages = Object.values(targets).flatMap(({ executor = '' }) => (executor.startsWith('@waybill/') ? [executor.split(':')[0]!] : []));
    const nodes = [...new Set(packages)].map((name) => `npm:${name}`).filter((name) => externalNodes[name] !== undefined);
    return nodes.map((target) => ({ source, target, type: 'implicit' as const }));
  });
}

/** Manifests above a project's crate that are none of a project's own: a Cargo workspace has its root in any folder, also in one of a project around others. */
function cargoRoots({ projectFileMap, nonProjectFiles }: DependenciesContext['fileMap'], owned: readonly FileData[]): readonly FileData[] {
  const isCargo = ({ file }: FileData): boolean => posix.basename(file) === 'Cargo.toml';
  const crates = owned.filter(isCargo).map(({ file }) => file);
  if (crates.length === 0) return [];
  const own = new Set(crates);
  const above = new Set(crates.flatMap((file) => foldersAbove(posix.dirname(file))));
  return [...nonProjectFiles, ...Object.values(projectFileMap).flat()].filter(
    (entry) => isCargo(entry) && !own.has(entry.file) && above.has(posix.dirname(entry.file)),
  );
}

/** `a/b` → `a`, `.`. */
const foldersAbove = (folder: string): readonly string[] => (folder === '.' ? [] : [posix.dirname(folder), ...foldersAbove(posix.dirname(folder))]);

const isIn = (file: string, root: string | undefined): boolean =>
  root !== undefined && isManifest(posix.basename(file)) && posix.dirname(file) === posix.normalize(root);

/** Made when it is asked for the first time: few workspaces have files that others take in. */
function finderOf({ projectFileMap, nonProjectFiles }: DependenciesContext['fileMap']): IncludedFiles['find'] {
  let byPath: Map<string, OwnedFile> | undefined;
  return (path) => {
    byPath ??= new Map(
      [...nonProjectFiles, ...Object.entries(projectFileMap).flatMap(([project, files]) => files.map((file) => ({ ...file, project })))].map(
        (entry) => [entry.file, entry],
      ),
    );
    return byPath.get(path);
  };
}

type Reader = (path: string, text: string) => ManifestFacts;

async function readFacts(workspaceRoot: string, file: string, read: Reader, tell: Tell): Promise<ManifestFacts | undefined> {
  try {
    return read(file, await readFile(join(workspaceRoot, file), 'utf8'));
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]!;
    tell(errorLines(pluginKitErrors.error('GRAPH_MANIFEST', { path: file, reason }, { cause }), false));
    return undefined;
  }
}

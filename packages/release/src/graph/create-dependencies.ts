import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { errorLines, pluginKitErrors } from '@waybill/plugin-kit';
import {
  NO_FACTS,
  isManifest,
  localDependencies,
  projectFinder,
  readManifest,
  readRequirementsFile,
  type LocalDependency,
  type ManifestFacts,
  type ProjectManifest,
} from '@waybill/plugin-kit/manifests';
import { openFactsCache } from './facts-cache';
import { followPlaces, type Follower } from './follow-places';
import { optionFiles, type TargetWithOptions } from './option-files';
import { manifestsNamed, outsideManifests } from './outside-manifests';
import { withIncluded, type IncludedFiles } from './read-included';
import { workspaceFiles, type FileData, type FileMap, type OwnedFile } from './workspace-files';

/** The part of Nx's `CreateDependenciesContext` that is read. */
export interface DependenciesContext {
  projects: Readonly<Record<string, { root: string; targets?: Readonly<Record<string, TargetWithOptions>> }>>;
  /** Packages of npm, `npm:{name}`. */
  externalNodes?: Readonly<Record<string, unknown>>;
  fileMap: FileMap;
  workspaceRoot: string;
}

type Tell = (lines: readonly string[]) => void;

/** Standard output may be what a program reads (`nx graph --print`). */
const tellOnStderr: Tell = (lines) => void process.stderr.write(`${lines.join('\n')}\n`);

export type GraphEdge = (LocalDependency & { type: 'static' }) | { source: string; target: string; type: 'implicit' };

/**
 * Python (and Cargo) dependencies between projects of the workspace, as edges of the project graph: by the name of a distribution, by
 * workspace or path sources, by requirements files (and those that they take in, and those that options of our targets name) and by crates with a path. Reads the manifests in the roots of projects, those
 * that they lead to and that belong to none, and the roots of Cargo and uv workspaces; starts no process. With them edges to the packages whose executors a project uses. What was read is kept by content hash. One that cannot be read gives no edges and
 * is told on standard error with each command (`GRAPH_MANIFEST`): one project that is broken stops no other, and its own executors refuse it.
 */
export async function createDependencies(_options: unknown, context: DependenciesContext, tell: Tell = tellOnStderr): Promise<GraphEdge[]> {
  const { projects, fileMap, workspaceRoot } = context;
  const roots = Object.fromEntries(Object.entries(projects).map(([name, { root }]) => [name, root]));
  const owned = Object.entries(fileMap.projectFileMap).flatMap(([project, files]) =>
    files.filter(({ file }) => isIn(file, roots[project])).map((file) => ({ project, ...file })),
  );
  const named = optionFiles(projects);
  const used = pluginEdges(context);
  if (owned.length + named.length === 0) return used;
  const cache = openFactsCache(workspaceRoot);
  const { find, realPlace } = workspaceFiles(fileMap, workspaceRoot);
  const read = readOnce(async ({ file, hash }: FileData) =>
    cache.facts(`${posix.basename(file)} ${hash}`, () => readFacts(workspaceRoot, file, readManifest, tell)),
  );
  const readLines = readOnce(async ({ file, hash }: FileData) =>
    cache.facts(`-r ${hash}`, () => readFacts(workspaceRoot, file, (_path, text) => readRequirementsFile(text), tell)),
  );
  const included: IncludedFiles = { find, read: readLines };
  const follower: Follower = { find, read, projectAt: projectFinder(roots, realPlace), crates: () => manifestsNamed('Cargo.toml', fileMap) };
  const [own, lines] = await Promise.all([
    Promise.all(
      owned.map(async (entry) => ({ project: entry.project, path: entry.file, facts: await withIncluded(entry, await read(entry), included) })),
    ),
    Promise.all(named.flatMap(({ project, path }) => linesOf(project, find(path), included))),
  ]);
  const started = [...own, ...lines.filter(({ path }) => !own.some((manifest) => manifest.path === path))];
  const manifests = [...started, ...(await Promise.all(started.map((manifest) => followPlaces(manifest, follower)))).flat()];
  const outside = outsideManifests(fileMap, manifests, find);
  const others = await Promise.all(outside.map(async (entry) => ({ path: entry.file, facts: await read(entry) })));
  cache.save();
  const byOptions = new Set(lines.map(({ path }) => path));
  const edges = localDependencies({ manifests, others, roots, realPlace });
  return [...edges.map((edge) => (byOptions.has(edge.sourceFile) ? implicitEdge(edge) : { ...edge, type: 'static' as const })), ...used];
}

/** A file that an option names may be another project's, which Nx takes for no reason of a static edge. */
const implicitEdge = ({ source, target }: LocalDependency): GraphEdge => ({ source, target, type: 'implicit' });

/** pip runs in the folder of the project, whatever folder the file has. */
function linesOf(project: string, entry: OwnedFile | undefined, included: IncludedFiles): readonly Promise<ProjectManifest>[] {
  if (entry === undefined) return [];
  const { project: _owner, ...file } = entry;
  return [
    included.read(file).then(async (facts) => ({ project, path: file.file, facts: await withIncluded({ ...file, project }, facts, included) })),
  ];
}

/** One that two projects lead to is read, and told of, once. */
function readOnce(read: (file: FileData) => Promise<ManifestFacts | undefined>): (file: FileData) => Promise<ManifestFacts> {
  const known = new Map<string, Promise<ManifestFacts>>();
  return (file) => {
    const facts = known.get(file.file) ?? read(file).then((found) => found ?? NO_FACTS);
    known.set(file.file, facts);
    return facts;
  };
}

/** A project is made with the packages whose executors its targets run: where Nx selects whole projects, this is how an update of Waybill reaches them. */
function pluginEdges({ projects, externalNodes = {} }: DependenciesContext): GraphEdge[] {
  return Object.entries(projects).flatMap(([source, { targets = {} }]) => {
    const packages = Object.values(targets).flatMap(({ executor = '' }) => (executor.startsWith('@waybill/') ? [executor.split(':')[0]!] : []));
    const nodes = [...new Set(packages)].map((name) => `npm:${name}`).filter((name) => externalNodes[name] !== undefined);
    return nodes.map((target) => ({ source, target, type: 'implicit' as const }));
  });
}

const isIn = (file: string, root: string | undefined): boolean =>
  root !== undefined && isManifest(posix.basename(file)) && posix.dirname(file) === posix.normalize(root);

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

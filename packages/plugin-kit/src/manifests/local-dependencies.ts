import { normaliseDistribution } from '@waybill/artifacts';
import { posix } from 'node:path';
import { cratesByWorkspace } from './cargo-workspace';
import type { ManifestFacts } from './manifest-facts';
import { inheritedSource, isMember, uvRootOf } from './uv-workspace';

/** A manifest of a project. */
export interface ProjectManifest {
  project: string;
  /** Relative to the workspace, with "/". */
  path: string;
  facts: ManifestFacts;
  /** The manifest in the project's root that leads to this one, when it is another. */
  namedBy?: string;
}

export interface LocalDependency {
  source: string;
  target: string;
  /** The manifest that names it. */
  sourceFile: string;
}

export interface ManifestsOfWorkspace {
  manifests: readonly ProjectManifest[];
  /** Manifests of no project: the root of a Cargo or uv workspace. */
  others: readonly Omit<ProjectManifest, 'project'>[];
  /** Root by project name; `.` for a project in the root. */
  roots: Readonly<Record<string, string>>;
  /** Where a place of the workspace that is no root of a project really lies, behind links; relative to the workspace. */
  realPlace?(place: string): string;
}

/**
 * Which project of the workspace needs which: by the distribution's name, and by path. Of two projects with one name that is meant which the uv workspace
 * has, where the manifest says so; else neither (`GRAPH_DISTRIBUTION_TWICE` is for whoever writes targets). Each pair once, by the first manifest that names it; sorted.
 */
export function localDependencies({ manifests, others, roots, realPlace }: ManifestsOfWorkspace): readonly LocalDependency[] {
  const owners = ownersByName(manifests);
  const projectAt = projectFinder(roots, realPlace);
  const all = [...manifests, ...others];
  const uvRoots = all.filter(({ facts }) => facts.uvWorkspace !== undefined);
  const found = new Map<string, LocalDependency>();
  for (const manifest of manifests) {
    const { project, path, facts, namedBy = path } = manifest;
    const { names, places } = needsOf(manifest, uvRoots);
    const named = names.flatMap(({ name, members }) => ownerOf(owners.get(name) ?? [], members)?.project ?? []);
    const located = [...places, ...cratesByWorkspace({ path, facts }, all)];
    for (const target of [...named, ...located.flatMap((place) => projectAt(place) ?? [])]) {
      if (target !== project && !found.has(`${project}\n${target}`))
        found.set(`${project}\n${target}`, { source: project, target, sourceFile: namedBy });
    }
  }
  return [...found.keys()].sort().map((key) => found.get(key)!);
}

interface Needs {
  /** `members`: only a member of this uv workspace is meant. */
  names: readonly { name: string; members?: Omit<ProjectManifest, 'project'> }[];
  /** Folders, relative to the workspace. */
  places: readonly string[];
}

/** Sources of uv say nothing of the lines of a requirements file. */
const READ_BY_UV = /(^|\/)(pyproject\.toml|setup\.cfg|setup\.py)$/;

/** Names and folders of one manifest, with what the root of its uv workspace says of names. */
function needsOf({ path, facts }: ProjectManifest, uvRoots: readonly Omit<ProjectManifest, 'project'>[]): Needs {
  const root = READ_BY_UV.test(path) ? uvRootOf(path, uvRoots) : undefined;
  const names: Needs['names'][number][] = [];
  const places = facts.paths.map((place) => posix.join(posix.dirname(path), place));
  for (const name of facts.needs) {
    const shared = inheritedSource(name, facts, root);
    const { workspace, paths = [] } = shared ?? facts.uvSources?.[name] ?? {};
    if (shared) places.push(...paths.map((place) => posix.join(posix.dirname(root!.path), place)));
    if (shared && !workspace) continue;
    names.push({ name, ...(workspace && root && { members: root }) });
  }
  return { names, places };
}

/** Those that have a name, each project once; names are normalized. */
function ownersByName(manifests: readonly ProjectManifest[]): ReadonlyMap<string, readonly ProjectManifest[]> {
  const owners = new Map<string, ProjectManifest[]>();
  for (const manifest of manifests) {
    if (manifest.facts.name === undefined) continue;
    const name = normaliseDistribution(manifest.facts.name);
    const known = owners.get(name) ?? [];
    if (!known.some(({ project }) => project === manifest.project)) owners.set(name, [...known, manifest]);
  }
  return owners;
}

function ownerOf(owners: readonly ProjectManifest[], root: Needs['names'][number]['members']): ProjectManifest | undefined {
  if (owners.length < 2 || root === undefined) return owners.length === 1 ? owners[0] : undefined;
  const members = owners.filter(({ path }) => isMember(posix.dirname(path), root));
  return members.length === 1 ? members[0] : undefined;
}

/** The project of a folder, or of the nearest folder above; never one in the workspace's root for a path below it. */
export function projectFinder(
  roots: ManifestsOfWorkspace['roots'],
  realPlace: ManifestsOfWorkspace['realPlace'],
): (place: string) => string | undefined {
  const byRoot = new Map(Object.entries(roots).map(([project, root]) => [posix.normalize(root), project]));
  return (place) => {
    const plain = posix.normalize(place).replace(/\/$/, '');
    let folder = byRoot.has(plain) ? plain : (realPlace?.(plain) ?? plain);
    const exact = byRoot.get(folder);
    if (exact !== undefined || folder.startsWith('..')) return exact;
    while (folder !== '.' && !byRoot.has(folder)) folder = posix.dirname(folder);
    return folder === '.' ? undefined : byRoot.get(folder);
  };
}

/** A circle among dependencies that starts and ends with `project`: its names in order, the first again at the end. */
export function findCycle(dependencies: readonly Pick<LocalDependency, 'source' | 'target'>[], project: string): readonly string[] | undefined {
  const seen = new Set<string>();
  const walk = (at: string, trail: readonly string[]): readonly string[] | undefined => {
    for (const { target } of dependencies.filter(({ source }) => source === at)) {
      if (target === project) return [...trail, project];
      if (seen.has(target)) continue;
      seen.add(target);
      const cycle = walk(target, [...trail, target]);
      if (cycle) return cycle;
    }
    return undefined;
  };
  return walk(project, [project]);
}

import { normaliseDistribution } from '@waybill/artifacts';
import { posix } from 'node:path';
import type { ManifestFacts } from './manifest-facts';

/** A manifest of a project. */
export interface ProjectManifest {
  project: string;
  /** Relative to the workspace, with "/". */
  path: string;
  facts: ManifestFacts;
}

export interface LocalDependency {
  source: string;
  target: string;
  /** The manifest that names it. */
  sourceFile: string;
}

export interface ManifestsOfWorkspace {
  manifests: readonly ProjectManifest[];
  /** Manifests of no project: the root of a Cargo workspace. */
  others: readonly Omit<ProjectManifest, 'project'>[];
  /** Root by project name; `.` for a project in the root. */
  roots: Readonly<Record<string, string>>;
}

/**
 * Which project of the workspace needs which: by the distribution's name, and by path. A name that two projects have says nothing here
 * (`GRAPH_DISTRIBUTION_TWICE` is for whoever writes targets). Each pair once, by the first manifest that names it; sorted.
 */
export function localDependencies({ manifests, others, roots }: ManifestsOfWorkspace): readonly LocalDependency[] {
  const byName = projectsByName(manifests);
  const byRoot = new Map(Object.entries(roots).map(([project, root]) => [posix.normalize(root), project]));
  const found = new Map<string, LocalDependency>();
  for (const { project, path, facts } of manifests) {
    const named = facts.needs.flatMap((name) => byName.get(name) ?? []);
    const located = [...facts.paths.map((place) => posix.join(posix.dirname(path), place)), ...inherited(path, facts, [...manifests, ...others])];
    for (const target of [...named, ...located.flatMap((place) => projectAt(place, byRoot) ?? [])]) {
      if (target !== project && !found.has(`${project}\n${target}`))
        found.set(`${project}\n${target}`, { source: project, target, sourceFile: path });
    }
  }
  return [...found.keys()].sort().map((key) => found.get(key)!);
}

/** Normalized name → project, for names that one project alone has. */
export function projectsByName(manifests: readonly ProjectManifest[]): ReadonlyMap<string, string> {
  const owners = new Map<string, Set<string>>();
  for (const { project, facts } of manifests) {
    if (facts.name === undefined) continue;
    const name = normaliseDistribution(facts.name);
    owners.set(name, (owners.get(name) ?? new Set()).add(project));
  }
  return new Map([...owners].flatMap(([name, projects]) => (projects.size === 1 ? [[name, [...projects][0]!]] : [])));
}

/** Folders of the crates that `workspace = true` takes from the nearest Cargo workspace above. */
function inherited(path: string, { inheritedCrates = [] }: ManifestFacts, all: readonly Omit<ProjectManifest, 'project'>[]): readonly string[] {
  if (inheritedCrates.length === 0) return [];
  const above = all
    .filter((manifest) => Object.keys(manifest.facts.workspaceCrates ?? {}).length > 0 && isAbove(posix.dirname(manifest.path), path))
    .sort((one, other) => other.path.length - one.path.length)[0];
  if (!above) return [];
  return inheritedCrates.flatMap((crate) => {
    const place = above.facts.workspaceCrates![crate];
    return place === undefined ? [] : [posix.join(posix.dirname(above.path), place)];
  });
}

const isAbove = (folder: string, path: string): boolean => folder === '.' || path.startsWith(`${folder}/`);

/** The project of a folder, or of the nearest folder above; never one in the workspace's root for a path below it. */
function projectAt(place: string, byRoot: ReadonlyMap<string, string>): string | undefined {
  let folder = posix.normalize(place).replace(/\/$/, '');
  const exact = byRoot.get(folder);
  if (exact !== undefined || folder.startsWith('..')) return exact;
  while (folder !== '.' && !byRoot.has(folder)) folder = posix.dirname(folder);
  return folder === '.' ? undefined : byRoot.get(folder);
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

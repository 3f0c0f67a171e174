import { pluginKitErrors } from '../errors/plugin-kit-errors';
import { nearestName } from '../options/nearest-name';
import type { NxDependsOn, NxGraph } from '../nx-context';
import { isPattern, matchNames, matchProjects } from './match-names';

/** A target of a project. */
export interface TargetId {
  project: string;
  target: string;
}

/** One `dependsOn` entry with its short forms written out. */
type Written = { target: string; projects?: readonly string[]; dependencies?: boolean };

export const idText = ({ project, target }: TargetId): string => `${project}:${target}`;

/**
 * What a target depends on, from the project graph's merged `dependsOn`, as Nx expands it, with two differences: for `^target` it goes
 * through projects that lack the target and past those that have it (Nx stops at the first), and with `strict` an entry that resolves to
 * nothing is `GRAPH_DEPENDENCY_UNKNOWN` (Nx ignores it). `^target` that no dependency has is fine.
 */
export function expandDependsOn(graph: NxGraph, owner: TargetId, strict: boolean): readonly TargetId[] {
  const entries = graph.nodes[owner.project]?.data.targets?.[owner.target]?.dependsOn ?? [];
  const found = entries.flatMap((entry) => {
    const written = writeOut(entry, graph, owner.project);
    const targets = resolveEntry(graph, owner, written);
    if (strict) refuseUnknown(graph, owner, entry, written, targets);
    return targets;
  });
  return unique(found.filter((id) => idText(id) !== idText(owner)));
}

function unique(ids: readonly TargetId[]): readonly TargetId[] {
  return [...new Map(ids.map((id) => [idText(id), id])).values()];
}

function writeOut(entry: NxDependsOn, graph: NxGraph, project: string): Written {
  if (typeof entry === 'string') {
    if (entry.startsWith('^')) return { target: entry.slice(1), dependencies: true };
    return splitProject(entry, graph, project);
  }
  const { target, projects, dependencies } = entry;
  if (projects === undefined) return { target, ...(dependencies && { dependencies }) };
  const list = typeof projects === 'string' ? [projects] : projects;
  // Spellings of Nx before 24; a project of that name wins.
  if (projects === 'self' && !graph.nodes['self']) return { target };
  if (projects === 'dependencies' && !graph.nodes['dependencies']) return { target, dependencies: true };
  return { target, projects: list };
}

/** `target` (colons and all, when the project has such a target) or `project:target`. */
function splitProject(text: string, graph: NxGraph, project: string): Written {
  if (graph.nodes[project]?.data.targets?.[text]) return { target: text };
  for (let colon = text.lastIndexOf(':'); colon > 0; colon = text.lastIndexOf(':', colon - 1)) {
    const name = text.slice(0, colon);
    if (graph.nodes[name]) return { target: text.slice(colon + 1), projects: [name] };
  }
  return { target: text };
}

function resolveEntry(graph: NxGraph, owner: TargetId, { target, projects, dependencies }: Written): readonly TargetId[] {
  const candidates = projects ? matchProjects(projects, graph) : dependencies ? allDependencies(graph, owner.project) : [owner.project];
  return candidates.flatMap((project) =>
    matchNames(target, Object.keys(graph.nodes[project]?.data.targets ?? {})).map((name) => ({ project, target: name })),
  );
}

/** Every project that a project depends on, directly or through others, the farthest last. External packages are no projects. */
export function allDependencies(graph: NxGraph, project: string): readonly string[] {
  const seen = new Set([project]);
  const queue = [project];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const { target } of graph.dependencies[next] ?? []) {
      if (seen.has(target) || !graph.nodes[target]) continue;
      seen.add(target);
      queue.push(target);
    }
  }
  seen.delete(project);
  return [...seen];
}

function refuseUnknown(graph: NxGraph, owner: TargetId, entry: NxDependsOn, written: Written, found: readonly TargetId[]): void {
  const refuse = (reason: string, near: readonly string[]): never => {
    throw pluginKitErrors.error('GRAPH_DEPENDENCY_UNKNOWN', {
      owner: idText(owner),
      dependency: typeof entry === 'string' ? entry : JSON.stringify(entry),
      file: `${graph.nodes[owner.project]!.data.root}/project.json`.replace(/^(\.\/|\/)/, ''),
      reason,
      near,
    });
  };
  const { target, projects, dependencies } = written;
  const targetsOf = (project: string): readonly string[] => Object.keys(graph.nodes[project]?.data.targets ?? {});
  if (projects) {
    for (const name of projects.filter((text) => isPlainName(text) && graph.nodes[text])) {
      if (!found.some((id) => id.project === name)) refuse(`project \`${name}\` has no target \`${target}\``, near(target, targetsOf(name)));
    }
    if (found.length === 0) refuse('no project that it names has such a target', near(projects[0] ?? '', Object.keys(graph.nodes)));
  } else if (!dependencies && found.length === 0) {
    const what = isPattern(target) ? 'the pattern matches no target of the project' : 'there is no such target';
    refuse(what, near(target, targetsOf(owner.project)));
  }
}

const isPlainName = (text: string): boolean => !isPattern(text) && !text.startsWith('!');

/** The most alike first, then at most seven others. */
function near(name: string, known: readonly string[]): readonly string[] {
  const nearest = nearestName(name, known);
  return [...(nearest ? [nearest] : []), ...known.filter((item) => item !== nearest)].slice(0, 8);
}

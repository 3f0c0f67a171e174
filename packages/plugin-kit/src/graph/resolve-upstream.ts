import { stageRow } from '@waybill/artifacts';
import type { NxGraph } from '../nx-context';
import { expandDependsOn, idText, type TargetId } from './expand-depends-on';

/** A target whose record the executor may read. */
export interface UpstreamTarget extends TargetId {
  projectRoot: string;
  /** One of Waybill's own executors: a missing record is an error. Others may write a record or not. */
  ours: boolean;
}

/** Targets before one, each behind everything that it depends on itself, and what `later` is: does the first depend on the second? */
export interface Upstream {
  targets: readonly UpstreamTarget[];
  isLater(one: TargetId, other: TargetId): boolean;
}

const OUR_EXECUTOR = /^@waybill\//;

/**
 * The targets whose records a target reads (CONTRACT §2): all that it depends on in its own project, directly or through others, and
 * targets of other projects that these name; in another project it goes on only through targets that write no record (`nx:noop`, a
 * native build). Read from the project graph alone, never from the tasks of this run.
 */
export function resolveUpstream(graph: NxGraph, root: TargetId): Upstream {
  const ordered = new Map<string, TargetId>();
  const edges = new Map<string, readonly TargetId[]>();
  const visit = (id: TargetId): void => {
    if (edges.has(idText(id))) return;
    const own = id.project === root.project;
    const goesOn = own || !isOurs(graph, id);
    const next = goesOn ? withPastEdges(expandDependsOn(graph, id, isStrict(graph, id, root))) : [];
    edges.set(idText(id), next);
    next.forEach(visit);
    ordered.set(idText(id), id);
  };
  visit(root);
  ordered.delete(idText(root));
  return { targets: [...ordered.values()].map((id) => describe(graph, id)), isLater: reachability(edges, graph) };
}

/** The farthest projects first, so that they come before what builds on them. */
const withPastEdges = (ids: readonly TargetId[]): readonly TargetId[] => [...ids].reverse();

const executorOf = (graph: NxGraph, id: TargetId): string => graph.nodes[id.project]?.data.targets?.[id.target]?.executor ?? '';
const isOurs = (graph: NxGraph, id: TargetId): boolean => OUR_EXECUTOR.test(executorOf(graph, id));

/** A foreign target's `dependsOn` is its author's affair: defaults by name often list targets that a project lacks. */
function isStrict(graph: NxGraph, id: TargetId, root: TargetId): boolean {
  return idText(id) === idText(root) || isOurs(graph, id) || executorOf(graph, id) === stageRow('release').executor;
}

function describe(graph: NxGraph, id: TargetId): UpstreamTarget {
  return { ...id, projectRoot: graph.nodes[id.project]!.data.root, ours: isOurs(graph, id) };
}

/** Along `dependsOn`; between two projects with the same target also along the graph's own edges, which is what `^target` means. */
function reachability(edges: ReadonlyMap<string, readonly TargetId[]>, graph: NxGraph): Upstream['isLater'] {
  const dependsOnProject = (one: string, other: string, seen = new Set<string>()): boolean => {
    if (seen.has(one)) return false;
    seen.add(one);
    return (graph.dependencies[one] ?? []).some(({ target }) => target === other || dependsOnProject(target, other, seen));
  };
  const reaches = (one: TargetId, other: TargetId, seen: Set<string>): boolean => {
    if (seen.has(idText(one))) return false;
    seen.add(idText(one));
    return (edges.get(idText(one)) ?? []).some((next) => idText(next) === idText(other) || reaches(next, other, seen));
  };
  return (one, other) =>
    reaches(one, other, new Set()) || (one.project !== other.project && one.target === other.target && dependsOnProject(one.project, other.project));
}

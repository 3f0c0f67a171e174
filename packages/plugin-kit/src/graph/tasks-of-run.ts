import type { NxContext, NxTasks } from '../nx-context';
import { idText, type TargetId } from './expand-depends-on';

/** Ids of the tasks of this run that are the target under work: one, or one for each configuration. */
export function ownTasks({ taskGraph, projectName = '', targetName = '' }: NxContext): ReadonlySet<string> {
  const own = idText({ project: projectName, target: targetName });
  return new Set(Object.entries(taskGraph?.tasks ?? {}).flatMap(([id, { target }]) => (idText(target) === own ? [id] : [])));
}

/** Tasks that wait for these, directly or through others, and these. */
export function waitingFor({ dependencies }: NxTasks, ids: ReadonlySet<string>): ReadonlySet<string> {
  const waiting = new Set(ids);
  // a set that grows while it is gone through
  for (const id of waiting) {
    for (const [other, needs] of Object.entries(dependencies)) if (needs.includes(id)) waiting.add(other);
  }
  return waiting;
}

/** Targets that this one waits for in this run, directly or through others, each behind those that it waits for itself; then this one. Empty where Nx tells no tasks. */
export function targetsUpTo(context: NxContext): readonly TargetId[] {
  const { taskGraph } = context;
  if (!taskGraph) return [];
  const seen = new Set<string>();
  const found = new Map<string, TargetId>();
  const visit = (id: string): void => {
    if (seen.has(id)) return;
    seen.add(id);
    (taskGraph.dependencies[id] ?? []).forEach(visit);
    const target = taskGraph.tasks[id]?.target;
    if (target) found.set(idText(target), { project: target.project, target: target.target });
  };
  ownTasks(context).forEach(visit);
  return [...found.values()];
}

/** Do other targets of Waybill in this run wait for this one? */
export function isWaitedFor(context: NxContext): boolean {
  const { taskGraph, projectGraph } = context;
  if (!taskGraph) return false;
  const own = ownTasks(context);
  return [...waitingFor(taskGraph, own)].some((id) => {
    const target = taskGraph.tasks[id]?.target;
    const executor = target && projectGraph.nodes[target.project]?.data.targets?.[target.target]?.executor;
    return !own.has(id) && executor?.startsWith('@waybill/') === true;
  });
}

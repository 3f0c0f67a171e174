import type { NxContext } from '../nx-context';
import type { AskedOptions } from '../stage-definition';
import { idText } from './expand-depends-on';

/** What the command line gave to tasks of this run that wait for this one, directly or through others. Nothing where Nx tells no tasks. */
export function askedOfDependants({ taskGraph, projectName = '', targetName = '' }: NxContext): readonly AskedOptions[] {
  if (!taskGraph) return [];
  const own = { project: projectName, target: targetName };
  const textOf = (id: string): string | undefined => taskGraph.tasks[id] && idText(taskGraph.tasks[id].target);
  const waiting = new Set(Object.keys(taskGraph.tasks).filter((id) => textOf(id) === idText(own)));
  const named = new Set(waiting);
  // a set that grows while it is gone through
  for (const id of waiting) {
    for (const [other, needs] of Object.entries(taskGraph.dependencies)) if (needs.includes(id)) waiting.add(other);
  }
  return [...waiting].flatMap((id) => {
    const options = taskGraph.tasks[id]?.overrides;
    return named.has(id) || typeof options !== 'object' || options === null ? [] : [{ of: textOf(id)!, options: options as AskedOptions['options'] }];
  });
}

import type { NxContext } from '../nx-context';
import type { AskedOptions } from '../stage-definition';
import { idText } from './expand-depends-on';
import { ownTasks, waitingFor } from './tasks-of-run';

/** What the command line gave to tasks of this run that wait for this one, directly or through others. Nothing where Nx tells no tasks. */
export function askedOfDependants(context: NxContext): readonly AskedOptions[] {
  const { taskGraph } = context;
  if (!taskGraph) return [];
  const own = ownTasks(context);
  return [...waitingFor(taskGraph, own)].flatMap((id) => {
    const task = taskGraph.tasks[id];
    const options = task?.overrides;
    return own.has(id) || !task || typeof options !== 'object' || options === null
      ? []
      : [{ of: idText(task.target), options: options as AskedOptions['options'] }];
  });
}

import { isAtOrBelow } from '@waybill/core';
import type { TargetId } from '../graph/expand-depends-on';
import type { NxContext, NxGraph } from '../nx-context';
import { coveredByFilesets, inputsOf } from './check-option-files';
import { matchFilesets } from './match-filesets';

/** Projects whose root lies in the folder of another; roots are relative to the workspace, the deepest first. */
export function projectsInside({ nodes }: NxGraph, project: string): readonly { project: string; root: string }[] {
  const folder = nodes[project]!.data.root;
  return Object.entries(nodes)
    .map(([name, { data }]) => ({ project: name, root: data.root }))
    .filter(({ project: name, root }) => name !== project && root !== folder && isAtOrBelow(root, folder === '.' ? '' : folder))
    .sort((one, other) => other.root.length - one.root.length);
}

/** Which files of projects inside of the target's project its inputs name: one by one, or the project's folder, or the project as one that is depended on. */
export function insideInputs(context: NxContext, id: TargetId): (path: string) => boolean {
  const inputs = inputsOf(context, id);
  const inside = projectsInside(context.projectGraph, id.project);
  const whole = new Set(inside.filter(({ root }) => coveredByFilesets(context, id, inputs, `${root}/any/file`)).map(({ root }) => root));
  const { root: own } = context.projectGraph.nodes[id.project]!.data;
  return (path) => {
    const owner = inside.find(({ root }) => isAtOrBelow(path, root));
    return owner === undefined || whole.has(owner.root) || matchFilesets(inputs.own, path, own, false);
  };
}

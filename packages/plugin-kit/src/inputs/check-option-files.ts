import { isAbsolute } from 'node:path';
import { pluginKitErrors } from '../errors/plugin-kit-errors';
import { FINGERPRINT_COMMAND } from '../fingerprint/check-fingerprint';
import { allDependencies, expandDependsOn, idText, type TargetId } from '../graph/expand-depends-on';
import { matchProjects } from '../graph/match-names';
import type { NxContext, NxGraph, NxTarget } from '../nx-context';
import { expandInputs, namedInputsOf, ownerOf, type ExpandedInputs } from './expand-inputs';
import { matchFilesets, matchGlob } from './match-filesets';

/** A file that an option names: workspace-relative (or absolute, as the user wrote it), and whether git or Nx ignores it. */
export interface OptionFile {
  option: string;
  path: string;
  ignored: boolean;
  /** The option names this folder; `path` stands for whatever may be in it. */
  folder?: string;
}

/**
 * Every file that an option names is an input of the target, or a change of it would replay an old result: `GRAPH_INPUT_UNDECLARED` with
 * the line to add. Ignored files are no inputs for Nx unless a target that this one depends on has them among its outputs; files outside of
 * the workspace are none either, but a `runtime` input that names the path can tell when they change.
 */
export function checkOptionFiles(context: NxContext, id: TargetId, files: readonly OptionFile[]): void {
  const graph = context.projectGraph;
  const target = graph.nodes[id.project]!.data.targets![id.target]!;
  const inputs = inputsOf(context, id);
  for (const file of files) {
    const isCovered = isOutside(file.path)
      ? !target.cache || namedByCommand(inputs, file.folder ?? file.path)
      : file.ignored
        ? coveredByOutputs(graph, id, inputs, file.path)
        : coveredByFilesets(context, id, inputs, file.path);
    if (isCovered) continue;
    const path = file.folder ?? file.path;
    throw pluginKitErrors.error('GRAPH_INPUT_UNDECLARED', { target: idText(id), option: file.option, path, ...lineFor(graph, id, file) });
  }
}

export function inputsOf({ projectGraph, nxJsonConfiguration }: NxContext, id: TargetId): ExpandedInputs {
  const node = projectGraph.nodes[id.project]!;
  return expandInputs(node.data.targets![id.target]!.inputs, namedInputsOf(node, nxJsonConfiguration?.namedInputs));
}

const isOutside = (path: string): boolean => isAbsolute(path) || path === '..' || path.startsWith('../');

const namedByCommand = ({ runtime }: ExpandedInputs, path: string): boolean => runtime.some((command) => command.split(/[\s'"]+/).includes(path));

/** Do the inputs hold a file of the workspace that is not ignored, as one of the project itself or of another? */
export function coveredByFilesets(context: NxContext, id: TargetId, inputs: ExpandedInputs, path: string): boolean {
  const graph = context.projectGraph;
  const owner = ownerOf(graph, path);
  const matches = (filesets: readonly string[], project: string): boolean =>
    matchFilesets(filesets, path, graph.nodes[project]!.data.root, owner === project);
  const named = (name: string, project: string): readonly string[] =>
    expandInputs([name], namedInputsOf(graph.nodes[project]!, context.nxJsonConfiguration?.namedInputs)).own;
  if (matches(inputs.own, id.project)) return true;
  const others = allDependencies(graph, id.project);
  const ofDependencies = others.some((project) => {
    const filesets = inputs.ofDependencies.flatMap(({ fileset, named: name }) => (fileset ? [fileset] : name ? named(name, project) : []));
    return matches(filesets, project);
  });
  return (
    ofDependencies ||
    inputs.ofProjects.some((entry) => matchProjects(entry.projects, graph).some((project) => matches(named(entry.named, project), project)))
  );
}

function coveredByOutputs(graph: NxGraph, id: TargetId, inputs: ExpandedInputs, path: string): boolean {
  return inputs.outputsOfDependencies.some(({ glob, transitive }) => matchGlob(glob, path) && producers(graph, id, path, transitive).length > 0);
}

/** Targets before this one that have the path among their outputs. */
function producers(graph: NxGraph, id: TargetId, path: string, transitive: boolean): readonly TargetId[] {
  const seen = new Map<string, TargetId>();
  const visit = (owner: TargetId): void => {
    for (const next of expandDependsOn(graph, owner, false)) {
      if (seen.has(idText(next))) continue;
      seen.set(idText(next), next);
      if (transitive) visit(next);
    }
  };
  visit(id);
  return [...seen.values()].filter((candidate) => outputsHold(graph, candidate, path));
}

function outputsHold(graph: NxGraph, id: TargetId, path: string): boolean {
  const node = graph.nodes[id.project]!;
  const target: NxTarget = node.data.targets![id.target]!;
  const values: Record<string, unknown> = { projectRoot: node.data.root, projectName: id.project, workspaceRoot: '' };
  const filled = (target.outputs ?? []).map((output) =>
    output.replace(/\{([^}]+)\}/g, (token, name: string) => {
      const option = name.startsWith('options.') ? target.options?.[name.slice('options.'.length)] : values[name];
      return typeof option === 'string' ? option : token;
    }),
  );
  const holds = (output: string): boolean => matchGlob(output.replace(/^\/|^\.\//, ''), path);
  return (
    filled.some((output) => !output.startsWith('!') && holds(output)) && !filled.some((output) => output.startsWith('!') && holds(output.slice(1)))
  );
}

function lineFor(graph: NxGraph, id: TargetId, { option, path, ignored, folder }: OptionFile): { reason: string; fix: string } {
  const shown = folder === undefined ? path : `${folder}/**/*`;
  if (isOutside(path)) {
    const runtime =
      option === 'runtime.path'
        ? `add \`${JSON.stringify({ runtime: `${FINGERPRINT_COMMAND} ${folder ?? path}` })}\` to the \`inputs\` of the target, `
        : '';
    return { reason: 'it lies outside of the workspace', fix: `${runtime}put the file into the workspace, or set \`"cache": false\` on the target` };
  }
  if (ignored) {
    const maker = producers(graph, id, path, true)[0];
    if (maker) {
      const line = JSON.stringify({ dependentTasksOutputFiles: shown, transitive: true });
      return {
        reason: `it is an output of \`${idText(maker)}\`, which the inputs leave out`,
        fix: `add \`${line}\` to the \`inputs\` of the target`,
      };
    }
    return {
      reason: 'it is ignored by git or Nx, and no target that this one depends on has it among its outputs',
      fix: 'let the target depend on the one that makes the file, with the file among its `outputs`, or take the file out of .gitignore',
    };
  }
  const root = graph.nodes[id.project]!.data.root;
  const inProject = ownerOf(graph, path) === id.project;
  const relative = inProject && root !== '.' ? shown.slice(root.length + 1) : shown;
  return {
    reason: 'none of its inputs covers it',
    fix: `add \`"{${inProject ? 'projectRoot' : 'workspaceRoot'}}/${relative}"\` to the \`inputs\` of the target`,
  };
}

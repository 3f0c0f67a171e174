import type { NxGraph, NxInput, NxNode } from '../nx-context';

/** Inputs of a target with named inputs written out: what Nx hashes for the project itself. */
export interface ExpandedInputs {
  /** Filesets of the project itself: `{projectRoot}/…`, `{workspaceRoot}/…`, `!` in front to leave out. */
  own: readonly string[];
  /** Filesets that apply to the projects it depends on, `{projectRoot}` being theirs. */
  ofDependencies: readonly { fileset?: string; named?: string }[];
  /** Filesets of other named projects. */
  ofProjects: readonly { projects: readonly string[]; named: string }[];
  /** Globs over outputs of the targets that this one depends on. */
  outputsOfDependencies: readonly { glob: string; transitive: boolean }[];
  env: readonly string[];
  runtime: readonly string[];
}

type NamedInputs = Readonly<Record<string, readonly NxInput[]>>;

/** What Nx takes when a target has no `inputs`. */
const DEFAULT_INPUTS: readonly NxInput[] = ['default', '^default'];

export function namedInputsOf(node: NxNode, workspace: NamedInputs | undefined): NamedInputs {
  return { default: ['{projectRoot}/**/*'], ...workspace, ...node.data.namedInputs };
}

/** Expands as Nx does (nx `splitInputsIntoSelfAndDependencies`, `expandNamedInput`); an unknown name is a fileset there, and here. */
export function expandInputs(inputs: readonly NxInput[] | undefined, named: NamedInputs): ExpandedInputs {
  const found = {
    own: [] as string[],
    ofDependencies: [] as { fileset?: string; named?: string }[],
    ofProjects: [] as { projects: string[]; named: string }[],
    outputsOfDependencies: [] as { glob: string; transitive: boolean }[],
    env: [] as string[],
    runtime: [] as string[],
  };
  const addText = (text: string, seen: readonly string[]): void => {
    if (text.startsWith('^')) {
      const rest = text.slice(1);
      found.ofDependencies.push(rest.startsWith('{') ? { fileset: rest } : { named: rest });
    } else if (named[text] && !seen.includes(text)) named[text].forEach((item) => add(item, [...seen, text]));
    else found.own.push(text);
  };
  const add = (input: NxInput, seen: readonly string[]): void => {
    if (typeof input === 'string') return addText(input, seen);
    const { fileset, input: name, projects, dependencies, env, runtime, dependentTasksOutputFiles, transitive } = input;
    if (typeof fileset === 'string') {
      if (dependencies) found.ofDependencies.push({ fileset });
      else found.own.push(fileset);
    } else if (typeof name === 'string') {
      if (dependencies || projects === 'dependencies') found.ofDependencies.push({ named: name });
      else if (projects && projects !== 'self') found.ofProjects.push({ projects: [projects].flat() as string[], named: name });
      else addText(name, seen);
    }
    if (typeof env === 'string') found.env.push(env);
    if (typeof runtime === 'string') found.runtime.push(runtime);
    if (typeof dependentTasksOutputFiles === 'string') {
      found.outputsOfDependencies.push({ glob: dependentTasksOutputFiles, transitive: transitive === true });
    }
  };
  (inputs ?? DEFAULT_INPUTS).forEach((input) => add(input, []));
  return found;
}

/** The project that a file belongs to: the one with the longest root that holds it. Nx gives each file to one project only. */
export function ownerOf(graph: NxGraph, path: string): string | undefined {
  let best: { name: string; length: number } | undefined;
  for (const [name, { data }] of Object.entries(graph.nodes)) {
    const root = data.root === '.' ? '' : data.root;
    const holds = root === '' || path === root || path.startsWith(`${root}/`);
    if (holds && (!best || root.length > best.length)) best = { name, length: root.length };
  }
  return best?.name;
}

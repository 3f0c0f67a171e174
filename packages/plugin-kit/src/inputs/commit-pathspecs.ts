import type { TargetId } from '../graph/expand-depends-on';
import type { NxContext } from '../nx-context';
import { expandInputs, namedInputsOf } from './expand-inputs';

/** Never in a commit: a command that names them is longer and says the same. */
const UNTRACKED = /(^|\/)(\.venv|__pycache__|node_modules)\//;

/**
 * The files that are inputs of a target, as git takes them (its glossary, "pathspec"), relative to the workspace; the folder of the project when none
 * are. What other targets make is no file of a commit.
 */
export function commitPathspecs(context: NxContext, id: TargetId): readonly string[] {
  const node = context.projectGraph.nodes[id.project]!;
  const { inputs } = node.data.targets![id.target]!;
  const { own } = expandInputs(inputs, namedInputsOf(node, context.nxJsonConfiguration?.namedInputs));
  const { root } = node.data;
  const placed = own.filter((fileset) => !UNTRACKED.test(fileset)).flatMap((fileset) => expandBraces(placeOf(fileset, root)));
  const specs = placed.map((path) => (path.startsWith('!') ? `:(exclude,glob)${path.slice(1)}` : includedAs(path)));
  const unique = [...new Set(specs)];
  return unique.some((spec) => !spec.startsWith(':(exclude')) ? unique : [root, ...unique];
}

const placeOf = (fileset: string, root: string): string => {
  const inside = root === '.' ? '' : `${root}/`;
  return fileset.replace(/\{projectRoot\}\/?/, inside).replace(/\{workspaceRoot\}\/?/, '');
};

/** git knows `*` and `**`, not `{a,b}`. */
function expandBraces(path: string): string[] {
  const [whole, words] = /\{([^{}]*)\}/.exec(path) ?? [];
  return words === undefined ? [path] : words.split(',').flatMap((word) => expandBraces(path.replace(whole!, word)));
}

/** A folder, or a file, by its name where that is all. */
function includedAs(path: string): string {
  const folder = path.replace(/(^|\/)\*\*(\/\*)?$/, '');
  if (folder === '') return '.';
  return /[*?[]/.test(folder) ? `:(glob)${path}` : folder;
}

/** How the hash learns the date of the newest commit that touches the inputs. */
export const commitDateInput = (pathspecs: readonly string[]): string =>
  ['git log -1 --format=%ct --', ...pathspecs.map((spec) => (/^[\w./-]+$/.test(spec) ? spec : `"${spec}"`))].join(' ');

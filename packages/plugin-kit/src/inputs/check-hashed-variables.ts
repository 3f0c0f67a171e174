import { pluginKitErrors } from '../errors/plugin-kit-errors';
import { idText, type TargetId } from '../graph/expand-depends-on';
import type { NxContext } from '../nx-context';
import type { CommonOptions } from '../options/common-options';
import { commitDateInput, commitPathspecs } from './commit-pathspecs';
import { expandInputs, namedInputsOf } from './expand-inputs';

/**
 * Variables that decide what a cached target makes are in its hash: those that an option names (`…Env`, `passEnv`), SOURCE_DATE_EPOCH when it is
 * set, and the commit's date when `sourceDate` asks for it. Else `GRAPH_INPUT_UNDECLARED` with the line to add.
 */
export function checkHashedVariables(
  context: NxContext,
  id: TargetId,
  options: unknown,
  variables: Readonly<Record<string, string | undefined>>,
): void {
  const node = context.projectGraph.nodes[id.project]!;
  const target = node.data.targets![id.target]!;
  if (!target.cache) return;
  const { env, runtime } = expandInputs(target.inputs, namedInputsOf(node, context.nxJsonConfiguration?.namedInputs));
  const refuse = (option: string, path: string, line: object): never => {
    throw pluginKitErrors.error('GRAPH_INPUT_UNDECLARED', {
      target: idText(id),
      option,
      path,
      reason: 'the hash does not know its value',
      fix: `add \`${JSON.stringify(line)}\` to the \`inputs\` of the target`,
    });
  };
  for (const { option, name } of namedVariables(options)) {
    if (!env.includes(name)) refuse(option, name, { env: name });
  }
  if (variables['SOURCE_DATE_EPOCH'] && !env.includes('SOURCE_DATE_EPOCH')) refuse('sourceDate', 'SOURCE_DATE_EPOCH', { env: 'SOURCE_DATE_EPOCH' });
  const command = commitDateInput(commitPathspecs(context, id));
  if ((options as CommonOptions).sourceDate === 'commit' && !variables['SOURCE_DATE_EPOCH'] && !runtime.includes(command)) {
    refuse('sourceDate', 'the newest commit', { runtime: command });
  }
}

/** Options that name a variable end in `Env`, at any depth: `versionEnv`, `runtime.urlEnv`; `passEnv` names several. */
function namedVariables(value: unknown, path = ''): readonly { option: string; name: string }[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const option = path === '' ? key : `${path}.${key}`;
    if (key === 'passEnv' && Array.isArray(item)) return item.map((name) => ({ option, name: String(name) }));
    if (typeof item === 'string' && key.endsWith('Env')) return [{ option, name: item }];
    return namedVariables(item, option);
  });
}

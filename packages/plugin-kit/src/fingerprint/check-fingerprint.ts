import type { ResolvedTool } from '@waybill/core';
import { pluginKitErrors } from '../errors/plugin-kit-errors';
import { idText, type TargetId } from '../graph/expand-depends-on';
import { expandInputs, namedInputsOf } from '../inputs/expand-inputs';
import type { NxContext } from '../nx-context';
import { TOOL_PROBES } from './tool-probes';

/** From the workspace's root, where Nx runs it. */
export const FINGERPRINT_FILE = 'node_modules/@waybill/plugin-kit/dist/fingerprint/print-fingerprint.js';
/** The runtime input behind the named input `waybillTools`. */
export const FINGERPRINT_COMMAND = `node ${FINGERPRINT_FILE}`;

/**
 * The hash of a cached target knows the tools that it uses: the fingerprint is among its inputs, the command is there, and it sees the
 * very tools that were resolved. Else `GRAPH_TOOL_FINGERPRINT`.
 */
export function checkFingerprint(
  context: NxContext,
  id: TargetId,
  tools: readonly ResolvedTool[],
  seen: ReadonlyMap<string, string>,
  isThere: (pathInWorkspace: string) => boolean,
): void {
  const node = context.projectGraph.nodes[id.project]!;
  const target = node.data.targets![id.target]!;
  if (!target.cache) return;
  const refuse = (problems: readonly string[], fix: string): never => {
    throw pluginKitErrors.error('GRAPH_TOOL_FINGERPRINT', { target: idText(id), problems, fix });
  };
  const { runtime } = expandInputs(target.inputs, namedInputsOf(node, context.nxJsonConfiguration?.namedInputs));
  const line = `"waybillTools": [{ "runtime": "${FINGERPRINT_COMMAND}" }]`;
  if (!runtime.includes(FINGERPRINT_COMMAND)) {
    refuse(
      [`expected the runtime input \`${FINGERPRINT_COMMAND}\``, 'actual none: a change of a tool would replay an old result'],
      `add \`"waybillTools"\` to the \`inputs\` of the target, and \`${line}\` to \`namedInputs\` in nx.json`,
    );
  }
  if (!isThere(FINGERPRINT_FILE)) {
    refuse(
      [`expected the file \`${FINGERPRINT_FILE}\``, 'actual none: Nx takes a command that fails for an empty answer'],
      'install the packages of Waybill in the root of the workspace: `npm install --save-dev @waybill/plugin-kit`',
    );
  }
  const problems = tools.flatMap((tool) => disagreement(tool, seen));
  if (problems.length > 0) {
    refuse(problems, 'name the tool by its variable or put it on PATH instead of naming it in an option; both are seen by the fingerprint');
  }
}

/** A managed tool comes with this Waybill, whose version is hashed; one that was passed over is known to the fingerprint by its version. */
function disagreement(tool: ResolvedTool, seen: ReadonlyMap<string, string>): readonly string[] {
  if (tool.source === 'managed' || !TOOL_PROBES.some(({ id }) => id === tool.id)) return [];
  const line = seen.get(tool.id) ?? 'missing';
  return line === tool.version || line.startsWith(`${tool.version} `)
    ? []
    : [`\`${tool.id}\`: the fingerprint says ${line}, the target uses ${tool.version}`];
}

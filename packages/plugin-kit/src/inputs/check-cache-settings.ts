import { distFolder, outputsLine, type StageRow } from '@waybill/artifacts';
import { pluginKitErrors } from '../errors/plugin-kit-errors';
import { idText, type TargetId } from '../graph/expand-depends-on';
import type { NxContext } from '../nx-context';
import { expandInputs, namedInputsOf } from './expand-inputs';
import { matchGlob } from './match-filesets';

/** Variables that keep the results of a dry run and a real run apart in the cache. */
export const DRY_RUN_VARIABLES = ['NX_DRY_RUN', 'WAYBILL_DRY_RUN'] as const;

/** What a cached target must have so that a hit is never wrong: dry-run variables in its hash, outputs that hold its folder, a stage that may be cached. */
export function checkCacheSettings(context: NxContext, id: TargetId, row: StageRow): void {
  const node = context.projectGraph.nodes[id.project]!;
  const target = node.data.targets![id.target]!;
  if (!target.cache) return;
  if (!row.cache) throw pluginKitErrors.error('GRAPH_CACHED_EFFECT', { target: idText(id), stage: row.stage });
  const { env } = expandInputs(target.inputs, namedInputsOf(node, context.nxJsonConfiguration?.namedInputs));
  const missing = DRY_RUN_VARIABLES.filter((name) => !env.includes(name));
  if (missing.length > 0) {
    throw pluginKitErrors.error('GRAPH_DRY_RUN_INPUT', { target: idText(id), lines: missing.map((name) => JSON.stringify({ env: name })) });
  }
  const folder = distFolder(node.data.root, id.target);
  const outputs = (target.outputs ?? []).map((output) =>
    output
      .replace(/^\{workspaceRoot\}\/?/, '')
      .replaceAll('{projectRoot}', node.data.root)
      .replaceAll('/./', '/'),
  );
  if (!outputs.some((output) => matchGlob(output, folder))) {
    throw pluginKitErrors.error('GRAPH_OUTPUTS', { target: idText(id), line: outputsLine(id.target) });
  }
}

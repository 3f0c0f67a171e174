import type { z } from 'zod';
import type { NxContext } from './nx-context';
import { runBatch, type BatchAnswer, type BatchGraph } from './batch/run-batch';
import { runStage } from './run/run-stage';
import { systemHost } from './run/system-host';
import type { StageDefinition, StagePlan } from './stage-definition';

/** What Nx calls. Resolves in every case; Nx turns `success` into exit code 0 or 1. */
export type NxExecutor = (options: unknown, context: NxContext) => Promise<{ success: boolean }>;

/** A definition, or what loads it at need (`() => import('./definition')`), by the target where two stages share an executor. */
export type DefinitionSource<Schema extends z.ZodType, Facts, Plan extends StagePlan> =
  StageDefinition<Schema, Facts, Plan> | ((targetName: string) => Promise<StageDefinition<Schema, Facts, Plan>>);

/**
 * Makes an Nx executor of a stage: `export default defineExecutor({ stage, options, gather, plan, apply })`. It owns everything round the
 * three: options, dry run, tools, records before and behind, redaction, times, report, locks, and the text of every failure.
 */
export function defineExecutor<Schema extends z.ZodType, Facts, Plan extends StagePlan>(source: DefinitionSource<Schema, Facts, Plan>): NxExecutor {
  return async (options, context) => {
    const definition = typeof source === 'function' ? await source(context.targetName ?? '') : source;
    return runStage(definition, options, context, systemHost());
  };
}

/** What Nx calls with all tasks of an executor that one process runs (`nx run-many --batch`): what starts a process and loads code is paid once. */
export type NxBatchExecutor = (
  graph: BatchGraph,
  options: Readonly<Record<string, unknown>>,
  overrides: unknown,
  context: NxContext,
) => AsyncIterableIterator<BatchAnswer>;

/** The same stage for many tasks: the default export of the file that `batchImplementation` in executors.json names. */
export function defineBatchExecutor<Schema extends z.ZodType, Facts, Plan extends StagePlan>(
  definition: StageDefinition<Schema, Facts, Plan>,
): NxBatchExecutor {
  return (graph, options, _overrides, context) =>
    runBatch({ graph, options, context, host: systemHost(), run: (own, place, host) => runStage(definition, own, place, host) });
}

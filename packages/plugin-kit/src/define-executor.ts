import type { z } from 'zod';
import type { NxContext } from './nx-context';
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

import type { NxContext } from './nx-context';
import type { StageDefinition, StagePlan } from './stage-definition';
import type { z } from 'zod';

/** What Nx calls. Resolves in every case that is not a fault of ours; Nx turns `success` into exit code 0 or 1. */
export type NxExecutor = (options: unknown, context: NxContext) => Promise<{ success: boolean }>;

/** A definition, or what loads it at need (`() => import('./definition')`). */
export type DefinitionSource<Schema extends z.ZodType, Facts, Plan extends StagePlan> =
  | StageDefinition<Schema, Facts, Plan>
  | (() => Promise<StageDefinition<Schema, Facts, Plan>>);

/** Makes an Nx executor of a stage: `export default defineExecutor({ stage, options, gather, plan, apply })`. */
export function defineExecutor<Schema extends z.ZodType, Facts, Plan extends StagePlan>(
  definition: DefinitionSource<Schema, Facts, Plan>,
): NxExecutor {
  return async (options, context) => {
    void definition, options, context;
    throw new Error('not yet');
  };
}

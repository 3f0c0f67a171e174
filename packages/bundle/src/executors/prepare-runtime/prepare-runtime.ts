import { PATCHELF, STRIP } from '@waybill/core';
import type { StageDefinition } from '@waybill/plugin-kit';
import { applyPrepareRuntime, gatherPrepareRuntime } from './apply';
import { prepareRuntimeOptions } from './options';
import { planPrepareRuntime, type PrepareRuntimeFacts, type PrepareRuntimePlan } from './plan';

/** `@waybill/bundle:prepare-runtime`: one runtime for all applications of a workspace, as a cached target of its own. */
export const prepareRuntimeStage: StageDefinition<typeof prepareRuntimeOptions, PrepareRuntimeFacts, PrepareRuntimePlan> = {
  stage: 'prepare-runtime',
  options: prepareRuntimeOptions,
  tools: (options) => [{ descriptor: PATCHELF }, ...(options.strip ? [{ descriptor: STRIP }] : [])],
  gather: gatherPrepareRuntime,
  plan: planPrepareRuntime,
  apply: applyPrepareRuntime,
};

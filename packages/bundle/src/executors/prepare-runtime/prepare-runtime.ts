import { PATCHELF, STRIP } from '@waybill/core';
import type { StageDefinition } from '@waybill/plugin-kit';
import { runtimeFileOf } from '../package-dist/runtime-options';
import { applyPrepareRuntime, gatherPrepareRuntime } from './apply';
import { prepareRuntimeOptions } from './options';
import { planPrepareRuntime, type PrepareRuntimeFacts, type PrepareRuntimePlan } from './plan';

/** `@waybill/bundle:prepare-runtime`: one runtime for all applications of a workspace, as a cached target of its own. */
export const prepareRuntimeStage: StageDefinition<typeof prepareRuntimeOptions, PrepareRuntimeFacts, PrepareRuntimePlan> = {
  stage: 'prepare-runtime',
  options: prepareRuntimeOptions,
  needsVersion: false,
  tools: (options) => [{ descriptor: PATCHELF }, ...(options.strip ? [{ descriptor: STRIP }] : [])],
  optionFiles: ({ runtime }) => {
    const path = runtimeFileOf(runtime);
    return path === undefined ? [] : [{ option: 'runtime.path', path }];
  },
  gather: gatherPrepareRuntime,
  plan: planPrepareRuntime,
  apply: applyPrepareRuntime,
};

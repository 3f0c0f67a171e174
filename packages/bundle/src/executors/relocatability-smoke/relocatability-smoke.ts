import type { StageDefinition } from '@waybill/plugin-kit';
import { applySmoke } from './apply';
import { relocatabilitySmokeOptions } from './options';
import { planSmoke, type SmokeFacts, type SmokePlan } from './plan';

/** `@waybill/bundle:relocatability-smoke`: the archive that ships → a proof → its record. */
export const relocatabilitySmoke: StageDefinition<typeof relocatabilitySmokeOptions, SmokeFacts, SmokePlan> = {
  stage: 'smoke',
  options: relocatabilitySmokeOptions,
  optionFiles: (options) => [
    ...options.glibcMatrix.filter((path) => !path.startsWith('/')).map((path) => ({ option: 'glibcMatrix', path })),
    ...(options.secondArchive === undefined ? [] : [{ option: 'secondArchive', path: options.secondArchive }]),
  ],
  gather: async ({ upstream }) => ({ archives: upstream.filter(({ kind }) => kind === 'bundle-archive') }),
  plan: planSmoke,
  apply: applySmoke,
};

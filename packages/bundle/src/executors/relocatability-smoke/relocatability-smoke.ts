import type { StageDefinition } from '@waybill/plugin-kit';
import { applySmoke } from '../apply-at-need';
import { relocatabilitySmokeOptions } from './options';
import { planSmoke, type SmokeFacts, type SmokePlan } from './plan';

export type SmokeStage = StageDefinition<typeof relocatabilitySmokeOptions, SmokeFacts, SmokePlan>;

const stageOf = (stage: 'smoke' | 'smoke-signed'): SmokeStage => ({
  stage,
  options: relocatabilitySmokeOptions,
  optionFiles: (options) => [
    ...options.glibcMatrix.filter((path) => !path.startsWith('/')).map((path) => ({ option: 'glibcMatrix', path })),
    ...(options.secondArchive === undefined ? [] : [{ option: 'secondArchive', path: options.secondArchive }]),
  ],
  gather: async ({ upstream }) => ({ archives: upstream.filter(({ kind }) => kind === 'bundle-archive') }),
  plan: planSmoke,
  apply: (context, plan, outputDir) => applySmoke(context, plan, outputDir),
});

/** `@waybill/bundle:relocatability-smoke`: the archive that ships → a proof → its record. */
export const relocatabilitySmoke = stageOf('smoke');
/** The same behind what signed or notarized, in the targets `smoke-signed-…`: never cached, because those are not. */
export const relocatabilitySmokeSigned = stageOf('smoke-signed');

/** Which of the two stages a target is. */
export const smokeStageOf = (targetName: string): SmokeStage =>
  /^smoke-signed(-|$)/.test(targetName) ? relocatabilitySmokeSigned : relocatabilitySmoke;

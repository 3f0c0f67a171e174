import type { StageDefinition } from '@waybill/plugin-kit';
import { applyTakeBack, gatherTakeBack, secretsOfTakeBack } from './apply';
import { takeBackOptions } from './options';
import { planTakeBack, type TakeBackFacts, type TakeBackPlan } from './plan';

/** `@waybill/release:take-back`: a release that should not have gone out is taken from where it stands, as far as each place allows. */
export const takeBackStage: StageDefinition<typeof takeBackOptions, TakeBackFacts, TakeBackPlan> = {
  stage: 'take-back',
  options: takeBackOptions,
  secrets: secretsOfTakeBack,
  gather: gatherTakeBack,
  plan: planTakeBack,
  apply: applyTakeBack,
};

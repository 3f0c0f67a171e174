import type { StageDefinition } from '@waybill/plugin-kit';
import { applySign } from './apply';
import { applyAuthenticode } from './apply-authenticode';
import { gatherKey, type SignFacts } from './gather';
import { signOptions } from './options';
import { planSign, type SignPlan } from './plan';

export type SignStage = StageDefinition<typeof signOptions, SignFacts, SignPlan>;

const stageOf = (stage: 'sign' | 'sign-checksums'): SignStage => ({
  stage,
  options: signOptions,
  secrets: ({ keyEnv, certificateEnv, passwordEnv }) => [keyEnv, certificateEnv, passwordEnv].filter((name) => name !== undefined),
  gather: gatherKey,
  plan: planSign,
  apply: (context, plan, outputDir) => (plan.identity ? applyAuthenticode : applySign)(context, plan, outputDir),
});

/** `@waybill/signing:sign` on what ships. */
export const sign = stageOf('sign');
/** The same on the sums, in the target `sign-checksums`. */
export const signChecksums = stageOf('sign-checksums');

/** Which of the two stages a target is: `sign-checksums`, and any further one of that name (`sign-checksums-minisign`), signs the sums. */
export const signStageOf = (targetName: string): SignStage => (/^sign-checksums(-|$)/.test(targetName) ? signChecksums : sign);

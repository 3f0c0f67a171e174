import type { StageContext, StageDefinition } from '@waybill/plugin-kit';
import { IDENTITY_VARIABLES } from '../../backends/open-keyless';
import { findArchivesWithApp } from '../../inside/archive-manifests';
import { withAppleDefaults } from './apple-defaults';
import { applySign } from './apply';
import { applyApple } from './apply-apple';
import { applyAuthenticode } from './apply-authenticode';
import { gatherKey, type SignFacts } from './gather';
import { signOptions, type SignOptions } from './options';
import { planSign, type SignPlan } from './plan';

export type SignStage = StageDefinition<typeof signOptions, SignFacts, SignPlan>;

const stageOf = (stage: 'sign' | 'sign-checksums'): SignStage => ({
  stage,
  options: signOptions,
  secrets: (options) => {
    const { keyEnv, certificateEnv, passwordEnv, keyless } = withAppleDefaults(options);
    return [keyEnv, certificateEnv, passwordEnv, ...(keyless ? IDENTITY_VARIABLES : [])].filter((name) => name !== undefined);
  },
  gather: async (context) => ({
    ...(await gatherKey(withDefaults(context))),
    ...(context.options.backend === 'apple' && { archivesWithApp: await findArchivesWithApp(context) }),
  }),
  plan: (context, facts) => planSign(withDefaults(context), facts),
  optionFiles: ({ entitlements, keyless }) => [
    ...entitlements.map(({ file }) => ({ option: 'entitlements', path: file })),
    ...(keyless?.trustedRoot === undefined ? [] : [{ option: 'keyless', path: keyless.trustedRoot }]),
  ],
  apply: (context, plan, outputDir) => applierOf(plan, context.options)(withDefaults(context), plan, outputDir),
});

const withDefaults = (context: StageContext<SignOptions>): StageContext<SignOptions> => ({
  ...context,
  options: withAppleDefaults(context.options, context.environment),
});

function applierOf({ identity, apple }: SignPlan, { adHoc }: SignOptions): SignStage['apply'] {
  if (identity) return applyAuthenticode;
  return apple || adHoc ? applyApple : applySign;
}

/** `@waybill/signing:sign` on what ships. */
export const sign = stageOf('sign');
/** The same on the sums, in the target `sign-checksums`. */
export const signChecksums = stageOf('sign-checksums');

/** Which of the two stages a target is: `sign-checksums`, and any further one of that name (`sign-checksums-minisign`), signs the sums. */
export const signStageOf = (targetName: string): SignStage => (/^sign-checksums(-|$)/.test(targetName) ? signChecksums : sign);

import { setTimeout as sleep } from 'node:timers/promises';
import type { StageDefinition } from '@waybill/plugin-kit';
import { findArchivesWithApp } from '../../inside/archive-manifests';
import { applyNotarize, type NotarizeTiming } from './apply';
import { gatherAccess, type NotarizeFacts } from './gather';
import { notarizeOptions } from './options';
import { planNotarize, type NotarizePlan } from './plan';

export type NotarizeStage = StageDefinition<typeof notarizeOptions, NotarizeFacts, NotarizePlan>;

/** `timing`: the clock and how it waits; specs give one on which time flies. */
export const notarizeStage = (timing: NotarizeTiming): NotarizeStage => ({
  stage: 'notarize',
  options: notarizeOptions,
  secrets: ({ keyEnv }) => [keyEnv],
  gather: async (context) => ({
    ...(await gatherAccess(context)),
    ...(context.options.staple && context.options.skip === undefined && { archivesWithApp: await findArchivesWithApp(context) }),
  }),
  plan: planNotarize,
  apply: (context, plan, outputDir) => applyNotarize(context, plan, outputDir, timing),
});

/** `@waybill/signing:notarize`. */
export const notarize = notarizeStage({ nowMs: () => Date.now(), pause: (ms) => sleep(ms) });

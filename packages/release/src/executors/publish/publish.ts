import type { StageDefinition } from '@waybill/plugin-kit';
import { secretVariables } from '../../publishing/create-destination';
import { applyPublish } from './apply';
import { checkPublishOptions } from './check-options';
import { gatherPublish, type PublishFacts } from './gather';
import { inheritPublish } from './inherit';
import { wholePublishOptions } from './options';
import { planPublish, type PublishStagePlan } from './plan';

/** `@waybill/release:publish`: what was summed and signed, public once and exactly. */
export const publishStage: StageDefinition<typeof wholePublishOptions, PublishFacts, PublishStagePlan> = {
  stage: 'publish',
  options: wholePublishOptions,
  inherit: inheritPublish,
  secrets: ({ to }) => secretVariables(to),
  checkOptions: checkPublishOptions,
  gather: gatherPublish,
  plan: planPublish,
  apply: applyPublish,
};

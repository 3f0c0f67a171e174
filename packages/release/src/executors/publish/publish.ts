import type { StageContext, StageDefinition } from '@waybill/plugin-kit';
import { secretVariables } from '../../publishing/create-destination';
import { applyPublish } from './apply';
import { checkPublishOptions } from './check-options';
import { gatherPublish, type PublishFacts } from './gather';
import { wholePublishOptions } from './options';
import { planPublish, type PublishStagePlan } from './plan';

/** `@waybill/release:publish`: what was summed and signed, public once and exactly. */
export const publishStage: StageDefinition<typeof wholePublishOptions, PublishFacts, PublishStagePlan> = {
  stage: 'publish',
  options: wholePublishOptions,
  inherit: withPlaces,
  secrets: ({ to }) => secretVariables(to),
  checkOptions: checkPublishOptions,
  gather: gatherPublish,
  plan: planPublish,
  apply: applyPublish,
};

/** A target without places of its own goes where the project's `publish` goes, and by its options: what is changed there holds for both. */
function withPlaces(given: unknown, projectTargets: StageContext<unknown>['projectTargets']): unknown {
  if (typeof given !== 'object' || given === null || 'to' in given) return given;
  const publish = projectTargets.find(({ target, executor }) => target === 'publish' && executor === '@waybill/release:publish');
  return { ...(publish?.options as object | undefined), ...given };
}

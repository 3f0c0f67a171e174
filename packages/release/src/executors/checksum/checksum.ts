import type { StageDefinition } from '@waybill/plugin-kit';
import { applyChecksum, gatherChecksum } from './apply';
import { checksumOptions } from './options';
import { planChecksum, type ChecksumFacts, type ChecksumPlan } from './plan';

/** `@waybill/release:checksum`: sums of everything that ships, and where it comes from. */
export const checksumStage: StageDefinition<typeof checksumOptions, ChecksumFacts, ChecksumPlan> = {
  stage: 'checksum',
  options: checksumOptions,
  gather: gatherChecksum,
  plan: planChecksum,
  apply: applyChecksum,
};

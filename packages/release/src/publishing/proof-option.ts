import { proofPolicy } from '@waybill/plugin-kit';
import { z } from 'zod';

/** What `checksum` and `publish` ask of the proof of an application, as `sign` does. */
export const proofOptions = {
  proof: proofPolicy.prefault({}).describe('What the proof of an application must have been'),
  allowUnproved: z
    .string()
    .trim()
    .min(1, 'a reason is a text')
    .optional()
    .describe('Go on with bundles whose proof is missing, red or too weak, for this reason; it is shown and recorded'),
};

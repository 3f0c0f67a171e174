import { commonOptions } from '@waybill/plugin-kit';
import { z } from 'zod';
import { proofOptions } from '../../publishing/proof-option';
import { destinationOption } from './destination-options';

const ids = z.array(z.string().min(1)).default([]);

/** Options of `@waybill/release:publish`: the only source of its schema.json. */
export const publishOptions = z.strictObject({
  ...commonOptions,
  ...proofOptions,
  to: z.array(destinationOption).min(1).describe('Where the release goes: a list in project.json, an object for each place'),
  only: ids.describe('Ids of the destinations of this run; the others are left out. Example: `["staging"]`'),
  skip: ids.describe('Ids of destinations that this run leaves out'),
  skipReason: z
    .string()
    .trim()
    .min(1, 'a reason is a text')
    .optional()
    .describe('Why `skip` leaves them out; it stands in the plan and in the receipt'),
  channel: z
    .enum(['stable', 'prerelease'])
    .optional()
    .describe('Channel of the release. By default that of the version: `prerelease` with a, b, rc or dev'),
  requireTag: z
    .boolean()
    .default(true)
    .describe('Skip destinations that are open to others when no tag of this version is at HEAD; `false` publishes without one'),
  resume: z
    .boolean()
    .default(true)
    .describe('Take up a run that was broken off by its ledger. `false` sets the ledger aside: what stands at the destination decides alone'),
  plan: z.boolean().default(false).describe('Print the plan, as a table and as JSON, and publish nothing'),
});

export type PublishOptions = z.output<typeof publishOptions>;

import { commonOptions } from '@waybill/plugin-kit';
import { z } from 'zod';
import { proofOptions } from '../../publishing/proof-option';
import { destinationOption } from './destination-options';

const ids = z.array(z.string().min(1)).default([]);

/** Options of `@waybill/release:publish`: the only source of its schema.json. */
export const publishOptions = z.strictObject({
  ...commonOptions,
  ...proofOptions,
  to: z
    .array(destinationOption)
    .min(1)
    .optional()
    .describe(
      'Where the release goes: a list in project.json, an object for each place. A target without it (`nx-release-publish`) takes the options of the target `publish`, and needs none of its own',
    ),
  only: ids.describe(
    'Ids of the destinations of this run; the others are left out, also of the projects that are published because this one needs them. Example: `["staging"]`',
  ),
  skip: ids.describe('Ids of destinations that this run leaves out, also of the projects that are published because this one needs them'),
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
  plan: z
    .boolean()
    .default(false)
    .describe('Print the plan, as a table and as JSON, and publish nothing, of the projects that this one needs neither'),
  firstRelease: z.boolean().optional().describe('Given by `nx release --first-release`; a first release is published as any other'),
  nxReleaseVersionData: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('Given by `nx release`: what it versioned. A project that got no new version is skipped'),
});

/** After `publish` was asked for what the target does not say. */
export const wholePublishOptions = publishOptions.required({ to: true });

export type PublishOptions = z.output<typeof wholePublishOptions>;

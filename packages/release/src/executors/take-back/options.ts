import { checkVersion } from '@waybill/artifacts';
import { commonOptions } from '@waybill/plugin-kit';
import { z } from 'zod';

/** Options of `@waybill/release:take-back`: the only source of its schema.json. */
export const takeBackOptions = z.strictObject({
  ...commonOptions,
  release: z
    .string()
    .min(1)
    .transform((text) => checkVersion(text))
    .describe('Version that is taken back. Example: `1.4.0`'),
  from: z.string().min(1).default('publish').describe('Target of this project whose list `to` says where releases stand'),
  only: z.array(z.string().min(1)).default([]).describe('Ids of destinations; by default all. Example: `["staging"]`'),
  confirm: z.boolean().default(false).describe('Do it. Without it the target says what it would do, and fails'),
});

export type TakeBackOptions = z.output<typeof takeBackOptions>;

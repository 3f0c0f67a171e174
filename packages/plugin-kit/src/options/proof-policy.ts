import { toolPlatform } from '@waybill/core';
import { CHECKS, ISOLATION_CLASSES } from '@waybill/relocation';
import { z } from 'zod';

const CHECK_IDS = CHECKS.map(({ id }) => id);

/** What the proof of an application must have been before it is signed, summed or published: the option `proof` of those who ask. */
export const proofPolicy = z
  .strictObject({
    minIsolation: z
      .enum(ISOLATION_CLASSES)
      .optional()
      .describe('Least isolation that a proof must have had (by default `namespace` for Linux, `copy` elsewhere)'),
    checks: z
      .array(z.enum(CHECK_IDS as [string, ...string[]]))
      .default([])
      .describe('Checks that must have run; every other one must at least have said why it did not. Example: `["moved-copy"]`'),
    staticOnly: z
      .array(
        z.strictObject({
          platform: z.string().min(1).describe('Platform of the bundle. Example: `windows-x86_64`'),
          reason: z.string().trim().min(1, 'a reason is a text').describe('Why nobody starts it before it ships; shown and recorded'),
        }),
      )
      .default([])
      .describe('Platforms for whose bundles the static checks are enough, because nothing here can start them; that of this machine is none'),
  })
  .transform((policy) => ({ ...policy, host: toolPlatform() }));

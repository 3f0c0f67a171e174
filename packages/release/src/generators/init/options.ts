import { generatorOptions } from '@waybill/plugin-kit/generators';
import { z } from 'zod';

/** Options of `@waybill/release:init`: the only source of its schema.json. The middle three are what `nx add` and other generators pass. */
export const initOptions = z.strictObject({
  ...generatorOptions,
  skipPackageJson: z.boolean().default(false).describe('Leave package.json as it is; the packages must then get into the root in another way'),
  keepExistingVersions: z.boolean().default(true).describe('Passed by `nx add`; versions that package.json names are always kept'),
  updatePackageScripts: z.boolean().default(false).describe('Passed by `nx add`; Waybill changes no scripts'),
});

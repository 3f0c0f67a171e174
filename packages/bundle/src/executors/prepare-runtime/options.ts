import { commonOptions } from '@waybill/plugin-kit';
import { z } from 'zod';
import { pruneOption, pycOption, runtimeOption, stripOption, vendorLibrariesOption } from '../package-dist/runtime-options';

/** Options of `@waybill/bundle:prepare-runtime`: the only source of its schema.json. Those it shares with package-dist mean the same. */
export const prepareRuntimeOptions = z.strictObject({
  ...commonOptions,
  platform: z
    .string()
    .optional()
    .describe('What the runtime is prepared for, `{os}-{arch}`; by default the platform of this machine. Example: `linux-x86_64`'),
  runtime: runtimeOption,
  embedded: z
    .boolean()
    .optional()
    .describe(
      '`true`: applications embed Python, a shared libpython is a must; `false`: libpython is left out unless the interpreter needs it; by default it is taken when there is one',
    ),
  vendorLibraries: vendorLibrariesOption,
  prune: pruneOption,
  strip: stripOption,
  pyc: pycOption,
});

export type PrepareRuntimeOptions = z.output<typeof prepareRuntimeOptions>;

import { DIGEST_ALGORITHMS } from '@waybill/core';
import { commonOptions } from '@waybill/plugin-kit';
import { z } from 'zod';
import { proofOptions } from '../../publishing/proof-option';

/** Options of `@waybill/release:checksum`: the only source of its schema.json. */
export const checksumOptions = z.strictObject({
  ...commonOptions,
  ...proofOptions,
  algorithms: z
    .array(z.enum(DIGEST_ALGORITHMS))
    .refine((list) => list.includes('sha256'), '`sha256` among them: everybody can check it')
    .refine((list) => new Set(list).size === list.length, 'each algorithm once')
    .default(['sha256'])
    .describe('Algorithms; each gets a sums file of its own. `sha256` must be among them. Example: `["sha256", "sha512"]`'),
  fileName: z
    .string()
    .min(1)
    .default('{name}-{version}-{algorithm}SUMS')
    .describe(
      'Name of a sums file, with `{name}`, `{version}`, `{algorithm}` (`SHA256`, `SHA384`, `SHA512`, `BLAKE2B`). The default gives `pychat-0.3.0-SHA256SUMS`, so that projects can share a release',
    ),
  releaseFileName: z
    .string()
    .regex(/(?:^|[-_.])release\.json$/, 'a name that is or ends in `release.json`')
    .default('release.json')
    .describe(
      'Name of the file that says where the release comes from. Projects that share a release need different ones: `{name}-{version}-release.json`',
    ),
});

export type ChecksumOptions = z.output<typeof checksumOptions>;

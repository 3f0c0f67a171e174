import { z } from 'zod';

export const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable');

/** What all destinations have. */
export const common = {
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, `.`, `_`, `-`')
    .optional()
    .describe('What `only` and `skip` call it. By default the type; of a named index its name'),
  channels: z
    .array(z.enum(['stable', 'prerelease']))
    .min(1)
    .default(['stable', 'prerelease'])
    .describe('Which releases go there; the others are skipped, with that reason'),
};

import { z } from 'zod';

export const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable');

const common = {
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

const folder = z.strictObject({
  type: z.literal('folder').describe('A folder: an internal channel'),
  ...common,
  path: z
    .string()
    .min(1)
    .describe(
      'The folder, relative to the workspace or absolute; a release is `{path}/{name}/{version}/`, `{path}/{name}/stable.json` the newest. Example: `releases`',
    ),
  simpleIndex: z
    .boolean()
    .default(false)
    .describe('Keep a static index of the wheels and sdists in `{path}/simple/`, for pip, uv and any web server'),
});

/** One place to publish to, by its type. */
export const destinationOption = z.discriminatedUnion('type', [folder]);
export type DestinationOption = z.output<typeof destinationOption>;

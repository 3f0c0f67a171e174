import { z } from 'zod';

/** Options of every executor (CONTRACT §4). An executor spreads them: `z.strictObject({ ...commonOptions, platform: … })`. */
export const commonOptions = {
  releaseVersion: z
    .string()
    .min(1)
    .optional()
    .describe('Version of the release, PEP 440 or SemVer, instead of the one in the project’s manifest. Example: `1.4.0`'),
  versionEnv: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
    .optional()
    .describe('Name of an environment variable that holds the version, used when it is set. It is a hashed input then. Example: `VERSION`'),
  name: z
    .string()
    .min(1)
    .optional()
    .describe('Base name of artifacts, instead of the project’s name (of `@acme/chat`: `acme-chat`). Example: `pychat`'),
  sourceDate: z
    .enum(['constant', 'commit'])
    .default('constant')
    .describe('The date inside artifacts: `constant` (2020-02-02), or `commit`: that of the newest commit that touches the inputs of the target'),
  timeoutMs: z
    .number()
    .int()
    .min(1_000)
    .max(86_400_000)
    .default(1_800_000)
    .describe('Longest time the target may take, in milliseconds. Example: `600000`'),
  passEnv: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/))
    .default([])
    .describe(
      'Names of environment variables that the tools of this target may see beyond the fixed clean set; those of a cached target must stand among its inputs, `{"env": "CC"}`. Example: `["CC"]`',
    ),
  dryRun: z
    .boolean()
    .default(false)
    .meta({ aliases: ['d'] })
    .describe('Print the plan and change nothing. Given on the command line (`--dry-run`) it holds for the whole chain of targets'),
};

/** What the common options are after parsing. */
export interface CommonOptions {
  releaseVersion?: string | undefined;
  versionEnv?: string | undefined;
  name?: string | undefined;
  sourceDate: 'constant' | 'commit';
  timeoutMs: number;
  passEnv: readonly string[];
  dryRun: boolean;
}

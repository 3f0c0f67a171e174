import { commonOptions } from '@waybill/plugin-kit';
import { z } from 'zod';

const relativePath = z
  .string()
  .min(1)
  .regex(/^(?!\/)(?!(.*\/)?\.\.(\/|$))/, 'a path in the workspace, without `..` and without a leading `/`');

const install = z.strictObject({
  enabled: z.boolean().default(true).describe('Install the wheel in a fresh environment and try it'),
  imports: z
    .array(z.string().regex(/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/))
    .optional()
    .describe('Modules that must load from the installed wheel; by default every top-level one. Example: `["wordtally", "wordtally.cli"]`'),
  commands: z
    .array(z.array(z.string()).min(1))
    .optional()
    .describe(
      'Commands that must succeed there, each a list; by default every console script with `--help`. Example: `[["wordtally", "--version"]]`',
    ),
  requirements: relativePath
    .optional()
    .describe('Hash-locked file that dependencies are installed from. Example: `packages/wordtally/requirements.lock`'),
  wheelhouse: relativePath.optional().describe('Folder of wheels that dependencies are installed from, without an index. Example: `vendor/wheels`'),
});

const fields = {
  ...commonOptions,
  frontend: z
    .enum(['auto', 'build', 'uv', 'maturin', 'cibuildwheel'])
    .default('auto')
    .describe('Who calls the build backend. `auto`: maturin for its own projects, else uv where it can be had, else `build`'),
  platform: z
    .string()
    .optional()
    .describe(
      'What the wheel is made for, `{os}-{arch}`; by default the end of the name `build-wheel-{platform}`, else this machine. Example: `linux-x86_64`',
    ),
  python: z
    .union([z.string(), z.number()])
    .transform((value, context): string => {
      if (typeof value === 'string' && value !== '') return value;
      const message = 'a text: as a number 3.10 and 3.1 are the same; on the command line write `--python=python3.10`';
      context.addIssue({ code: 'custom', message, input: value });
      return z.NEVER;
    })
    .optional()
    .describe(
      'Interpreter that builds: a version (`3.12`, `3.13t`), a command (`python3.12`) or a path; by default `.python-version` of project or workspace, else `python3`. Example: `python3.12`',
    ),
  sdist: z.boolean().default(true).describe('Make the sdist. A target `build-wheel-{platform}` never does: it takes the one of `build-wheel`'),
  wheel: z.boolean().default(true).describe('Make the wheel'),
  ships: z
    .boolean()
    .default(true)
    .describe('Whether wheel and sdist are delivered. false: they only go into what other targets make; they are neither summed nor published'),
  fromSdist: z
    .boolean()
    .default(true)
    .describe(
      'Build the wheel from the sdist, as users do who install from it; false: from the sources themselves, also in a target `build-wheel-{platform}`',
    ),
  buildRequirements: relativePath
    .optional()
    .describe(
      'Hash-locked file of build requirements: they are installed first and nothing else is. Example: `packages/wordtally/build-requirements.lock`',
    ),
  wheelhouse: relativePath
    .optional()
    .describe('Folder of wheels that build requirements come from; the build then has no network. Example: `vendor/wheels`'),
  configSettings: z
    .record(z.string().min(1), z.union([z.string(), z.array(z.string())]))
    .default({})
    .describe('Settings for the build backend (PEP 517). Example: `{"cmake.args": "-DWITH_SSL=ON"}`'),
  reproducible: z
    .enum(['enforce', 'verify', 'off'])
    .default('enforce')
    .describe(
      '`enforce`: pack the results again so that they are the same everywhere; `verify`: build twice under other conditions and compare; `off`',
    ),
  install: install.prefault({}).describe('What is tried of the wheel in a fresh environment'),
  metadata: z.enum(['strict', 'warn']).default('strict').describe('Whether faults of the metadata (`twine check --strict`) end the build'),
};

/** Of a target `build-wheel-{platform}`, which adds a wheel to those of `build-wheel`: its platform. */
export const furtherPlatform = (targetName: string): string | undefined => /^build-wheel-(.+)$/.exec(targetName)?.[1];

/** Options of `@waybill/python:build-wheel`: the only source of its schema.json. */
export const buildWheelOptions = z.strictObject(fields).superRefine((options, context) => {
  if (!options.sdist && !options.wheel) context.addIssue({ code: 'custom', path: ['wheel'], message: 'at least one of `sdist` and `wheel`' });
  if (options.install.requirements !== undefined && options.install.wheelhouse !== undefined) {
    context.addIssue({ code: 'custom', path: ['install'], message: 'one of `requirements` and `wheelhouse`' });
  }
});

export type BuildWheelOptions = z.output<typeof buildWheelOptions>;

import { commonOptions } from '@waybill/plugin-kit';
import { z } from 'zod';
import { listOf, size, versionText } from './option-types';
import { pruneOption, pycOption, runtimeOption, stripOption, vendorLibrariesOption } from './runtime-options';

/** Where files go that the application brings beside its wheels; a folder of `sys.path`, behind the packages. */
export const PYTHON_APP = 'python/app';

const relativePath = z
  .string()
  .min(1)
  .regex(/^(?!\/)(?!(.*\/)?\.\.(\/|$))/, 'a path in the workspace, without `..` and without a leading `/`');
const pathInBundle = z.string().regex(/^(?!\/)(?!(.*\/)?\.\.(\/|$))/, 'a folder in the bundle, without `..` and without a leading `/`');

const includeEntry = z.union([
  relativePath,
  z.strictObject({
    from: relativePath.describe('File, folder or glob, relative to the workspace. Example: `apps/server/assets`'),
    to: pathInBundle.default(PYTHON_APP).describe('Folder in the bundle that gets it. Example: `python/vendor/server`'),
  }),
]);

const entry = z.strictObject({
  module: z
    .string()
    .regex(/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/)
    .optional()
    .describe('Module that is started as by `python -m`. Example: `server`'),
  script: relativePath
    .optional()
    .describe('Script, relative to the workspace; its folder joins `sys.path` behind the packages. Example: `apps/server/main.py`'),
});

const fields = {
  ...commonOptions,
  platform: z
    .string()
    .optional()
    .describe('What the bundle is made for, `{os}-{arch}`; by default the platform of this machine. Example: `linux-x86_64`'),
  binary: relativePath
    .optional()
    .describe(
      'The native program that embeds Python: path or glob of exactly one file, relative to the workspace. Absent for a Python program. Example: `apps/chat/target/release/chat`',
    ),
  entry: entry.optional().describe('What a Python program starts: `{"module": …}` or `{"script": …}`. Absent for a native program'),
  runtime: runtimeOption,
  requirements: relativePath
    .optional()
    .describe(
      'Hash-locked requirements file, relative to the workspace, as `uv export` or `pip-compile --generate-hashes` write it. Example: `apps/chat/requirements.lock`',
    ),
  launcher: z
    .enum(['native', 'shell', 'none'])
    .default('native')
    .describe('What users start: a small static program, a POSIX shell script that calls no other program, or nothing'),
  launcherEnv: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string())
    .default({})
    .describe('Variables that the launcher sets for the application unless the user has set them. Example: `{"CHAT_MODE": "desktop"}`'),
  include: z
    .array(includeEntry)
    .default([])
    .describe(
      'Further files, an allow-list: paths, folders or globs relative to the workspace (copied to `python/app/`, at their path in the project), or `{"from": …, "to": …}`; byte code, caches, `node_modules` and version control folders never come along, names with a dot in front (`.env`) only when they are named themselves. Example: `["apps/chat/assets"]`',
    ),
  vendorLibraries: vendorLibrariesOption,
  prune: pruneOption,
  strip: stripOption,
  pyc: pycOption,
  glibc: versionText('glibc', 'glibc2.28')
    .optional()
    .describe('Highest glibc that the bundle may need; any file that needs more is an error. Example: `2.28`'),
  macosMinimum: versionText('macosMinimum', 'macos11.0')
    .optional()
    .describe('Lowest macOS that the bundle must run on; no effect yet, because bundles for macOS are not made yet. Example: `11.0`'),
  formats: listOf(z.enum(['tar.gz', 'tar.zst', 'zip']))
    .refine((formats) => formats.length > 0, 'at least one format')
    .optional()
    .describe('Archives to write; `tar.gz` when absent. Example: `["tar.gz", "tar.zst"]`'),
  nameTemplate: z
    .string()
    .default('{name}-{version}-{os}-{arch}')
    .describe('Name of the archive and of the one folder in it. Example: `{name}-{version}-{os}-{arch}`'),
  folder: z.boolean().default(false).describe('Leave the unpacked folder beside the archive. It costs every replay from the cache'),
  sizeLimit: size
    .optional()
    .describe('Largest size of the unpacked bundle: bytes, or a number with `KB`, `MB`, `GB`, `KiB`, `MiB` or `GiB`. Example: `120MB`'),
};

/** Options of `@waybill/bundle:package-dist`: the only source of its schema.json. */
export const packageDistOptions = z.strictObject(fields).superRefine((options, context) => {
  const starts = [options.binary, options.entry?.module, options.entry?.script].filter((value) => value !== undefined);
  if (starts.length !== 1) {
    context.addIssue({ code: 'custom', path: ['entry'], message: 'name exactly one of `binary`, `entry.module` and `entry.script`' });
  }
});

export type PackageDistOptions = z.output<typeof packageDistOptions>;

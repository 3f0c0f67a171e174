import { z } from 'zod';
import { versionRequest } from './option-types';

const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable');
const sha256 = z.string().regex(/^[0-9a-fA-F]{64}$/, '64 hexadecimal digits');

const runtimeFields = z.strictObject({
  provider: z
    .enum(['interpreter', 'archive', 'uv'])
    .default('interpreter')
    .describe('Where the Python comes from: the project’s own `interpreter`, an `archive` (python-build-standalone layout), or `uv`'),
  version: versionRequest('runtime.version', "'==3.10.*'")
    .optional()
    .describe('What it must be: a series (`3.11`), an exact version (`3.11.7`) or specifiers (`>=3.10,<3.13`)'),
  path: z
    .string()
    .min(1)
    .optional()
    .describe(
      'interpreter: the executable or its home; archive: the file. Outside of the workspace a `runtime` input must name it. Example: `/opt/python/bin/python3.11`',
    ),
  url: z.url().optional().describe('archive: where it is fetched from; needs `sha256`'),
  sha256: sha256.optional().describe('archive: digest of the file, lower-case hexadecimal'),
  urlEnv: variable.optional().describe('Name of a variable that holds `url`, used when it is set. Example: `CPYTHON_URL`'),
  sha256Env: variable.optional().describe('Name of a variable that holds `sha256`. Example: `CPYTHON_SHA256`'),
});

export const runtimeOption = runtimeFields.prefault({}).describe('Which Python the bundle gets');

export const pruneOption = z
  .strictObject({
    preset: z
      .enum(['none', 'safe', 'small'])
      .default('safe')
      .describe('How much of the standard library is left out: a table with a reason for each entry'),
    keep: z.array(z.string()).default([]).describe('Globs or modules that stay whatever the preset says. Example: `["tkinter"]`'),
    drop: z
      .array(z.string())
      .default([])
      .describe(
        'Globs or modules that are left out beyond the preset; those that begin with `python/vendor/` are about files of wheels. One that fits nothing is a warning. Example: `["sqlite3", "python/vendor/PySide6/Qt/qml"]`',
      ),
  })
  .prefault({})
  .describe('What of the runtime, and of wheels, is left out');

export const vendorLibrariesOption = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Carry the libraries of this machine that the bundle needs beyond glibc'),
    allow: z
      .array(z.string())
      .default([])
      .describe('Names of libraries that may be carried although the defaults deny them. Example: `["libreadline.so.8"]`'),
    deny: z.array(z.string()).default([]).describe('Names of libraries that are never carried. Example: `["libX11.so.6"]`'),
    fromHost: z
      .array(z.string().regex(/^[^/\s]+$/, '`desktop`, or the name of a library'))
      .default([])
      .describe(
        'Libraries that the bundle takes from the system it runs on: `desktop` (OpenGL, X11, Wayland, fonts, sound, GTK … of any desktop), or names. Packaging says and records them. Example: `["desktop"]`',
      ),
    licences: z
      .record(z.string(), z.string())
      .default({})
      .describe('Licences that cannot be found out, by name of the library. Example: `{"libfoo.so.1": "MIT"}`'),
  })
  .prefault({})
  .describe('Host libraries that the bundle carries in `lib/`');

export const stripOption = z
  .boolean()
  .default(true)
  .describe('Strip the runtime and the files of the application; files of wheels are left as they are');

export const pycOption = z
  .enum(['unchecked-hash', 'none'])
  .default('unchecked-hash')
  .describe('Byte code that starts five times faster and stays valid whatever happens to times, or none');

/** The file outside of Nx's sight that a runtime comes from: none where its digest is among the options. */
export const runtimeFileOf = ({ path, sha256: digest }: z.output<typeof runtimeFields>): string | undefined =>
  digest === undefined ? path : undefined;

import { z } from 'zod';
import { common, variable } from './common-destination-options';
import { githubReleaseOption, ociOption, s3Option } from './remote-options';

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

const index = z
  .strictObject({
    type: z.literal('index').describe('A package index, for wheels and sdists'),
    ...common,
    repository: z
      .string()
      .min(1)
      .optional()
      .describe('`pypi`, `testpypi`, or the address that tools upload to. Example: `https://packages.example.org/simple-team/`'),
    repositoryEnv: variable.optional().describe('Name of the variable that holds that address, instead of `repository`. Example: `INDEX_URL`'),
    simple: z
      .string()
      .min(1)
      .default('simple/')
      .describe('The simple API, as address or relative to `repository`; devpi: `+simple/`. Known for `pypi` and `testpypi`'),
    project: z.string().min(1).optional().describe('Name of the distribution, where `take-back` cannot tell it from the name of the project'),
    auth: z
      .enum(['token', 'trusted', 'none'])
      .default('token')
      .describe(
        '`token`; `trusted`: trusted publishing, where GitHub Actions or GitLab vouches for the job and no token is kept; `none` for an index that lets anybody write',
      ),
    attestations: z
      .enum(['auto', 'off'])
      .default('auto')
      .describe(
        '`auto`: with `auth: trusted`, where the index takes them, each file goes there with an attestation of who published it (PEP 740, by sigstore, in its public log); `off`: never',
      ),
    fileLimitMib: z
      .int()
      .min(1)
      .optional()
      .describe('Largest file, in MiB, that PyPI or TestPyPI takes of this project, once it gave more than the 100 that all have. Example: `250`'),
    install: z
      .boolean()
      .default(true)
      .describe(
        'Install the version from the index afterwards, in a fresh environment: its wheel by digest, what it needs from this workspace and the usual index',
      ),
    user: z.string().min(1).default('__token__').describe('User that the token belongs to, where the index wants one'),
    tokenEnv: variable.default('PYPI_TOKEN').describe('Name of the variable that holds the token or password itself. Example: `PYPI_TOKEN`'),
  })
  .refine(({ repository, repositoryEnv }) => (repository === undefined) !== (repositoryEnv === undefined), {
    path: ['repository'],
    message: '`repository` or `repositoryEnv`, one of them',
  });

/** One place to publish to, by its type. */
export const destinationOption = z.discriminatedUnion('type', [folder, index, s3Option, ociOption, githubReleaseOption]);
export type DestinationOption = z.output<typeof destinationOption>;

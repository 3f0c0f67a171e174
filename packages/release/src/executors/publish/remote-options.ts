import { z } from 'zod';
import { common, variable } from './common-destination-options';

const latest = z
  .array(z.enum(['stable', 'prerelease']))
  .default(['stable'])
  .describe('Which releases the pointer to the newest may name; an empty list: it is not written');

/** S3 and what speaks it. */
export const s3Option = z.strictObject({
  type: z.literal('s3').describe('A bucket of S3, R2, MinIO'),
  ...common,
  bucket: z.string().min(1).optional().describe('Name of the bucket. By default the value of the variable that `bucketEnv` names'),
  bucketEnv: variable.default('R2_BUCKET').describe('Variable that holds the name of the bucket, where `bucket` is not given'),
  endpoint: z
    .string()
    .min(1)
    .optional()
    .describe('Address of the store, or `aws`. By default the value of the variable that `endpointEnv` names. Example: `https://s3.example.org`'),
  endpointEnv: variable.default('R2_ENDPOINT').describe('Variable that holds the address of the store, where `endpoint` is not given'),
  region: z.string().min(1).optional().describe('Region of the bucket. By default `auto` for R2, else `us-east-1`'),
  prefix: z.string().default('').describe('What stands before `{name}/{version}/{file}`. Example: `downloads`'),
  publicUrl: z.string().min(1).optional().describe('Address under which anybody gets what is in the bucket, for the receipt'),
  accessKeyIdEnv: variable.default('R2_ACCESS_KEY_ID').describe('Variable that holds the id of the access key'),
  secretAccessKeyEnv: variable.default('R2_SECRET_ACCESS_KEY').describe('Variable that holds the secret of the access key'),
  sessionTokenEnv: variable.optional().describe('Variable that holds the session token of temporary credentials'),
  latest,
});

/** A registry of OCI artifacts. */
export const ociOption = z
  .strictObject({
    type: z.literal('oci').describe('A registry of OCI artifacts'),
    ...common,
    repository: z.string().min(1).optional().describe('`host[:port]/path`, without a tag. Example: `registry.example.org/team/pychat`'),
    repositoryEnv: variable.optional().describe('Name of the variable that holds it, instead of `repository`. Example: `OCI_REPOSITORY`'),
    auth: z
      .enum(['password', 'none'])
      .default('password')
      .describe('`password`: a user with a password or token; `none` for a registry that asks for nothing'),
    usernameEnv: variable.default('OCI_USERNAME').describe('Variable that holds the user name'),
    passwordEnv: variable.default('OCI_PASSWORD').describe('Variable that holds the password or token'),
    latest,
  })
  .refine(({ repository, repositoryEnv }) => (repository === undefined) !== (repositoryEnv === undefined), {
    path: ['repository'],
    message: '`repository` or `repositoryEnv`, one of them',
  });

/** A release of GitHub. */
export const githubReleaseOption = z.strictObject({
  type: z.literal('github-release').describe('A release of GitHub or GitHub Enterprise'),
  ...common,
  repository: z.string().min(1).optional().describe('`owner/name`. By default the value of GITHUB_REPOSITORY, which workflows set'),
  tokenEnv: variable.default('GITHUB_TOKEN').describe('Variable that holds a token with `contents: write`'),
  apiUrl: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Address of the API. By default the value of GITHUB_API_URL, which workflows set, else that of github.com. Example: `https://github.example.org/api/v3`',
    ),
  sharedWith: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Names of the other projects whose files belong to the release of the same tag: it stays a draft until all of them are there. Example: `["wordtally"]`',
    ),
});

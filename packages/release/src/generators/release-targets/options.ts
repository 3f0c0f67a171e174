import { generatorOptions, refuseKeyWithoutKind, signingFields } from '@waybill/plugin-kit/generators';
import { z } from 'zod';

/** Options of `@waybill/release:release-targets`: the only source of its schema.json. */
export const releaseTargetsOptions = z
  .strictObject({
    ...generatorOptions,
    project: z
      .string()
      .min(1)
      .meta({
        $default: { $source: 'argv', index: 0 },
        'x-prompt': 'Which project is released?',
        'x-dropdown': 'projects',
        description: 'The project that gets the targets',
      }),
    kind: z
      .enum(['library', 'python-app', 'embedded-app'])
      .optional()
      .describe('What the project is; by default what its pyproject.toml, Cargo.toml and folders show'),
    platforms: z
      .union([z.string(), z.array(z.string())])
      .transform((value) => (typeof value === 'string' ? value.split(',') : value))
      .optional()
      .describe('Platforms of the bundles of an application; by default this machine’s. What cannot be made yet is refused. Example: `linux-x86_64`'),
    ...signingFields,
    destinations: z
      .union([z.string(), z.array(z.string())])
      .transform((value) => (typeof value === 'string' ? value.split(',') : value))
      .optional()
      .meta({
        'x-prompt': {
          message: 'Where do releases go? (nothing chosen: where the targets say, at first a folder)',
          type: 'list',
          multiselect: true,
          items: [
            { value: 'folder', label: 'a folder, which needs no account' },
            { value: 'github-release', label: 'a release of GitHub' },
            { value: 's3', label: 'a bucket of S3, R2, MinIO' },
            { value: 'oci', label: 'a registry of OCI artifacts' },
            { value: 'pypi', label: 'PyPI (libraries)' },
          ],
        },
        description:
          'Where releases go: `folder`, `s3`, `github-release`, `oci`, `pypi`, `testpypi`, `index`, some with their place behind `=` (a folder, prefix, `owner/name`, `host/path`, address); further options stand in the list `to` of `publish`. Example: `folder,oci=registry.example.org/team/chat`',
      }),
    folder: z
      .string()
      .regex(/^(?!\/)(?!(.*\/)?\.\.(\/|$))/, 'a folder of the workspace, without `..` and without a leading `/`')
      .optional()
      .describe('Folder that releases are published to, in the workspace; `dist/releases` when absent'),
    nativeTarget: z.string().min(1).optional().describe('Target that builds the native program of an embedded-app; `build` when absent'),
    binary: z
      .string()
      .min(1)
      .optional()
      .describe(
        'The native program, relative to the workspace; by default what the outputs of that target say. Example: `apps/chat/target/release/chat`',
      ),
    remove: z.boolean().default(false).describe('Take out what this generator wrote and nobody changed'),
    skipPackageJson: z.boolean().default(false).describe('Leave package.json as it is'),
  })
  .superRefine(refuseKeyWithoutKind);

import { generatorOptions } from '@waybill/plugin-kit/generators';
import { z } from 'zod';

const word = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'letters, digits, `.`, `_`, `-`');

/** Options of `@waybill/release:ci-workflow`: the only source of its schema.json. What is given once is kept in the head of the workflow. */
export const ciWorkflowOptions = z
  .strictObject({
    ...generatorOptions,
    provider: z.enum(['github', 'gitlab']).default('github').describe('Whose CI. On GitLab the jobs are for Linux'),
    check: z.boolean().default(false).describe('Change nothing; fail when the workflow is not what the targets ask for, and say what differs'),
    environment: word.optional().describe('Environment that publishes, with its reviewers and secrets. Default: `release`'),
    node: word.optional().describe('Version of Node.js. Default: `24`'),
    image: z
      .string()
      .regex(/^[A-Za-z0-9][\w./:@-]*$/, 'the name of an image')
      .optional()
      .describe('GitLab: image with Node.js, git and the Python that you release with. Default: `node:24-trixie` with its Python 3.13'),
    remoteCache: z
      .boolean()
      .optional()
      .describe(
        'GitHub: pull requests of the repository itself may read your self-hosted remote cache: address in the variable NX_SELF_HOSTED_REMOTE_CACHE_SERVER, token in the secret NX_CACHE_READ_TOKEN, which must not be able to write. Releases never do',
      ),
    python: word.optional().describe('Version of Python, when the workspace has no `.python-version`. Default: `3.13`'),
  })
  .refine(({ provider, image }) => provider === 'gitlab' || image === undefined, {
    path: ['image'],
    message: 'nothing: jobs of GitHub run on its machines',
  })
  .refine(({ provider, remoteCache }) => provider === 'github' || !remoteCache, {
    path: ['remoteCache'],
    message: 'nothing: the pipeline of GitLab takes nothing from a remote cache',
  });

type Parsed = ReturnType<typeof ciWorkflowOptions.parse>;
export type CiWorkflowOptions = Pick<Parsed, 'provider'> & Partial<Pick<Parsed, 'environment' | 'image' | 'node' | 'python' | 'remoteCache'>>;

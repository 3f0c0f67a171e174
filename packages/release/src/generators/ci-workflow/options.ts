import { generatorOptions } from '@waybill/plugin-kit/generators';
import { z } from 'zod';

/** Lists as Nx gives them from the command line, and as the head of a workflow holds them. */
const names = (pattern: RegExp, problem: string) =>
  z
    .union([z.string(), z.array(z.string())])
    .transform((value) => (typeof value === 'string' ? value.split(',') : value).map((name) => name.trim()).filter(Boolean))
    .pipe(z.array(z.string().regex(pattern, problem)));

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
        'Requests to merge of the repository itself may read your self-hosted remote cache: address in the variable NX_SELF_HOSTED_REMOTE_CACHE_SERVER, token in the secret (GitLab: variable) NX_CACHE_READ_TOKEN, which must not be able to write. Releases never do',
      ),
    branches: names(/^[\w.@/-][\w.@/*-]*$/, 'names of branches')
      .optional()
      .describe(
        'GitHub: branches whose pushes are packaged and proved too, what changed since the last push that was green; nothing is signed or published. Default: none. Example: `main`',
      ),
    agents: z
      .string()
      .regex(/^[\w .,/-]+$/, 'what `--distribute-on` of nx-cloud takes')
      .optional()
      .describe(
        'GitHub: what `--distribute-on` of Nx Cloud takes, for pull requests of the repository itself: their packaging and proofs for Linux run on agents, with the secret NX_CLOUD_READ_TOKEN, a read-only token of Nx Cloud. What signs, notarizes, sums or publishes never does. Example: `3 linux-medium-js`',
      ),
    runner: names(/^[\w.:-]+$/, 'tags of runners')
      .optional()
      .describe('GitLab: tags of the runners that take the jobs for `linux-x86_64`. Default: any runner. Example: `docker,privileged`'),
    python: word.optional().describe('Version of Python, when the workspace has no `.python-version`. Default: `3.13`'),
  })
  .superRefine((options, context) => {
    for (const [path, provider] of Object.entries(OF_ONE_PROVIDER)) {
      if (options[path as keyof typeof OF_ONE_PROVIDER] === undefined || options.provider === provider) continue;
      context.addIssue({ code: 'custom', path: [path], message: `nothing: it is for ${provider} alone`, input: options.provider });
    }
  });

/** Options that say nothing to the other provider: jobs of GitHub run on its machines, GitLab has neither agents nor a list of its own green pushes without a token. */
const OF_ONE_PROVIDER = { image: 'gitlab', runner: 'gitlab', agents: 'github', branches: 'github' } as const;

type Parsed = ReturnType<typeof ciWorkflowOptions.parse>;

/** What is kept in the head of a workflow. */
export const KEPT = ['environment', 'node', 'python', 'image', 'remoteCache', 'branches', 'agents', 'runner'] as const;
export type CiWorkflowOptions = Pick<Parsed, 'provider'> & Partial<Pick<Parsed, (typeof KEPT)[number]>>;

import { z } from 'zod';

/** Who signs without a key, and where sigstore is. */
export const keylessOptions = z
  .strictObject({
    identity: z
      .string()
      .regex(/[^*]/, 'a name, not all names')
      .describe(
        'Whom the certificate must name: for a job of GitHub the address of its workflow with the ref, for one of GitLab that of its configuration, for people their e-mail address; `*` stands for any characters. Example: `https://github.com/team/app/.github/workflows/release.yml@refs/tags/*`',
      ),
    issuer: z
      .url({ protocol: /^https?$/, error: 'an address that begins with `https://`' })
      .describe('Who vouches for it. Example: `https://token.actions.githubusercontent.com`'),
    trustedRoot: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Keys of a sigstore of one’s own (`trusted_root.json`), relative to the workspace; by default those of the public instance, which come with Waybill. Example: `security/trusted_root.json`',
      ),
    fulcioUrl: z
      .url({ protocol: /^https?$/, error: 'an address' })
      .optional()
      .describe('Where certificates are given; by default by the public instance'),
    rekorUrl: z
      .url({ protocol: /^https?$/, error: 'an address' })
      .optional()
      .describe('Where signatures are kept; by default in the public log'),
  })
  .optional()
  .describe(
    '`sigstore`: sign without a key, by the identity of the CI job (OIDC; GitHub: permission `id-token: write`; GitLab and elsewhere: the variable SIGSTORE_ID_TOKEN). What is signed stands in a public log for ever',
  );

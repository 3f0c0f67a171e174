import { commonOptions } from '@waybill/plugin-kit';
import { CHECKS } from '@waybill/relocation';
import { z } from 'zod';
import { BACKENDS } from '../../backends';
import { ISOLATION_CLASSES } from '../../choosing/judge-proof';

const CHECK_IDS = CHECKS.map(({ id }) => id);
const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable');
const reason = (what: string): z.ZodOptional<z.ZodString> => z.string().trim().min(1, 'a reason is a text').optional().describe(what);

const proof = z.strictObject({
  minIsolation: z
    .enum(ISOLATION_CLASSES)
    .optional()
    .describe('Least isolation that a proof must have had (by default `namespace` for Linux, `copy` elsewhere)'),
  checks: z
    .array(z.enum(CHECK_IDS as [string, ...string[]]))
    .default([])
    .describe('Checks that must have run; every other one must at least have said why it did not. Example: `["moved-copy"]`'),
});

export const signOptions = z
  .strictObject({
    ...commonOptions,
    artifacts: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe(
        'What to sign, of what ships: kinds or globs over names. By default archives, disk images, packages and installers; for `sign-checksums` the sums. Example: `["bundle-archive", "*.whl"]`',
      ),
    backend: z
      .enum(BACKENDS)
      .optional()
      .describe(
        'How to sign: `gpg` (OpenPGP, `.asc`), `minisign` (`.minisig`), `ssh` (`.sig`) or `sigstore` with a key of one’s own (`.sigstore.json`)',
      ),
    keyEnv: variable.optional().describe('Name of the environment variable that holds the secret key itself, not a path. Example: `RELEASE_KEY`'),
    passwordEnv: variable
      .optional()
      .describe('Name of the environment variable that holds the key’s password (`gpg`, `minisign`, `sigstore`). Example: `RELEASE_KEY_PASSWORD`'),
    fingerprint: z
      .string()
      .min(8)
      .optional()
      .describe(
        'The key that is expected: OpenPGP fingerprint (40 digits), public key of minisign (`RW…`), SSH fingerprint (`SHA256:…`), sigstore SHA-256 of the public key in DER',
      ),
    proof: proof.prefault({}).describe('What the proof of an application must have been, for it to be signed'),
    allowUnsigned: reason('Go on without a signature when there is no key, for this reason; it stands in the record. Example: `"no key yet"`'),
    allowUnproved: reason('Sign bundles whose proof is missing, red or too weak, for this reason; it stands in the record'),
    allowRemoteCache: reason('Sign what may have come from a remote cache, for this reason; it stands in the record'),
  })
  .superRefine(({ backend, keyEnv, passwordEnv }, context) => {
    const refuse = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (keyEnv !== undefined && backend === undefined) refuse('backend', 'the kind of key that `keyEnv` holds');
    if (backend === 'ssh' && passwordEnv !== undefined) refuse('passwordEnv', 'nothing: keys of `ssh` are taken without a passphrase only');
    if (passwordEnv !== undefined && passwordEnv === keyEnv) refuse('passwordEnv', 'another variable than `keyEnv`');
  });

export type SignOptions = z.output<typeof signOptions>;

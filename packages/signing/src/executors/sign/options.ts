import { commonOptions } from '@waybill/plugin-kit';
import { CHECKS, ISOLATION_CLASSES } from '@waybill/relocation';
import { z } from 'zod';
import { BACKENDS } from '../../backends';

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
      .enum([...BACKENDS, 'authenticode'])
      .optional()
      .describe(
        'How to sign: `gpg` (OpenPGP, `.asc`), `minisign` (`.minisig`), `ssh` (`.sig`), `sigstore` with a key of one’s own (`.sigstore.json`), or `authenticode`: every PE file inside of bundles for Windows, by osslsigncode',
      ),
    certificateEnv: variable
      .optional()
      .describe(
        '`authenticode`: name of the environment variable that holds the certificate: a PKCS#12 file in base64, or PEM (with the key, or the key in `keyEnv`). Example: `WINDOWS_CERTIFICATE`',
      ),
    keyEnv: variable
      .optional()
      .describe(
        'Name of the environment variable that holds the secret key itself, not a path; for `authenticode` a key in PEM. Example: `RELEASE_KEY`',
      ),
    passwordEnv: variable
      .optional()
      .describe(
        'Name of the environment variable that holds the key’s password (`gpg`, `minisign`, `sigstore`, `authenticode`). Example: `RELEASE_KEY_PASSWORD`',
      ),
    fingerprint: z
      .string()
      .min(8)
      .optional()
      .describe(
        'The key that is expected: OpenPGP fingerprint (40 digits), public key of minisign (`RW…`), SSH fingerprint (`SHA256:…`), sigstore SHA-256 of the public key in DER, Authenticode SHA-256 of the certificate',
      ),
    timestampUrls: z
      .array(z.url({ protocol: /^https?$/, error: 'an address that begins with `http://` or `https://`' }))
      .min(1)
      .optional()
      .describe(
        '`authenticode`: timestamp servers (RFC 3161), tried in this order for each file; needed, because a signature without timestamp ends with its certificate. Example: `["http://timestamp.digicert.com"]`',
      ),
    replace: z
      .array(
        z.strictObject({
          glob: z.string().min(1).describe('Glob over paths in the bundle (`*`, `**`, `?`, `{a,b}`). Example: `python/vendor/foo/**`'),
          reason: z.string().trim().min(1, 'an entry of `replace` needs a reason').describe('Why it is replaced; it stands in the record'),
        }),
      )
      .default([])
      .describe('`authenticode`: signatures of other makers that hold and are replaced all the same; without an entry they are kept'),
    osslsigncode: z
      .string()
      .min(1)
      .optional()
      .describe('`authenticode`: the program osslsigncode, by name or path, instead of WAYBILL_OSSLSIGNCODE or the one on PATH'),
    proof: proof.prefault({}).describe('What the proof of an application must have been, for it to be signed'),
    allowUnsigned: reason('Go on without a signature when there is no key, for this reason; it stands in the record. Example: `"no key yet"`'),
    allowUnproved: reason('Sign bundles whose proof is missing, red or too weak, for this reason; it stands in the record'),
    allowRemoteCache: reason('Sign what may have come from a remote cache, for this reason; it stands in the record'),
  })
  .superRefine((options, context) => {
    const { backend, keyEnv, certificateEnv, passwordEnv, timestampUrls, replace, osslsigncode } = options;
    const refuse = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (keyEnv !== undefined && backend === undefined) refuse('backend', 'the kind of key that `keyEnv` holds');
    if (backend === 'ssh' && passwordEnv !== undefined) refuse('passwordEnv', 'nothing: keys of `ssh` are taken without a passphrase only');
    const key = [keyEnv, certificateEnv];
    if (passwordEnv !== undefined && key.includes(passwordEnv)) refuse('passwordEnv', 'another variable than that of the key');
    if (certificateEnv !== undefined && certificateEnv === keyEnv) refuse('keyEnv', 'nothing: `certificateEnv` names the same variable');
    if (backend === 'authenticode') {
      if (timestampUrls === undefined && key.some((name) => name !== undefined)) refuse('timestampUrls', 'at least one timestamp server');
      return;
    }
    const alien = Object.entries({ certificateEnv, timestampUrls, osslsigncode, replace: replace.length > 0 ? replace : undefined });
    for (const [name, value] of alien) if (value !== undefined) refuse(name, 'nothing: it is for the backend `authenticode` only');
  });

export type SignOptions = z.output<typeof signOptions>;

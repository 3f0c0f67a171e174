import { z } from 'zod';
import type { ReleaseTargetsRequest } from './write-release-targets';

const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable');

/** How what ships is signed, for every generator that writes release targets. */
export const signingFields = {
  sign: z
    .enum(['gpg', 'minisign', 'ssh', 'sigstore'])
    .optional()
    .describe('Kind of the key that signs; without it targets say that they are unsigned, and why. Example: `minisign`'),
  keyEnv: variable.optional().describe('Name of the environment variable that holds the secret key, with `sign`; `RELEASE_KEY` when absent'),
  passwordEnv: variable.optional().describe('Name of the environment variable that holds the password of the key. Example: `RELEASE_KEY_PASSWORD`'),
  fingerprint: z.string().min(8).optional().describe('The key that is expected, as the option of the same name of `sign`'),
};

interface SigningGiven {
  sign?: string | undefined;
  keyEnv?: string | undefined;
  passwordEnv?: string | undefined;
  fingerprint?: string | undefined;
}

/** `keyEnv`, `passwordEnv` and `fingerprint` say nothing without `sign`. */
export function refuseKeyWithoutKind(given: SigningGiven, context: z.core.$RefinementCtx): void {
  const alone = (['keyEnv', 'passwordEnv', 'fingerprint'] as const).filter((key) => given[key] !== undefined);
  if (given.sign === undefined && alone.length > 0) {
    context.addIssue({
      code: 'custom',
      path: ['sign'],
      message: `the kind of key that \`${alone[0]!}\` is for: gpg, minisign, ssh or sigstore`,
      input: given.sign,
    });
  }
}

export function signingRequest({ sign, keyEnv = 'RELEASE_KEY', passwordEnv, fingerprint }: SigningGiven): Pick<ReleaseTargetsRequest, 'signing'> {
  if (sign === undefined) return {};
  return { signing: { backend: sign, keyEnv, ...(passwordEnv !== undefined && { passwordEnv }), ...(fingerprint !== undefined && { fingerprint }) } };
}

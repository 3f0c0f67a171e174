import { Secret } from '@waybill/core';
import type { StageContext } from '@waybill/plugin-kit';
import { backends, type DetachedSigner } from '../../backends';
import { signingErrors } from '../../errors/signing-errors';
import type { SignOptions } from './options';

/** The open key, or that there is none. */
export interface SignFacts {
  signer?: DetachedSigner;
}

type Context = StageContext<SignOptions>;

/** Everything that can be wrong with the key is found here, before anything is planned or written. */
export async function gatherKey(context: Context): Promise<SignFacts> {
  const { options, environment, dryRun } = context;
  const { backend, keyEnv, passwordEnv, passEnv } = options;
  const passed = [keyEnv, passwordEnv].find((name) => name !== undefined && passEnv.includes(name));
  if (passed !== undefined) throw signingErrors.error('SIGN_SECRET_PASSED', { variable: passed });
  const key = keyEnv === undefined ? undefined : environment[keyEnv];
  if (backend === undefined || keyEnv === undefined || !key?.trim()) {
    if (options.allowUnsigned !== undefined || dryRun) return {};
    throw signingErrors.error('SIGN_KEY_MISSING', { target: `${context.projectName}:${context.targetName}`, variable: keyEnv });
  }
  const password = passwordEnv === undefined ? undefined : environment[passwordEnv];
  const signer = await backends[backend].open({
    key: new Secret(key),
    variable: keyEnv,
    ...(password ? { password: new Secret(password) } : {}),
    ...(passwordEnv !== undefined && { passwordVariable: passwordEnv }),
    sourceDateEpoch: context.sourceDateEpoch,
  });
  checkFingerprint(signer, options);
  return { signer };
}

/** OpenPGP fingerprints are often written in groups of four digits. */
const comparable = (fingerprint: string, { backend }: SignOptions): string =>
  backend === 'gpg' ? fingerprint.replace(/^0x|\s/gi, '').toUpperCase() : fingerprint.trim();

function checkFingerprint({ fingerprint: actual }: DetachedSigner, options: SignOptions): void {
  const { fingerprint: expected, keyEnv } = options;
  if (expected === undefined || comparable(expected, options) === actual) return;
  throw signingErrors.error('SIGN_FINGERPRINT', { variable: keyEnv!, expected: comparable(expected, options), actual });
}

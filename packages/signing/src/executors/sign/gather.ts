import { Secret } from '@waybill/core';
import type { StageContext } from '@waybill/plugin-kit';
import { idTokenSource, SIGSTORE_AUDIENCE } from '@waybill/signatures';
import { gatherApple } from '../../apple/gather-apple';
import type { AppleIdentity } from '../../apple/open-identity';
import { gatherIdentity } from '../../authenticode/gather-identity';
import type { SigningIdentity } from '../../authenticode/open-identity';
import { storeText } from '../../authenticode/signers/jsign';
import { backends, type DetachedSigner } from '../../backends';
import { IDENTITY_VARIABLES, openKeyless } from '../../backends/open-keyless';
import { signingErrors } from '../../errors/signing-errors';
import { MAKE_CREDENTIAL } from '../../inside/credential-value';
import { readNamedFile } from '../../inside/read-named-file';
import type { SignOptions } from './options';

/** The open key, or that there is none. */
export interface SignFacts {
  signer?: DetachedSigner;
  identity?: SigningIdentity;
  apple?: AppleIdentity;
  /** Names of archives that hold an `.app`, where code for macOS is signed. */
  archivesWithApp?: ReadonlySet<string>;
}

type Context = StageContext<SignOptions>;

/** Everything that can be wrong with the key is found here, before anything is planned or written. */
export async function gatherKey(context: Context): Promise<SignFacts> {
  const { options, environment, dryRun } = context;
  const { backend, certificateEnv, keyEnv, passwordEnv, passEnv, adHoc, keystore, identityEnv } = options;
  if (adHoc) return {};
  if (options.keyless) return gatherKeyless(context, options.keyless);
  const passed = [certificateEnv, keyEnv, passwordEnv].find((name) => name !== undefined && passEnv.includes(name));
  if (passed !== undefined) throw signingErrors.error('SIGN_SECRET_PASSED', { variable: passed });
  const missing = [identityEnv, certificateEnv, keyEnv, ...(keystore ? [passwordEnv] : [])].find(
    (name) => name !== undefined && !environment[name]?.trim(),
  );
  const variable = keystore ? storeText(keystore) : (keyEnv ?? certificateEnv ?? identityEnv);
  if (backend === undefined || variable === undefined || missing !== undefined) {
    if (options.allowUnsigned !== undefined || dryRun) return {};
    if (keystore && missing !== undefined && missing === passwordEnv)
      throw signingErrors.error('SIGN_PASSWORD_MISSING', { variable: storeText(keystore), passwordVariable: passwordEnv });
    throw signingErrors.error('SIGN_KEY_MISSING', {
      target: `${context.projectName}:${context.targetName}`,
      variable: missing ?? variable,
      takes: takenBy(missing, options),
    });
  }
  const found = await openKey(context, backend, variable);
  checkFingerprint((found.signer ?? found.identity ?? found.apple)!.fingerprint, variable, options);
  return found;
}

/** What a variable that is not set has to hold, for the line that tells how to go on. */
function takenBy(variable: string | undefined, { backend, certificateEnv, identityEnv }: SignOptions): string {
  if (variable !== undefined && variable === identityEnv) return 'the thumbprint or name of the certificate';
  if (backend !== 'authenticode' && backend !== 'apple') return 'the secret key itself (not a path)';
  return variable === certificateEnv ? `the certificate (${MAKE_CREDENTIAL})` : 'the text of the key file (PEM), or its path,';
}

async function openKey(context: Context, backend: NonNullable<SignOptions['backend']>, variable: string): Promise<SignFacts> {
  if (backend === 'authenticode') return { identity: await gatherIdentity(context) };
  return backend === 'apple' ? { apple: await gatherApple(context) } : { signer: await openSigner(context, backend, variable) };
}

async function openSigner(
  { options, environment, sourceDateEpoch, workspaceRoot }: Context,
  backend: keyof typeof backends,
  variable: string,
): Promise<DetachedSigner> {
  const { passwordEnv } = options;
  // The value itself is not told: it may be a secret of another kind.
  if (readNamedFile(environment[variable]!.trim(), workspaceRoot) !== undefined) {
    const reason = 'it looks like a path, and the text of the file is what it takes';
    throw signingErrors.error('SIGN_KEY_FORMAT', { variable, backend, reason, make: backends[backend].make });
  }
  const password = passwordEnv === undefined ? undefined : environment[passwordEnv];
  return backends[backend].open({
    key: new Secret(environment[variable]!),
    variable,
    ...(password ? { password: new Secret(password) } : {}),
    ...(passwordEnv !== undefined && { passwordVariable: passwordEnv }),
    sourceDateEpoch,
  });
}

/** Without an identity it goes on where that is allowed, as without a key. */
async function gatherKeyless(context: Context, keyless: NonNullable<SignOptions['keyless']>): Promise<SignFacts> {
  const { options, environment, dryRun } = context;
  const passed = IDENTITY_VARIABLES.find((name) => options.passEnv.includes(name));
  if (passed !== undefined) throw signingErrors.error('SIGN_SECRET_PASSED', { variable: passed });
  const hasIdentity = typeof idTokenSource(SIGSTORE_AUDIENCE, environment) === 'string';
  if (!hasIdentity && (options.allowUnsigned !== undefined || dryRun)) return {};
  return { signer: await openKeyless(keyless, context) };
}

/** Fingerprints are often written in groups of digits. */
function comparable(fingerprint: string, { backend }: SignOptions): string {
  if (backend === 'gpg') return fingerprint.replace(/^0x|\s/gi, '').toUpperCase();
  return backend === 'authenticode' || backend === 'apple' ? fingerprint.replace(/[\s:]/g, '').toLowerCase() : fingerprint.trim();
}

function checkFingerprint(actual: string, variable: string, options: SignOptions): void {
  const { fingerprint: expected } = options;
  if (expected === undefined || comparable(expected, options) === actual) return;
  throw signingErrors.error('SIGN_FINGERPRINT', { variable, expected: comparable(expected, options), actual });
}

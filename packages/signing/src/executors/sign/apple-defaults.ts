import { CODESIGN } from '@waybill/core';
import { codeToolOf } from '../../apple/signers/code-signer';
import type { SignOptions } from './options';

/** As Apple’s codesign and rcodesign ask by themselves. */
export const APPLE_TIMESTAMPS = ['http://timestamp.apple.com/ts01'];
/** Names of a certificate of the keychain, as users have them in their environment. */
const IDENTITIES = ['SIGN_ID', 'CSC_NAME'];

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The options with what the backend `apple` takes when nothing else is said: Apple’s timestamp server, and the certificate in the variables that are usual in CI, or, on a Mac where
 * that is not set, the one of the keychain that SIGN_ID or CSC_NAME names.
 */
export function withAppleDefaults(options: SignOptions, variables: Variables = {}): SignOptions {
  if (options.backend !== 'apple' || options.adHoc) return options;
  const timestampUrls = options.timestampUrls ?? APPLE_TIMESTAMPS;
  if ((options.certificateEnv ?? options.keyEnv ?? options.identityEnv) !== undefined) return { ...options, timestampUrls };
  const readsKeychains = codeToolOf(options, process.platform).tool === CODESIGN && !variables['MACOS_CERT_P12']?.trim();
  const identityEnv = readsKeychains ? IDENTITIES.find((name) => variables[name]?.trim()) : undefined;
  if (identityEnv !== undefined) return { ...options, timestampUrls, identityEnv };
  return { ...options, timestampUrls, certificateEnv: 'MACOS_CERT_P12', passwordEnv: options.passwordEnv ?? 'MACOS_CERT_PASSWORD' };
}

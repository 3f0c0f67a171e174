import type { SignOptions } from './options';

/** As Apple’s codesign and rcodesign ask by themselves. */
const APPLE_TIMESTAMPS = ['http://timestamp.apple.com/ts01'];

/** The options with what the backend `apple` takes when nothing else is said: names of variables that are usual in CI, and Apple’s timestamp server. */
export function withAppleDefaults(options: SignOptions): SignOptions {
  if (options.backend !== 'apple' || options.adHoc) return options;
  const timestampUrls = options.timestampUrls ?? APPLE_TIMESTAMPS;
  if (options.certificateEnv !== undefined || options.keyEnv !== undefined) return { ...options, timestampUrls };
  return { ...options, timestampUrls, certificateEnv: 'MACOS_CERT_P12', passwordEnv: options.passwordEnv ?? 'MACOS_CERT_PASSWORD' };
}

import { signingErrors } from '../../errors/signing-errors';
import type { Credential } from '../../inside/credential';
import { MAKE_CREDENTIAL } from '../../inside/credential-value';
import type { IdentityNames } from '../open-identity';
import type { Identity } from './keychain-identities';

/** Of SHA-256 in DER: the digest of the files that OpenSSL 3 writes, which `security` takes for ones with a wrong password. */
const SHA256_MAC = Buffer.from('3031300d060960864801650304020105000420', 'hex');
const NEWER_PKCS12 =
  'it is a PKCS#12 file with the ciphers of OpenSSL 3, which macOS cannot open (it says “wrong password?”): write it with `openssl pkcs12 -export -legacy`, or use PEM';
const LOCKED = /errSecInternalComponent|User interaction is not allowed|errSecInteractionNotAllowed|-25308|errSecAuthFailed/i;

export const keychainRefusal = (keychain: string, said: string): Error => signingErrors.error('SIGN_KEYCHAIN', { keychain, said });

/** In what codesign said: that the key may not be used as things are. */
export const isKeychainFault = (said: string): boolean => LOCKED.test(said);

/** Why a certificate could not be put into a keychain: a wrong password and a file of another time have the same words. */
export function explainImport(said: string, credential: Credential, { variable, passwordVariable }: IdentityNames): Error {
  const format = (reason: string): Error => signingErrors.error('SIGN_KEY_FORMAT', { variable, backend: 'apple', reason, make: MAKE_CREDENTIAL });
  if (credential.kind === 'pkcs12' && /MAC verification failed|passphrase you entered is not correct/i.test(said)) {
    if (Buffer.from(credential.file.reveal(), 'base64').includes(SHA256_MAC)) return format(NEWER_PKCS12);
    return credential.password === undefined
      ? signingErrors.error('SIGN_PASSWORD_MISSING', { variable, passwordVariable })
      : signingErrors.error('SIGN_PASSWORD_WRONG', { variable, passwordVariable: passwordVariable! });
  }
  return /Unknown format|Unable to decode/i.test(said)
    ? format('what it holds is damaged: macOS cannot read it')
    : keychainRefusal('a keychain of its own', said);
}

/** A keychain with one certificate has one identity, or something is wrong with what was put into it. */
export function notOne(found: readonly Identity[], { variable }: IdentityNames): Error {
  const reason =
    found.length === 0
      ? 'there is no certificate with its key in it'
      : `there are ${found.length} certificates with keys in it, and nobody can tell which is meant: ${found.map(({ name }) => `\`${name}\``).join(', ')}`;
  return signingErrors.error('SIGN_KEY_FORMAT', { variable, backend: 'apple', reason, make: MAKE_CREDENTIAL });
}

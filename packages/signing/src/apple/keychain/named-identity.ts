import { signingErrors } from '../../errors/signing-errors';
import { keychainRefusal } from './explain-keychain';
import { keychainIdentities, type Identity } from './keychain-identities';
import { SecurityRefusal, type KeychainPorts } from './security';

/** Which identity of the keychains of this user is meant: by SHA-1 of the certificate, or by its name, whole or in part as codesign takes it. A part that fits one for code and one for packages means the former. */
export interface KeychainKey {
  kind: 'keychain';
  named: string;
  /** The variable that names it. */
  variable: string;
}

const FIND =
  '`security find-identity -v -p codesigning` lists them, and those for packages `security find-identity -v -p basic`; the 40 digits before a name are sure';

/** `SIGN_IDENTITY`, `SIGN_KEYCHAIN`. */
export async function namedIdentity({ named, variable }: KeychainKey, ports: KeychainPorts): Promise<Identity> {
  const there = await keychainIdentities(ports).catch((error: unknown) => {
    throw error instanceof SecurityRefusal ? keychainRefusal('the keychain of this user', error.said) : error;
  });
  const digits = named.replace(/[\s:]/g, '').toUpperCase();
  const exact = there.filter(({ sha1, name }) => sha1 === digits || name === named.trim());
  const parts = there.filter(({ name }) => name.includes(named.trim()));
  const forCode = parts.filter(({ purpose }) => purpose === 'application');
  const found = [exact, forCode, parts].find(({ length }) => length > 0) ?? [];
  if (found.length === 1) return found[0]!;
  const listed = (found.length === 0 ? there : found).map(({ sha1, name }) => `\`${name}\` ${sha1}`).join(', ');
  const reason =
    found.length > 1
      ? `${found.length} in the keychains of this user fit: ${listed}`
      : `none in the keychains of this user fits; there ${there.length === 0 ? 'is none for code signing' : `is ${listed}`}`;
  throw signingErrors.error('SIGN_IDENTITY', { variable, reason, find: FIND });
}

import { security, type KeychainPorts } from './security';

/** A certificate with its key. */
export interface Identity {
  /** Of the certificate, 40 capital digits. */
  sha1: string;
  /** Common name: `Developer ID Application: Example Ltd (TEAM123456)`. */
  name: string;
  /** What it may sign: code and disk images, or packages. */
  purpose: 'application' | 'installer';
}

const LINE = /^\s*\d+\) ([0-9A-F]{40}) "(.*)"/gm;
/** Names of certificates for packages, as Apple gives them; those of other people’s authorities are found in a keychain of their own alone. */
const INSTALLER = /\bInstaller\b/;

/**
 * Each identity of a keychain, or of all that are searched, for code signing, then those for packages, which `security` does not count among the former; those too that nobody
 * trusts here (without the certificates above them none is valid in a keychain by itself). Throws `SecurityRefusal`.
 */
export async function keychainIdentities(ports: KeychainPorts, keychain?: string): Promise<readonly Identity[]> {
  const applications = await find(ports, 'codesigning', keychain);
  const others = (await find(ports, 'basic', keychain)).filter(({ sha1 }) => !applications.some((one) => one.sha1 === sha1));
  const installers = others.filter(({ name }) => keychain !== undefined || INSTALLER.test(name));
  return [
    ...applications.map((one) => ({ ...one, purpose: 'application' as const })),
    ...installers.map((one) => ({ ...one, purpose: 'installer' as const })),
  ];
}

async function find(ports: KeychainPorts, policy: 'codesigning' | 'basic', keychain?: string): Promise<readonly Omit<Identity, 'purpose'>[]> {
  const text = await security(ports, ['find-identity', '-p', policy, ...(keychain === undefined ? [] : [keychain])]);
  const found = [...text.matchAll(LINE)].map(([, sha1, name]) => ({ sha1: sha1!, name: name! }));
  return [...new Map(found.map((identity) => [identity.sha1, identity])).values()];
}

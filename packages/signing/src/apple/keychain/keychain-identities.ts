import { security, type KeychainPorts } from './security';

/** A certificate with its key, for code signing. */
export interface Identity {
  /** Of the certificate, 40 capital digits. */
  sha1: string;
  /** Common name: `Developer ID Application: Example Ltd (TEAM123456)`. */
  name: string;
}

const LINE = /^\s*\d+\) ([0-9A-F]{40}) "(.*)"/gm;

/**
 * Each identity for code signing of a keychain, or of all that are searched; those too that nobody trusts here (without the certificates above them none is valid in
 * a keychain by itself). Throws `SecurityRefusal`.
 */
export async function keychainIdentities(ports: KeychainPorts, keychain?: string): Promise<readonly Identity[]> {
  const text = await security(ports, ['find-identity', '-p', 'codesigning', ...(keychain === undefined ? [] : [keychain])]);
  const found = [...text.matchAll(LINE)].map(([, sha1, name]) => ({ sha1: sha1!, name: name! }));
  return [...new Map(found.map((identity) => [identity.sha1, identity])).values()];
}

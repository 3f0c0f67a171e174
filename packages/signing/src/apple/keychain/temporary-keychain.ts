import { createPrivateKey, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atProcessEnd, ownedName, removeLeftovers, removeTree } from '@waybill/core';
import type { Credential } from '../../inside/credential';
import { withSecretFiles } from '../../inside/secret-files';
import type { IdentityNames } from '../open-identity';
import { explainImport, keychainRefusal, notOne } from './explain-keychain';
import { keychainIdentities, type Identity } from './keychain-identities';
import { addToSearchList, KEYCHAIN_FILE, KEYCHAIN_FOLDER, removeFromSearchList } from './search-list';
import { security, SecurityRefusal, securitySecretly, type KeychainPorts } from './security';

/** Who may use the key without a question to somebody at the screen: Apple’s programs. */
const PARTITIONS = 'apple-tool:,apple:,codesign:';

export interface OpenKeychain {
  /** Absolute path. */
  keychain: string;
  identity: Identity;
}

/**
 * A keychain with one certificate and its key, for the time of `work`, in a folder that only this user may enter, with a password that nobody knows. It does not lock itself. It
 * goes whatever happens, and the list of keychains that are searched is as it was: also when a signal ends this process; what a run that was killed outright has left
 * goes with the next one. `SIGN_KEY_…`, `SIGN_PASSWORD_…`, `SIGN_KEYCHAIN`.
 */
export async function withTemporaryKeychain<T>(
  credential: Credential,
  ports: KeychainPorts,
  names: IdentityNames,
  work: (open: OpenKeychain) => Promise<T>,
): Promise<T> {
  const place = join(tmpdir(), KEYCHAIN_FOLDER);
  await removeLeftovers(place);
  const folder = ownedName(place, 'staging');
  const keychain = join(folder, KEYCHAIN_FILE);
  const removeNow = (): void => rmSync(folder, { recursive: true, force: true });
  // Deleting takes it out of the list too; the folder goes behind that.
  const { path: file, prefixArgs } = ports.security;
  const forget = atProcessEnd({ file, args: [...prefixArgs, 'delete-keychain', keychain], env: ports.environment });
  process.once('exit', removeNow);
  try {
    await mkdir(folder, { mode: 0o700 });
    return await work({ keychain, identity: await fill(credential, keychain, ports, names) });
  } finally {
    await remove(keychain, ports);
    await removeTree(folder);
    forget();
    process.removeListener('exit', removeNow);
  }
}

async function fill(credential: Credential, keychain: string, ports: KeychainPorts, names: IdentityNames): Promise<Identity> {
  const password = randomBytes(32).toString('hex');
  const secretly = (args: readonly string[]): Promise<void> => securitySecretly(ports, args, names.variable);
  try {
    await secretly(['create-keychain', '-p', password, keychain]);
    // Without a time: it would lock itself after five minutes, and the next file would wait for somebody at the screen.
    await security(ports, ['set-keychain-settings', keychain]);
    await secretly(['unlock-keychain', '-p', password, keychain]);
    await importKey(credential, keychain, ports, names);
    await secretly(['set-key-partition-list', '-S', PARTITIONS, '-s', '-k', password, keychain]);
    await addToSearchList(ports, keychain);
    const found = await keychainIdentities(ports, keychain);
    if (found.length !== 1) throw notOne(found, names);
    return found[0]!;
  } catch (error) {
    throw error instanceof SecurityRefusal ? keychainRefusal('a keychain of its own', error.said) : error;
  }
}

/** PKCS#12 with its password; PEM key and certificates, each in a file of its own. Keys are given to the programs that sign alone. */
async function importKey(credential: Credential, keychain: string, ports: KeychainPorts, names: IdentityNames): Promise<void> {
  const programs = [ports.tool, ports.productsign].flatMap(({ path }) => ['-T', path]);
  const into = (file: string): readonly string[] => ['import', file, '-k', keychain, ...programs];
  try {
    if (credential.kind === 'pkcs12') {
      const files = { 'key.p12': Buffer.from(credential.file.reveal(), 'base64') };
      const password = credential.password?.reveal() ?? '';
      await withSecretFiles(files, (paths) => securitySecretly(ports, [...into(paths['key.p12']), '-f', 'pkcs12', '-P', password], names.variable));
      return;
    }
    const blocks = credential.certificates.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n?/g) ?? [];
    const certificates = Object.fromEntries(blocks.map((text, index) => [`certificate-${index}.pem`, text]));
    const files: Record<string, string> = { 'key.pem': traditional(credential.plainKey.reveal()), ...certificates };
    await withSecretFiles(files, async (paths) => {
      for (const path of Object.values<string>(paths)) await security(ports, into(path));
    });
  } catch (error) {
    throw error instanceof SecurityRefusal ? explainImport(error.said, credential, names) : error;
  }
}

/** The form that `security` has always read: `BEGIN RSA PRIVATE KEY`, `BEGIN EC PRIVATE KEY`. */
function traditional(pem: string): string {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' }) as string;
  return key.asymmetricKeyType === 'ec' ? (key.export({ type: 'sec1', format: 'pem' }) as string) : pem;
}

/** One that was never made is no fault here; that another fault may come first must not leave it. */
async function remove(keychain: string, ports: KeychainPorts): Promise<void> {
  for (const step of [() => security(ports, ['delete-keychain', keychain]), () => removeFromSearchList(ports, keychain)])
    await step().catch((error: unknown) => {
      if (!(error instanceof SecurityRefusal)) throw error;
    });
}

import { existsSync } from 'node:fs';
import { security, type KeychainPorts } from './security';

/** Name of the keychain of a run, in a folder that is named by its process. */
export const KEYCHAIN_FILE = 'signing.keychain-db';
export const KEYCHAIN_FOLDER = 'waybill-keychain';

const OURS = new RegExp(`/\\.${KEYCHAIN_FOLDER}\\.[^/]+/${KEYCHAIN_FILE.replaceAll('.', '\\.')}$`);

/** Keychains in which the user’s certificates are looked for, without those of runs that were killed and are gone. */
async function searchList(ports: KeychainPorts): Promise<readonly string[]> {
  const text = await security(ports, ['list-keychains', '-d', 'user']);
  const paths = [...text.matchAll(/^\s*"(.*)"\s*$/gm)].map(([, path]) => path!);
  return paths.filter((path) => !OURS.test(path) || existsSync(path));
}

const write = (ports: KeychainPorts, paths: readonly string[]): Promise<string> => security(ports, ['list-keychains', '-d', 'user', '-s', ...paths]);

/** A chain of certificates is looked for in these keychains alone, also where one is named to codesign. */
export async function addToSearchList(ports: KeychainPorts, keychain: string): Promise<void> {
  await write(ports, [keychain, ...(await searchList(ports))]);
}

/** What else came into the list, or went, meanwhile, stays so. macOS shows paths below `/private`. */
export async function removeFromSearchList(ports: KeychainPorts, keychain: string): Promise<void> {
  const now = await searchList(ports);
  const rest = now.filter((path) => path !== keychain && path !== `/private${keychain}`);
  if (rest.length < now.length) await write(ports, rest);
}

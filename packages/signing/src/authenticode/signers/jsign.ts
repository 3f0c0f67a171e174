import type { Secret } from '@waybill/core';
import { runSigner, type Answer, type ToolPorts } from '../../inside/run-signer';
import { withSecretFiles } from '../../inside/secret-files';
import type { SignPe, SignRequest } from '../osslsigncode';
import { signCopy } from './sign-copy';

/** Key stores whose `name` is a file: PKCS#11 is told of its library in one. */
export const FILE_STORES = ['PKCS11', 'PKCS12', 'JKS'] as const;
/** As jsign 7.4 names them. */
export const STORE_TYPES = [
  ...FILE_STORES,
  ...(['CRYPTOCERTUM', 'ETOKEN', 'NITROKEY', 'OPENPGP', 'OPENSC', 'PIV', 'YUBIKEY'] as const),
  ...(['AWS', 'AZUREKEYVAULT', 'DIGICERTONE', 'ESIGNER', 'GARASIGN', 'GOOGLECLOUD', 'HASHICORPVAULT'] as const),
  ...(['ORACLECLOUD', 'SIGNPATH', 'SIGNSERVER', 'TRUSTEDSIGNING'] as const),
] as const;

/** A key that stays where it is: in a token, or with a service that signs with it. */
export interface StoreKey {
  kind: 'store';
  type: (typeof STORE_TYPES)[number];
  /** What jsign takes as key store: of `FILE_STORES` an absolute path. */
  name: string;
  alias?: string;
  /** PIN, password or credentials, by which the store is opened. */
  password?: Secret;
  /** In PEM, the signer’s first: for stores that hold keys alone. */
  certificates?: string;
}

/** For people. */
export const storeText = ({ type, name }: Pick<StoreKey, 'type' | 'name'>): string => `the key store \`${name}\` (${type})`;

/** The password lies in a 0600 file while `work` runs; command lines hold its path alone. Each file is signed in a process of its own. */
export function withJsign<T>(key: StoreKey, ports: ToolPorts, work: (sign: SignPe) => Promise<T>): Promise<T> {
  const { type, name, alias, password, certificates } = key;
  const files: Record<string, string> = {
    ...(password !== undefined && { password: password.reveal() }),
    ...(certificates !== undefined && { 'certificates.pem': certificates }),
  };
  return withSecretFiles(files, (paths) => {
    const store = [
      ...['--keystore', name, '--storetype', type],
      ...(alias === undefined ? [] : ['--alias', alias]),
      ...(password === undefined ? [] : ['--storepass', `file:${paths['password']!}`]),
      ...(certificates === undefined ? [] : ['--certfile', paths['certificates.pem']!]),
    ];
    return work((request) => signInStore(request, store, ports));
  });
}

/** Whoever calls tries again. */
function signInStore(request: SignRequest, store: readonly string[], ports: ToolPorts): Promise<Answer> {
  const { timestampUrl } = request;
  const stamp = timestampUrl === undefined ? [] : ['--tsaurl', timestampUrl, '--tsmode', 'RFC3161', '--tsretries', '1', '--tsretrywait', '1'];
  return signCopy(request, (copy) => runSigner(ports, ['sign', ...store, '--alg', 'SHA-256', '--replace', ...stamp, copy]));
}

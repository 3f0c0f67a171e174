import { chmod, copyFile, readFile } from 'node:fs/promises';
import type { Credential } from '../../inside/credential';
import { runSigner, type Answer } from '../../inside/run-signer';
import { NO_ENTITLEMENTS } from '../entitlements';
import { isKeychainFault, keychainRefusal } from '../keychain/explain-keychain';
import type { Identity } from '../keychain/keychain-identities';
import { namedIdentity, type KeychainKey } from '../keychain/named-identity';
import { withTemporaryKeychain } from '../keychain/temporary-keychain';
import type { KeychainPorts } from '../keychain/security';
import type { IdentityNames } from '../open-identity';
import type { SealBundleRequest, SignAll, SignCodeRequest, SignPackageRequest } from '../rcodesign';
import { productsignArguments } from './productsign';

/** An identity of a keychain, whose key may be used. */
export interface OpenIdentity extends Identity {
  /** Where it alone is looked for, absolute; absent: in all keychains that are searched. */
  keychain?: string;
}

/**
 * Apple’s codesign, and productsign for packages, with a key of the user’s keychains, or one that is put into a keychain of its own while `work` runs; without a key it signs ad-hoc. codesign signs in
 * place, so it is given the output, as a copy that may be written.
 */
export function withCodesign<T>(
  key: Credential | KeychainKey | undefined,
  ports: KeychainPorts,
  names: IdentityNames,
  work: (sign: SignAll, opened?: OpenIdentity) => Promise<T>,
): Promise<T> {
  const signBy =
    (identity: readonly string[]): SignAll =>
    async (request) => {
      if ('package' in request) return signPackage(request, identity, ports);
      if (!('bundle' in request)) {
        await copyFile(request.input, request.output);
        await chmod(request.output, 0o600);
      }
      return runSigner(ports, await codesignArguments(request, identity));
    };
  if (key === undefined) return work(signBy(['--sign', '-']));
  if (key.kind === 'keychain') return namedIdentity(key, ports).then((identity) => work(signBy(['--sign', identity.sha1]), identity));
  return withTemporaryKeychain(key, ports, names, ({ keychain, identity }) =>
    work(signBy(['--sign', identity.sha1, '--keychain', keychain]), { ...identity, keychain }),
  );
}

/** Its key is tried by the first package: a keychain that does not give it is told here. */
async function signPackage(request: SignPackageRequest, identity: readonly string[], ports: KeychainPorts): Promise<Answer> {
  const answer = await runSigner({ ...ports, tool: ports.productsign }, productsignArguments(request, identity));
  if (!answer.ok && isKeychainFault(answer.said)) throw keychainRefusal('the keychain of this user', answer.said);
  return answer;
}

/**
 * Of an older signature nothing is kept: what is not said is not there. The team is that of the certificate; of a bundle the property list says the identifier. Never
 * `--deep`: what lies in a bundle was signed before, each file with settings of its own.
 */
export async function codesignArguments(request: SignCodeRequest | SealBundleRequest, identity: readonly string[]): Promise<readonly string[]> {
  const { hardenedRuntime, entitlements, timestampUrl } = request;
  const hasAny = entitlements !== undefined && (await readFile(entitlements, 'utf8')) !== NO_ENTITLEMENTS;
  return [
    ...['--force', ...identity, `--timestamp=${timestampUrl ?? 'none'}`],
    ...('bundle' in request ? [] : ['--identifier', request.identifier]),
    ...(hardenedRuntime ? ['--options', 'runtime'] : []),
    ...(hasAny ? ['--entitlements', entitlements] : []),
    'bundle' in request ? request.bundle : request.output,
  ];
}

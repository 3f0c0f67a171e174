import type { Credential } from '../inside/credential';
import { runSigner, type Answer, type ToolPorts } from '../inside/run-signer';
import { withSecretFiles } from '../inside/secret-files';

export interface SignCodeRequest {
  input: string;
  /** Must not be the input. */
  output: string;
  identifier: string;
  /** Ten letters and digits. */
  team?: string | undefined;
  hardenedRuntime: boolean;
  /** Absolute path of a property list. */
  entitlements?: string | undefined;
  /** A server of RFC 3161; none: no timestamp. */
  timestampUrl?: string | undefined;
}

/** A bundle, signed in place: its seal is written, and its program signed with it. What lies in it stays as it is. */
export interface SealBundleRequest extends Pick<SignCodeRequest, 'team' | 'hardenedRuntime' | 'entitlements' | 'timestampUrl'> {
  /** Absolute path of its folder. */
  bundle: string;
}

/** rcodesign signs packages too. */
export type SignAll = (request: SignCodeRequest | SealBundleRequest | SignPackageRequest) => Promise<Answer>;

/** A package for Apple’s Installer: the certificate alone says who signs. */
export interface SignPackageRequest extends Pick<SignCodeRequest, 'input' | 'output' | 'timestampUrl'> {
  package: true;
}

/** The tool with its key at hand. */
export type SignCode = (request: SignCodeRequest | SealBundleRequest) => Promise<Answer>;

/**
 * Key and password lie in 0600 files while `work` runs; command lines hold their paths alone. Without a credential it signs ad-hoc. The tool would apply a
 * `rcodesign.toml` of the working folder in silence, hence the empty configuration.
 */
export function withRcodesign<T>(credential: Credential | undefined, ports: ToolPorts, work: (sign: SignAll) => Promise<T>): Promise<T> {
  const run = (secrets: readonly string[]): Promise<T> => work((request) => runSigner(ports, argumentsOf(request, secrets)));
  if (credential === undefined) return run([]);
  if (credential.kind === 'pem') {
    const files = { 'key.pem': credential.plainKey.reveal(), 'certificates.pem': credential.certificates };
    return withSecretFiles(files, (paths) => run(['--pem-file', paths['key.pem'], '--pem-file', paths['certificates.pem']]));
  }
  const files = { 'key.p12': Buffer.from(credential.file.reveal(), 'base64'), password: credential.password?.reveal() ?? '' };
  return withSecretFiles<'key.p12' | 'password', T>(files, (paths) => run(['--p12-file', paths['key.p12'], '--p12-password-file', paths.password]));
}

/**
 * Team, identifier, flags and entitlements are always said: what an older signature has is kept otherwise, and the default identifier is cut at a dot. Of a bundle
 * the property list says the identifier.
 */
export function argumentsOf(request: SignCodeRequest | SealBundleRequest | SignPackageRequest, secrets: readonly string[]): readonly string[] {
  if ('package' in request)
    return ['sign', '-C', '/dev/null', ...secrets, '--timestamp-url', request.timestampUrl ?? 'none', request.input, request.output];
  const { team, hardenedRuntime, entitlements, timestampUrl } = request;
  return [
    ...['sign', '-C', '/dev/null', ...secrets, '--timestamp-url', timestampUrl ?? 'none'],
    ...('bundle' in request ? NOTHING_INSIDE : ['--binary-identifier', request.identifier]),
    ...(team === undefined ? [] : ['--team-name', team]),
    ...(hardenedRuntime ? ['--code-signature-flags', 'runtime'] : []),
    ...(entitlements === undefined ? [] : ['--entitlements-xml-file', entitlements]),
    ...('bundle' in request ? [request.bundle] : [request.input, request.output]),
  ];
}

/** What lies in a bundle was signed before, each file with settings of its own; it is sealed as it is. */
const NOTHING_INSIDE = ['--shallow', '--exclude', '**'];

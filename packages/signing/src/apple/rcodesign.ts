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

/** The tool with its key at hand. */
export type SignCode = (request: SignCodeRequest) => Promise<Answer>;

/**
 * Key and password lie in 0600 files while `work` runs; command lines hold their paths alone. Without a credential it signs ad-hoc. The tool would apply a
 * `rcodesign.toml` of the working folder in silence, hence the empty configuration.
 */
export function withRcodesign<T>(credential: Credential | undefined, ports: ToolPorts, work: (sign: SignCode) => Promise<T>): Promise<T> {
  const run = (secrets: readonly string[]): Promise<T> => work((request) => runSigner(ports, argumentsOf(request, secrets)));
  if (credential === undefined) return run([]);
  if (credential.kind === 'pem') {
    const files = { 'key.pem': credential.plainKey.reveal(), 'certificates.pem': credential.certificates };
    return withSecretFiles(files, (paths) => run(['--pem-file', paths['key.pem'], '--pem-file', paths['certificates.pem']]));
  }
  const files = { 'key.p12': Buffer.from(credential.file.reveal(), 'base64'), password: credential.password?.reveal() ?? '' };
  return withSecretFiles<'key.p12' | 'password', T>(files, (paths) => run(['--p12-file', paths['key.p12'], '--p12-password-file', paths.password]));
}

/** Team, identifier, flags and entitlements are always said: what an older signature has is kept otherwise, and the default identifier is cut at a dot. */
export function argumentsOf(
  { input, output, identifier, team, hardenedRuntime, entitlements, timestampUrl }: SignCodeRequest,
  secrets: readonly string[],
): readonly string[] {
  return [
    ...['sign', '-C', '/dev/null', ...secrets, '--timestamp-url', timestampUrl ?? 'none', '--binary-identifier', identifier],
    ...(team === undefined ? [] : ['--team-name', team]),
    ...(hardenedRuntime ? ['--code-signature-flags', 'runtime'] : []),
    ...(entitlements === undefined ? [] : ['--entitlements-xml-file', entitlements]),
    input,
    output,
  ];
}

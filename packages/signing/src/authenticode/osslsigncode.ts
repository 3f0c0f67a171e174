import { runSigner, type Answer, type ToolPorts } from '../inside/run-signer';
import type { Credential } from '../inside/credential';
import { withSecretFiles } from '../inside/secret-files';

export interface SignRequest {
  input: string;
  /** Must not be there yet: the tool overwrites nothing. */
  output: string;
  /** A server of RFC 3161; none: no timestamp. The tool takes several, and never comes to the second while the first lets it hang. */
  timestampUrl?: string | undefined;
  /** Covers names, sizes and times of what an installer holds too, not its content alone. */
  installer?: boolean;
}

/** The tool with its key at hand. */
export type SignPe = (request: SignRequest) => Promise<Answer>;

/**
 * Key and password lie in 0600 files while `work` runs; command lines hold their paths alone. A key in PEM is given as it was opened here: the tool takes the line
 * breaks off the end of a password.
 */
export function withOsslsigncode<T>(credential: Credential, ports: ToolPorts, work: (sign: SignPe) => Promise<T>): Promise<T> {
  const password = credential.kind === 'pkcs12' ? credential.password : undefined;
  const files = {
    ...(credential.kind === 'pkcs12'
      ? { 'key.p12': Buffer.from(credential.file.reveal(), 'base64') }
      : { 'certificates.pem': credential.certificates, 'key.pem': credential.plainKey.reveal() }),
    ...(password === undefined ? {} : { password: password.reveal() }),
  } as Record<string, string | Uint8Array>;
  return withSecretFiles(files, (paths) => {
    const pair = ['-certs', paths['certificates.pem']!, '-key', paths['key.pem']!];
    const key = credential.kind === 'pkcs12' ? ['-pkcs12', paths['key.p12']!] : pair;
    const secrets = [...key, ...(password === undefined ? [] : ['-readpass', paths['password']!])];
    return work(({ input, output, timestampUrl, installer = false }) => {
      const stamp = timestampUrl === undefined ? [] : ['-ts', timestampUrl];
      const metadata = installer ? ['-add-msi-dse'] : [];
      return runSigner(ports, ['sign', ...secrets, '-h', 'sha256', ...metadata, ...stamp, '-in', input, '-out', output]);
    });
  });
}

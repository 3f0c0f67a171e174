import { runTool, WaybillError, type Processes, type ResolvedTool } from '@waybill/core';
import type { Credential } from './credential';
import { withSecretFiles } from './secret-files';

/** How the tool is run. It sees no variable that holds a secret. */
export interface ToolPorts {
  processes: Processes;
  tool: ResolvedTool;
  environment: Readonly<Record<string, string>>;
  timeoutMs: number;
}

/** What the tool answered; `said` is its output and how it ended. */
export type Answer = { ok: true } | { ok: false; said: string; error: WaybillError };

export interface SignRequest {
  input: string;
  /** Must not be there yet: the tool overwrites nothing. */
  output: string;
  /** Servers of RFC 3161, tried in this order. None: no timestamp. */
  timestampUrls: readonly string[];
}

/** The tool with its key at hand. */
export type SignPe = (request: SignRequest) => Promise<Answer>;

/** Key and password lie in 0600 files while `work` runs; command lines hold their paths alone. */
export function withOsslsigncode<T>(credential: Credential, ports: ToolPorts, work: (sign: SignPe) => Promise<T>): Promise<T> {
  const { password } = credential;
  const files = {
    ...(credential.kind === 'pkcs12'
      ? { 'key.p12': Buffer.from(credential.file.reveal(), 'base64') }
      : { 'certificates.pem': credential.certificates, 'key.pem': credential.key.reveal() }),
    ...(password === undefined ? {} : { password: password.reveal() }),
  } as Record<string, string | Uint8Array>;
  return withSecretFiles(files, (paths) => {
    const pair = ['-certs', paths['certificates.pem']!, '-key', paths['key.pem']!];
    const key = credential.kind === 'pkcs12' ? ['-pkcs12', paths['key.p12']!] : pair;
    const secrets = [...key, ...(password === undefined ? [] : ['-readpass', paths['password']!])];
    return work(({ input, output, timestampUrls }) =>
      answerOf(ports, ['sign', ...secrets, '-h', 'sha256', ...timestampUrls.flatMap((url) => ['-ts', url]), '-in', input, '-out', output]),
    );
  });
}

async function answerOf({ processes, tool, environment, timeoutMs }: ToolPorts, args: readonly string[]): Promise<Answer> {
  try {
    await runTool(processes, tool, args, { env: environment, timeoutMs });
    return { ok: true };
  } catch (error) {
    if (!(error instanceof WaybillError) || !['PROCESS_FAILED', 'PROCESS_TIMEOUT'].includes(error.code)) throw error;
    return { ok: false, said: [error.message, ...error.details.slice(1)].join('\n'), error };
  }
}
